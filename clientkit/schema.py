"""JSON Schemas of tools: without noise, closed to parameters they do not name, and in the API's strict form.

In the strict form every property is required, and null stands for one that is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

_NAMED_SCHEMAS = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})
_SCHEMA_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_ONE_SCHEMA = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties"}
)
_LEAVES_OPEN = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties", "$ref", "if"})
_COMPOSED = frozenset({"anyOf", "oneOf", "allOf"})


def map_schema(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """The schema with `change` made to it and to every schema in it, from the inside out."""
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for keyword, value in schema.items():
        if keyword in _NAMED_SCHEMAS and isinstance(value, dict):
            result[keyword] = {name: map_schema(inner, change) for name, inner in value.items()}
        elif keyword in _SCHEMA_LISTS and isinstance(value, list):
            result[keyword] = [map_schema(inner, change) for inner in value]
        elif keyword in _ONE_SCHEMA:
            result[keyword] = map_schema(value, change)
        else:
            result[keyword] = value
    return change(result)


def without_noise(schema: Mapping[str, Any]) -> Schema:
    """The schema without titles, which only repeat names, and without defaults that JSON has no words for."""

    def quiet(inner: Schema) -> Schema:
        return {key: value for key, value in inner.items() if key != "title" and not _is_no_json(value)}

    return dict(map_schema(schema, quiet))


def _is_no_json(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def close_objects(schema: Mapping[str, Any]) -> Schema:
    """The schema in which no object takes a property that it does not name, unless it says that it does.

    What is put together with `allOf` stays open, for each part knows only its own names.
    """
    if _uses_all_of(schema):
        return dict(schema)
    return dict(map_schema(schema, _close_object))


def _close_object(schema: Schema) -> Schema:
    if "properties" not in schema or schema.keys() & (_LEAVES_OPEN | _COMPOSED):
        return schema
    return {**schema, "additionalProperties": False}


def _uses_all_of(schema: Mapping[str, Any]) -> bool:
    found = False

    def look(inner: Schema) -> Schema:
        nonlocal found
        found = found or "allOf" in inner or bool("properties" in inner and inner.keys() & _COMPOSED)
        return inner

    map_schema(schema, look)
    return found


def describe(schema: Mapping[str, Any], name: str, text: str) -> None:
    """Gives a property its description, unless it has one."""
    properties = schema.get("properties", {})
    if name in properties and text:
        properties[name] = {"description": text, **properties[name]}


def strict_form(schema: Mapping[str, Any]) -> Schema:
    """The schema in strict form.

    Raises:
        ValueError: It allows free keys, which the strict form cannot express.
    """
    return dict(map_schema({"type": "object", "properties": {}, **schema}, _strict))


def without_stand_ins(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The value without the nulls that stand for properties left out, as the plain schema wants it."""
    target = _branch(value, _resolve(schema, root), root)
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
    """The schema, or the branch of a union that the value belongs to, recognised by names and constants alone."""
    parts = [_resolve(part, root) for keyword in ("anyOf", "oneOf") for part in schema.get(keyword, [])]
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
    target = _resolve(schema, root)
    kinds = target.get("type", [])
    if "null" in ([kinds] if isinstance(kinds, str) else kinds) or None in target.get("enum", []):
        return True
    return any(_takes_null(inner, root) for keyword in ("anyOf", "oneOf") for inner in target.get(keyword, []))


def _resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference into the same document names."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    target: Any = root
    for step in reference[2:].split("/"):
        target = target.get(step, {})
    return dict(target)
