"""Object lists: the lines of an order, the people of a meeting: an object for each part of an enumeration."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.chat import Tool
from mockserver.simulate.assignment import Values
from mockserver.simulate.schema_repair import resolve
from mockserver.simulate.tool_model import OfferedTool, ToolParameter, skill

Place = tuple[int, int]

_SEAM = re.compile(r"[;\n]|,(?!\d)|:(?=\s)|(?<!\w)(?:and|plus|as well as)(?!\w)|\s&\s|\s\+\s")
_ENTRY = "entry"
_MOST_PARTS = 64


class ListPart(NamedTuple):
    """A part of an enumeration and where it stands."""

    text: str
    place: Place


def parts_of_list(text: str) -> Iterator[ListPart]:
    """The parts of a text between commas, colons and conjunctions."""
    start = 0
    for count, seam in enumerate([*_SEAM.finditer(text), None]):
        end = seam.start() if seam and count < _MOST_PARTS else len(text)
        if text[start:end].strip():
            yield ListPart(text[start:end], (start, end))
        if seam is None or count >= _MOST_PARTS:
            return
        start = seam.end()


def entry_tool(parameter: ToolParameter, owner: OfferedTool) -> OfferedTool | None:
    """An entry of a list as a tool that takes its keys; None where the entries are not objects with known keys."""
    if not parameter.many or parameter.kind != "object" or owner.name == _ENTRY:
        return None
    items = resolve(parameter.schema.get("items", {}), owner.schema)
    if not isinstance(items, Mapping) or not items.get("properties"):
        return None
    tables: dict[str, Any] = {key: owner.schema[key] for key in ("$defs", "definitions") if key in owner.schema}
    return skill(Tool(_ENTRY, parameter.description, {**tables, **items, "type": "object"}))


def as_entry(values: Values, entry: OfferedTool) -> dict[str, Any] | None:
    """The values as an object; None where a required one is lacking."""
    if not values or any(one.path not in values for one in entry.required):
        return None
    made: dict[str, Any] = {}
    for path, value in values.items():
        place = made
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value
    return made if entry.fits(made) else None
