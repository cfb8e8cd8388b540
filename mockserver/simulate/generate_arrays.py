"""Arrays that a schema allows: as short as is believable, unique where that is asked."""

import json
from typing import Any

from mockserver.simulate.merge import merged
from mockserver.simulate.schema import JsonSchema
from mockserver.simulate.spot import Below, Spot

_MOST_ITEMS = 200
_TRIES = 24
_BUSHY = 4


def array(schema: dict[str, Any], spot: Spot, below: Below) -> list[Any]:
    """An array of invented items."""
    items: list[Any] = []
    seen: set[str] = set()
    for index in range(_size(schema, spot)):
        part = _item_schema(schema, index)
        for again in range(_TRIES):
            item = below(part, spot.name, f"{index}#{spot.attempt}#{again}", {})
            key = json.dumps(item, sort_keys=True, default=str)
            if key not in seen or not schema.get("uniqueItems"):
                seen.add(key)
                items.append(item)
                break
    return items


def _size(schema: dict[str, Any], spot: Spot) -> int:
    least = max(schema.get("minItems", 0), schema.get("minContains", 1) if "contains" in schema else 0)
    first = len(schema.get("prefixItems", ()))
    usual = 1 if spot.depth < _BUSHY and spot.attempt < 12 and schema.get("items") is not False else 0
    return int(min(max(least, usual, first), schema.get("maxItems", _MOST_ITEMS), _MOST_ITEMS))


def _item_schema(schema: dict[str, Any], index: int) -> JsonSchema:
    first = schema.get("prefixItems", ())
    if index < len(first):
        return first[index]  # type: ignore[no-any-return]  # schemas are untyped JSON
    part: JsonSchema = schema.get("items", True)
    contained: JsonSchema = schema.get("contains", True)
    if contained is True or index >= len(first) + schema.get("minContains", 1):
        return part
    return merged(part, contained) if isinstance(part, dict) and isinstance(contained, dict) else contained
