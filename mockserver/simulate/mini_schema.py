"""Schema validation: a mini validator for the plain schemas of most tools, `jsonschema_rs` for the others.

The full validator takes longer to import than all the rest of a first answer.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from mockserver.simulate.schema_repair import JsonSchema

Judge = Callable[[Any], bool]
_WORDS = frozenset({"description", "title", "default", "examples"})
_KEYWORDS = _WORDS | {"type", "enum", "properties", "required", "additionalProperties", "items"}
_TYPES: Mapping[str, Judge] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    ),
}


def judge(schema: Mapping[str, Any] | bool, root: JsonSchema = True) -> Callable[[Any], bool]:
    """What says whether a value fits a schema; references in it are looked up in `root`."""
    text = json.dumps(schema, sort_keys=True, default=str)
    return _compiled(
        text, json.dumps(root, sort_keys=True, default=str) if '"$ref"' in text and root is not True else ""
    )


def compiles(schema: Mapping[str, Any]) -> bool:
    """Whether a validator takes the schema as it stands."""
    return _validator(json.dumps(schema, sort_keys=True, default=str), "") is not None


@lru_cache(maxsize=2048)
def _compiled(text: str, root: str) -> Callable[[Any], bool]:
    valid = _validator(text, root)
    return valid if valid is not None else _anything


def _anything(_: Any) -> bool:
    return True


def _validator(text: str, root: str) -> Callable[[Any], bool] | None:
    schema = json.loads(text)
    if (plain := plain_judge(schema)) is not None:
        return plain
    import jsonschema_rs  # see plain_judge

    if root and isinstance(schema, dict):
        outer = json.loads(root)
        tables = {key: outer[key] for key in ("$defs", "definitions", "properties") if key in outer}
        schema = {"allOf": [_rooted(schema)], "$defs": {"root": {"$id": "mock:root", **tables, **outer}}}
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True).is_valid
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ReferencingError):
        return None


def _rooted(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: "mock:root" + value
            if key == "$ref" and isinstance(value, str) and value[:1] == "#"
            else _rooted(value)
            for key, value in schema.items()
        }
    return [_rooted(item) for item in schema] if isinstance(schema, list) else schema


def plain_judge(schema: Any) -> Judge | None:
    """What says whether a value fits a plain schema; None for a schema that is not plain."""
    if not isinstance(schema, dict) or not schema.keys() <= _KEYWORDS:
        return None
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    tests = [_TYPES[kind]]
    if "enum" in schema:
        allowed = schema["enum"]
        if not _texts(allowed) or not allowed:
            return None
        tests.append(lambda value: value in allowed)
    if kind == "array" and "items" in schema:
        entry = plain_judge(schema["items"])
        if entry is None:
            return None
        tests.append(lambda value: all(map(entry, value)))
    if kind == "object":
        parts = _parts(schema)
        if parts is None:
            return None
        tests.append(parts)
    return lambda value: all(test(value) for test in tests)


def _parts(schema: Mapping[str, Any]) -> Judge | None:
    """What judges the parts of an object."""
    properties, required = schema.get("properties", {}), schema.get("required", [])
    is_open = schema.get("additionalProperties", True)
    if not isinstance(properties, dict) or not _texts(required) or not isinstance(is_open, bool):
        return None
    judges = {name: plain_judge(part) for name, part in properties.items()}
    if None in judges.values() or len(set(required)) != len(required):
        return None

    def fits(value: dict[str, Any]) -> bool:
        known = all(judge(value[name]) for name, judge in judges.items() if judge is not None and name in value)
        return known and all(name in value for name in required) and (is_open or value.keys() <= judges.keys())

    return fits


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
