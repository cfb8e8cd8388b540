"""Generated arrays and objects: what a schema requires, what is given, and as little else as will do."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mockserver.simulate.bounds import MOST_ENTRIES, TooMuch
from mockserver.simulate.generate_numbers import Below, Position
from mockserver.simulate.pattern import text_matching
from mockserver.simulate.schema_merge import merged
from mockserver.simulate.schema_repair import JsonSchema

_TRIES = 24
_BUSHY = 4
_FIRST_FURTHER = 1000
_FREE = frozenset(
    "enum const pattern format maxLength maximum exclusiveMaximum multipleOf $ref allOf anyOf oneOf not".split()
)
"""Keywords without which a text may go on, and a number be any."""

_NAME_TRIES = 4


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
