"""Merging: one schema for a value that has to fit two, and which branches of a schema to follow."""

import json
from collections.abc import Iterator
from typing import Any

from mockserver.simulate.generate_numbers import Position
from mockserver.simulate.schema_repair import JsonSchema, resolve, types_of

_GREATER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"})
_LESSER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"})
_DEEPEST = 8
_DEEP = 4
"""From so deep on, choices that refer to no other schema come first: the others may lead on without an end."""

_BRANCHING = ("allOf", "anyOf", "oneOf", "if", "then", "else")


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema for what fits both, as far as keywords can be joined; what cannot be is left to the check."""
    both = dict(one)
    for key, value in other.items():
        if key not in both:
            both[key] = value
        elif key in ("properties", "patternProperties", "$defs", "definitions"):
            both[key] = _named(both[key], value)
        elif key == "required":
            both[key] = list(dict.fromkeys([*both[key], *value]))
        elif key == "enum":
            allowed = {_key(item) for item in value}
            both[key] = [item for item in both[key] if _key(item) in allowed] or value
        elif key == "type":
            both[key] = _types(one, other)
        elif key in _GREATER:
            both[key] = max(both[key], value)
        elif key in _LESSER:
            both[key] = min(both[key], value)
        elif key == "items" and isinstance(both[key], dict) and isinstance(value, dict):
            both[key] = merged(both[key], value)
        elif key not in ("description", "title", "default"):
            both[key] = value
    return both


def _key(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=str)


def _named(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for name, below in other.items():
        mine = both.get(name)
        both[name] = merged(mine, below) if isinstance(mine, dict) and isinstance(below, dict) else below
    return both


def _types(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    mine, theirs = types_of(one), types_of(other)
    shared = [kind for kind in mine if kind in theirs or (kind == "integer" and "number" in theirs)]
    return shared or [kind for kind in theirs if kind == "integer" and "number" in mine] or list(theirs)


def branches(schema: dict[str, Any], root: JsonSchema, position: Position, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The further schemas that a value shall fit: all of `allOf`, one of each choice, one side of each condition."""
    if depth > _DEEPEST:
        return
    for part in _chosen(schema, root, position):
        followed = resolve(part, root)
        if isinstance(followed, dict):
            yield {key: value for key, value in followed.items() if key not in _BRANCHING}
            yield from branches(followed, root, position, depth + 1)


def _chosen(schema: dict[str, Any], root: JsonSchema, position: Position) -> Iterator[JsonSchema]:
    yield from schema.get("allOf", ())
    for key in ("anyOf", "oneOf"):
        options = [option for option in schema.get(key, ()) if option is not False]
        options.sort(key=lambda option: isinstance(option, dict) and option.get("type") == "null")
        if position.depth >= _DEEP:
            options.sort(key=lambda option: _leads_on(resolve(option, root)))
        if options:
            yield options[position.attempt] if position.attempt < len(options) else position.chance.choice(options)
    if "if" in schema:
        yield from (
            (schema["if"], schema.get("then", True)) if position.attempt % 2 == 0 else (schema.get("else", True),)
        )
    for name, needs in schema.get("dependentSchemas", {}).items():
        if name in schema.get("required", ()):
            yield needs


def _leads_on(schema: Any) -> bool:
    """Whether a schema refers to another one, or to itself."""
    if isinstance(schema, dict):
        return "$ref" in schema or any(map(_leads_on, schema.values()))
    return isinstance(schema, list) and any(map(_leads_on, schema))
