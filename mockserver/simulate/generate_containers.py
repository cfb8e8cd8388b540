"""Arrays and objects that a schema allows, and the branches of its choices, merged."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mockserver.simulate.bounds import MOST_ENTRIES, TooMuch
from mockserver.simulate.generate_scalars import Below, Position
from mockserver.simulate.pattern import text_matching
from mockserver.simulate.schema_repair import JsonSchema, resolve, types_of

_TRIES = 24
_BUSHY = 4
_FIRST_FURTHER = 1000
_FREE = frozenset(
    "enum const pattern format maxLength maximum exclusiveMaximum multipleOf $ref allOf anyOf oneOf not".split()
)
"""Keywords without which a text may go on, and a number be any."""

_NAME_TRIES = 4
_GREATER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"})
_LESSER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"})
_DEEPEST = 8
_DEEP = 4
"""From so deep on, choices that refer to no other schema come first: the others may lead on without an end."""

_BRANCHING = ("allOf", "anyOf", "oneOf", "if", "then", "else")


def array(schema: dict[str, Any], position: Position, below: Below) -> list[Any]:
    """An array of invented items.

    Raises:
        TooMuch: it has to hold more than `MOST_ENTRIES`.
    """
    items: list[Any] = []
    seen: set[str] = set()
    for index in range(_size(schema, position)):
        part = _item_schema(schema, index)
        for again in range(_TRIES):
            item = below(part, position.name, f"[{index}]", f"{index}#{position.attempt}#{again}", {})
            key = json.dumps(item, sort_keys=True, default=str)
            if key not in seen or not schema.get("uniqueItems"):
                seen.add(key)
                items.append(item)
                break
        else:
            if not isinstance(part, dict) or not _FREE.isdisjoint(part) or not isinstance(items[-1], str | int):
                break  # the schema allows no further one
            items.append(_further(items[-1], index))
    return items


def _further(item: str | int, index: int) -> str | int:
    """Another text or number, where nothing but its type is given."""
    return f"{str(item).rpartition(' #')[0] or item} #{index + 1}" if isinstance(item, str) else _FIRST_FURTHER + index


def _size(schema: dict[str, Any], position: Position) -> int:
    least = max(schema.get("minItems", 0), schema.get("minContains", 1) if "contains" in schema else 0)
    first = len(schema.get("prefixItems", ()))
    usual = 1 if position.depth < _BUSHY and position.attempt < 12 and schema.get("items") is not False else 0
    wanted = min(max(least, usual, first), schema.get("maxItems", max(least, usual, first)))
    if wanted > MOST_ENTRIES:
        key = "minItems" if wanted == schema.get("minItems") else "minContains" if wanted == least else "prefixItems"
        raise TooMuch(key, f"it asks for {wanted} items, and at most {MOST_ENTRIES} are made up")
    return int(wanted)


def _item_schema(schema: dict[str, Any], index: int) -> JsonSchema:
    first = schema.get("prefixItems", ())
    if index < len(first):
        return first[index]  # type: ignore[no-any-return]  # schemas are untyped JSON
    part: JsonSchema = schema.get("items", True)
    contained: JsonSchema = schema.get("contains", True)
    if contained is True or index >= len(first) + schema.get("minContains", 1):
        return part
    return merged(part, contained) if isinstance(part, dict) and isinstance(contained, dict) else contained


def mapping(schema: dict[str, Any], position: Position, given: Mapping[str, Any], below: Below) -> dict[str, Any]:
    """An object that holds what is given, completed.

    Raises:
        TooMuch: it has to hold more than `MOST_ENTRIES`.
    """
    made: dict[str, Any] = {}
    for name in _names(schema, position, given):
        known = given.get(name)
        if name in given and not isinstance(known, dict):
            made[name] = known
        else:
            part = property_schema(schema, name)
            inner = known if isinstance(known, dict) else {}
            made[name] = below(part, name, _step(name), f"{name}#{position.attempt}", inner)
    return made


def _names(schema: dict[str, Any], position: Position, given: Mapping[str, Any]) -> list[str]:
    """The properties to write: in the order of the schema, then those that it does not list."""
    properties = schema.get("properties", {})
    wanted = dict.fromkeys([*given, *schema.get("required", ())])
    least = schema.get("minProperties", 0)
    for key, count in (("minProperties", least), ("required", len(schema.get("required", ())))):
        if count > MOST_ENTRIES:
            raise TooMuch(key, f"it asks for {count} properties, and at most {MOST_ENTRIES} are made up")
    for name in properties:
        if properties[name] is not False and (
            len(wanted) < least or (position.attempt > 6 and position.chance.random() < 0.5)
        ):
            wanted[name] = None
    if len(wanted) < least:
        new = dict.fromkeys(name for name in _invented_names(schema, position, wanted) if name not in wanted)
        wanted |= dict.fromkeys(islice(new, least - len(wanted)))
    for name in list(wanted):
        wanted |= dict.fromkeys(schema.get("dependentRequired", {}).get(name, ()))
    return [*(name for name in properties if name in wanted), *(name for name in wanted if name not in properties)]


def _step(name: str) -> str:
    """The step of a JSON path that leads to a property."""
    return f".{name}" if name.isidentifier() else f"[{json.dumps(name, ensure_ascii=False)}]"


def _invented_names(schema: dict[str, Any], position: Position, taken: Mapping[str, None]) -> Iterator[str]:
    names = schema.get("propertyNames")
    names = names if isinstance(names, dict) else {}
    patterns = [*schema.get("patternProperties", {}), *([names["pattern"]] if "pattern" in names else [])]
    missing = schema.get("minProperties", 0) - len(taken)
    # A pattern may grow the same name twice: there are some to spare, and what is too many is not taken.
    for index in range(missing * _NAME_TRIES if patterns else missing):
        if names.get("enum"):
            yield str(names["enum"][index % len(names["enum"])])
        elif patterns:
            grown = text_matching(position.chance.choice(patterns), position.chance) or "field"
            yield grown if position.attempt % 2 == 0 else f"{grown}{index + 1}"
        else:
            yield f"field_{index + 1}"


def property_schema(schema: dict[str, Any], name: str) -> JsonSchema:
    """The schema of one property, from whichever keywords speak of it."""
    found: JsonSchema = schema.get("properties", {}).get(name, True)
    for pattern, part in schema.get("patternProperties", {}).items():
        if _matches(pattern, name):
            found = merged(found, part) if isinstance(found, dict) and isinstance(part, dict) else part
    further: JsonSchema = schema.get("additionalProperties", True)
    return further if found is True and isinstance(further, dict) else found


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


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
