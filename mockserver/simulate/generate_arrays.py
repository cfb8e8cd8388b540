"""Arrays that a schema allows: as short as is believable, unique where that is asked."""

import json
from typing import Any

from mockserver.simulate.bounds import MOST_ENTRIES, TooMuch
from mockserver.simulate.merge import merged
from mockserver.simulate.schema import JsonSchema
from mockserver.simulate.spot import Below, Spot

_TRIES = 24
_BUSHY = 4
_FIRST_FURTHER = 1000
_FREE = frozenset(
    "enum const pattern format maxLength maximum exclusiveMaximum multipleOf $ref allOf anyOf oneOf not".split()
)
"""Keywords without which a text may go on, and a number be any."""


def array(schema: dict[str, Any], spot: Spot, below: Below) -> list[Any]:
    """An array of invented items.

    Raises:
        TooMuch: it has to hold more than `MOST_ENTRIES`.
    """
    items: list[Any] = []
    seen: set[str] = set()
    for index in range(_size(schema, spot)):
        part = _item_schema(schema, index)
        for again in range(_TRIES):
            item = below(part, spot.name, f"[{index}]", f"{index}#{spot.attempt}#{again}", {})
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


def _size(schema: dict[str, Any], spot: Spot) -> int:
    least = max(schema.get("minItems", 0), schema.get("minContains", 1) if "contains" in schema else 0)
    first = len(schema.get("prefixItems", ()))
    usual = 1 if spot.depth < _BUSHY and spot.attempt < 12 and schema.get("items") is not False else 0
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
