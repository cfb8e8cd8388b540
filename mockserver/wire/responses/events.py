"""A response object as the events of a stream, derived from it: a change of the object shows in both forms.

The order is the recorded one: `response.created`, `response.in_progress`, the events of each item one after the other,
and the terminal event with the whole object. Every event has a sequence number, from 0.
"""

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from string import ascii_letters, digits
from typing import Any, NamedTuple

from mockserver.wire.responses.response_object import begun
from mockserver.wire.streaming import cut

JsonObject = dict[str, Any]
Cut = str | int | None

ARGUMENTS = {
    "function_call": ("arguments", "response.function_call_arguments"),
    "custom_tool_call": ("input", "response.custom_tool_call_input"),
}
"""For each kind of call the key of what it is called with, and how the names of its events begin."""
TEXTS = {"output_text": ("text", "response.output_text"), "refusal": ("refusal", "response.refusal")}
"""The same for the parts of a message."""
SUMMARY = "response.reasoning_summary_text"
DELTAS = (*[f"{name}.delta" for _, name in (*ARGUMENTS.values(), *TEXTS.values())], f"{SUMMARY}.delta")
TERMINAL = ("response.completed", "response.incomplete", "response.failed")
_LETTERS = ascii_letters + digits
_MOST_OBFUSCATION = 16


class EventOptions(NamedTuple):
    """How a response is streamed: how texts are cut, the seed of the padding (None for none), and if it is queued."""

    how: Cut = None
    obfuscation: str | None = None
    queued: bool = False


def events_of(response: JsonObject, options: EventOptions) -> list[JsonObject]:
    """The events that say a response; another envelope around it is put around the response of each event."""
    if "output" not in response:
        key = next((key for key, value in response.items() if isinstance(value, dict) and "output" in value), None)
        if key is None:
            return [{"type": "response.completed", "response": response, "sequence_number": 0}]
        events = events_of(response[key], options)
        return [{**one, "response": {**response, key: one["response"]}} if "response" in one else one for one in events]
    opened, queued = begun(response), begun(response, "queued")
    found: list[JsonObject] = [
        {"type": "response.created", "response": queued if options.queued else opened},
        *([{"type": "response.queued", "response": queued}] if options.queued else []),
        {"type": "response.in_progress", "response": opened},
    ]
    output = response["output"]
    for index, item in enumerate(output if isinstance(output, list) else ()):
        found += _item_events(item, index, options.how)
    found.append({"type": terminal_of(response), "response": response})
    if options.obfuscation is not None:
        found = list(_padded(found, Random(options.obfuscation)))
    return numbered(found)


def terminal_of(response: JsonObject) -> str:
    """The name of the event that ends the stream of a response."""
    status = response.get("status")
    return f"response.{status}" if status in ("incomplete", "failed") else "response.completed"


def numbered(events: Iterable[JsonObject]) -> list[JsonObject]:
    """The events with their sequence numbers."""
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _item_events(item: JsonObject, index: int, how: Cut) -> Iterator[JsonObject]:
    kind, own = item.get("type"), item.get("id")
    added = {**item, "status": "in_progress"} if "status" in item else dict(item)
    if kind == "message" and isinstance(item.get("content"), list):
        added["content"] = []
        inner = _parts(item["content"], own, index, how)
    elif kind in ARGUMENTS and isinstance(item.get(ARGUMENTS[kind][0]), str):
        added[ARGUMENTS[kind][0]] = ""
        inner = _arguments(item, index, how)
    elif kind == "reasoning":
        added["summary"] = []
        inner = _summary(item.get("summary") or (), own, index, how)
    else:
        inner = iter(())
    yield {"type": "response.output_item.added", "item": added, "output_index": index}
    yield from inner
    yield {"type": "response.output_item.done", "item": item, "output_index": index}


def _arguments(item: JsonObject, index: int, how: Cut) -> Iterator[JsonObject]:
    key, name = ARGUMENTS[item["type"]]
    place = {"item_id": item["id"], "output_index": index} if "id" in item else {"output_index": index}
    text = item[key]
    pieces = ["{}"] if text == "{}" else cut(text, how, arguments=key == "arguments")
    for piece in pieces:
        yield {"type": f"{name}.delta", "delta": piece, **place}
    yield {"type": f"{name}.done", key: text, **place}


def _parts(content: Sequence[Any], own: Any, index: int, how: Cut) -> Iterator[JsonObject]:
    for place, part in enumerate(content):
        at = {"content_index": place, "item_id": own, "output_index": index}
        key, name = TEXTS.get(str(part.get("type")), ("", "")) if isinstance(part, dict) else ("", "")
        text = part.get(key) if key else None
        emptied = part | {key: ""} | ({"logprobs": []} if "logprobs" in part else {}) if isinstance(text, str) else part
        yield {"type": "response.content_part.added", **at, "part": emptied}
        if isinstance(text, str):
            entries = iter(part.get("logprobs") or ())
            for piece in cut(text, how):
                more = {"logprobs": _of_piece(piece, entries)} if key == "text" else {}
                yield {"type": f"{name}.delta", **at, "delta": piece, **more}
            more = {"logprobs": [_sure(entry) for entry in part.get("logprobs") or ()]} if key == "text" else {}
            yield {"type": f"{name}.done", **at, key: text, **more}
        yield {"type": "response.content_part.done", **at, "part": part}


def _of_piece(piece: str, entries: Iterator[JsonObject]) -> list[JsonObject]:
    """The log probabilities of the tokens in a piece, as far as they are asked for."""
    found: list[JsonObject] = []
    length = 0
    while length < len(piece) and (entry := next(entries, None)) is not None:
        found.append(_sure(entry))
        length += len(entry["token"])
    return found


def _sure(entry: JsonObject) -> JsonObject:
    """A log probability as events have it: without the bytes."""
    alternatives = [{"token": one["token"], "logprob": one["logprob"]} for one in entry["top_logprobs"]]
    return {"token": entry["token"], "logprob": entry["logprob"], "top_logprobs": alternatives}


def _summary(summary: Sequence[JsonObject], own: Any, index: int, how: Cut) -> Iterator[JsonObject]:
    for place, part in enumerate(summary):
        at = {"item_id": own, "output_index": index, "summary_index": place}
        text = part.get("text")
        yield {"type": "response.reasoning_summary_part.added", **at, "part": {**part, "text": ""}}
        for piece in cut(text, how) if isinstance(text, str) else ():
            yield {"type": f"{SUMMARY}.delta", **at, "delta": piece}
        yield {"type": f"{SUMMARY}.done", **at, "text": text}
        yield {"type": "response.reasoning_summary_part.done", **at, "part": part}


def _padded(events: Iterable[JsonObject], chance: Random) -> Iterator[JsonObject]:
    """Letters of random number in every event that brings a piece of text: they hide how long it is."""
    for event in events:
        if event["type"] not in DELTAS:
            yield event
            continue
        letters = "".join(chance.choices(_LETTERS, k=chance.randint(0, _MOST_OBFUSCATION)))
        yield {**event, "obfuscation": letters}
