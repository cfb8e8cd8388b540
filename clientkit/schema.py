"""JSON Schemas of tools, as a model should see them: nothing noisy, nothing open that was not left open on purpose."""

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


def mapped(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """The schema with `change` made to it and to every schema in it, from the inside out."""
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for keyword, value in schema.items():
        if keyword in _NAMED_SCHEMAS and isinstance(value, dict):
            result[keyword] = {name: mapped(inner, change) for name, inner in value.items()}
        elif keyword in _SCHEMA_LISTS and isinstance(value, list):
            result[keyword] = [mapped(inner, change) for inner in value]
        elif keyword in _ONE_SCHEMA:
            result[keyword] = mapped(value, change)
        else:
            result[keyword] = value
    return change(result)


def without_noise(schema: Mapping[str, Any]) -> Schema:
    """The schema without titles, which only repeat names, and without defaults that JSON has no words for."""

    def quiet(inner: Schema) -> Schema:
        return {key: value for key, value in inner.items() if key != "title" and not _is_no_json(value)}

    return dict(mapped(schema, quiet))


def _is_no_json(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def closed(schema: Mapping[str, Any]) -> Schema:
    """The schema in which no object takes a property that it does not name, unless it says that it does.

    What is put together with `allOf` stays open, for each part knows only its own names.
    """
    if _uses_all_of(schema):
        return dict(schema)
    return dict(mapped(schema, _closed))


def _closed(schema: Schema) -> Schema:
    if "properties" not in schema or schema.keys() & (_LEAVES_OPEN | _COMPOSED):
        return schema
    return {**schema, "additionalProperties": False}


def _uses_all_of(schema: Mapping[str, Any]) -> bool:
    found = False

    def look(inner: Schema) -> Schema:
        nonlocal found
        found = found or "allOf" in inner or bool("properties" in inner and inner.keys() & _COMPOSED)
        return inner

    mapped(schema, look)
    return found


def describe(schema: Mapping[str, Any], name: str, text: str) -> None:
    """Gives a property its description, unless it has one."""
    properties = schema.get("properties", {})
    if name in properties and text:
        properties[name] = {"description": text, **properties[name]}
