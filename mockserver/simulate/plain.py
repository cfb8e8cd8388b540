"""Plain schemas: types, text enums, objects and lists of them; judged here, since most tools need no more.

The full validator takes longer to import than all the rest of a first answer.
"""

from collections.abc import Callable, Mapping
from typing import Any

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
