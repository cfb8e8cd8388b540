"""The strict form of a schema, which binds the model to it: every property required, absence written as null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clientkit.schema import Schema, mapped


def strict_form(schema: Mapping[str, Any]) -> Schema:
    """The schema in strict form. Raises ValueError where it allows free keys, which the strict form cannot say."""
    return dict(mapped({"type": "object", "properties": {}, **schema}, _strict))


def without_stand_ins(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The value without the nulls that stand for properties left out, as the plain schema wants it."""
    target = _branch(value, _resolved(schema, root), root)
    if isinstance(value, list):
        return [without_stand_ins(item, target.get("items") or {}, root) for item in value]
    if not isinstance(value, dict):
        return value
    properties, required = target.get("properties", {}), target.get("required", [])
    kept = {
        name: inner
        for name, inner in value.items()
        if inner is not None or name in required or name not in properties or _takes_null(properties[name], root)
    }
    return {name: without_stand_ins(inner, properties.get(name) or {}, root) for name, inner in kept.items()}


def _branch(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema, or, where it is a union, that part of it which the value is of; told by names and constants alone."""
    parts = [_resolved(part, root) for keyword in ("anyOf", "oneOf") for part in schema.get(keyword, [])]
    parts = [part for part in parts if part.get("type") != "null"]
    if len(parts) == 1:
        return _branch(value, parts[0], root)
    return next((part for part in parts if _is_of(value, part)), schema)


def _is_of(value: Any, schema: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict):
        return isinstance(value, list) and "items" in schema
    properties = schema.get("properties", {})
    constants = {name: inner["const"] for name, inner in properties.items() if "const" in inner}
    return (
        value.keys() <= properties.keys()
        and value.keys() >= set(schema.get("required", []))
        and all(value.get(name, constant) == constant for name, constant in constants.items())
    )


def _strict(schema: Schema) -> Schema:
    plain = {keyword: value for keyword, value in schema.items() if keyword != "default"}
    if plain.get("type") != "object" and "properties" not in plain:
        return plain
    if plain.get("additionalProperties"):
        raise ValueError("the strict form cannot say that an object takes any key: name its properties, or drop strict")
    properties, required = plain.get("properties", {}), plain.get("required", [])
    return {
        **plain,
        "properties": {name: inner if name in required else _or_null(inner) for name, inner in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    if _takes_null(schema, {}):
        return schema
    about = {"description": schema["description"]} if "description" in schema else {}
    bare = {keyword: value for keyword, value in schema.items() if keyword != "description"}
    return {**about, "anyOf": [bare, {"type": "null"}]}


def _takes_null(schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    target = _resolved(schema, root)
    kinds = target.get("type", [])
    if "null" in ([kinds] if isinstance(kinds, str) else kinds) or None in target.get("enum", []):
        return True
    return any(_takes_null(inner, root) for keyword in ("anyOf", "oneOf") for inner in target.get(keyword, []))


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference into the same document names."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    target: Any = root
    for step in reference[2:].split("/"):
        target = target.get(step, {})
    return dict(target)
