"""Anchors: references by name (`$anchor`, `$dynamicAnchor`) written as pointers, which are followed step by step.

A dynamic reference goes to the outermost anchor of its name (JSON Schema 2020-12, section 8.2.3.2), and within one
document that is the first one.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

ANCHORS = ("$anchor", "$dynamicAnchor")
_REFERENCES = ("$ref", "$dynamicRef")

Schema = TypeVar("Schema")


def pointed(schema: Schema) -> Schema:
    """The schema with pointers in place of references by name."""
    anchors: dict[str, str] = {}
    for pointer, name in _anchors(schema, "#"):
        anchors.setdefault(f"#{name}", pointer)
    if not anchors:
        return schema
    rewritten: Schema = _rewritten(schema, anchors)
    return rewritten


def _anchors(part: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """The anchors, the outer ones first, each as its pointer and its name."""
    if isinstance(part, dict):
        yield from ((pointer, part[key]) for key in ANCHORS if isinstance(part.get(key), str))
        for key, value in part.items():
            yield from _anchors(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _anchors(value, f"{pointer}/{index}")


def _rewritten(part: Any, anchors: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_rewritten(value, anchors) for value in part]
    if not isinstance(part, dict):
        return part
    made: dict[str, Any] = {}
    for key, value in part.items():
        if key in _REFERENCES and isinstance(value, str):
            made["$ref"] = anchors.get(value, value)
        elif key not in ANCHORS:
            made[key] = _rewritten(value, anchors)
    return made
