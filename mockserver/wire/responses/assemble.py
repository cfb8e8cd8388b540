"""Events → the response object that their pieces add up to, as a client that trusts the pieces would read them."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from mockserver.wire.responses.events import ARGUMENTS, TERMINAL, TEXTS

JsonObject = dict[str, Any]

_DELTAS = {f"{name}.delta": key for key, name in ARGUMENTS.values()}
_TEXT_DELTAS = {f"{name}.delta": key for key, name in TEXTS.values()}


def assembled(events: Sequence[JsonObject]) -> JsonObject:
    """The response: its items from the events of each, all else from the last event.

    Raises:
        ValueError: the terminal event is missing, or a piece of an item that was not added.
    """
    last = next((event for event in reversed(events) if event.get("type") in TERMINAL), None)
    if last is None:
        raise ValueError("no response.completed, response.incomplete or response.failed came")
    items: dict[Any, JsonObject] = {}
    for event in events:
        _take(event, items)
    found = deepcopy(last["response"])
    ordered = sorted(items.items(), key=lambda entry: entry[0])
    return {**found, "output": [item for _, item in ordered]}


def _take(event: JsonObject, items: dict[Any, JsonObject]) -> None:
    kind, place = event.get("type"), event.get("output_index")
    if kind == "response.output_item.added":
        items[place] = deepcopy(event["item"])
    elif kind in _DELTAS:
        item = _item(items, place)
        item[_DELTAS[kind]] = (item.get(_DELTAS[kind]) or "") + event["delta"]
    elif kind == "response.content_part.added":
        _item(items, place).setdefault("content", []).append(deepcopy(event["part"]))
    elif kind in _TEXT_DELTAS:
        part = _item(items, place)["content"][event["content_index"]]
        part[_TEXT_DELTAS[kind]] = (part.get(_TEXT_DELTAS[kind]) or "") + event["delta"]
    elif kind == "response.reasoning_summary_part.done":
        _item(items, place).setdefault("summary", []).append(event["part"])
    elif kind == "response.output_item.done" and place in items and "status" in event["item"]:
        items[place]["status"] = event["item"]["status"]


def _item(items: dict[Any, JsonObject], place: Any) -> JsonObject:
    if place not in items:
        raise ValueError(f"a piece of the item {place!r} came, and no response.output_item.added")
    return items[place]
