"""A message as the events of a stream, derived from its body: a change of the body shows in both forms."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.wire.streaming import cut

JsonObject = dict[str, Any]
Cut = str | int | None

PING: JsonObject = {"type": "ping"}
_ENDING = ("stop_reason", "stop_sequence", "stop_details")
_FIRST_TOKENS = 1
_COUNTED = ("cache_creation_input_tokens", "cache_read_input_tokens", "input_tokens", "output_tokens",
            "output_tokens_details")  # fmt: skip
_SIGNED = "signature"


def events_of(message: JsonObject, how: Cut = None) -> list[JsonObject]:
    """The events that say a message, in order; `how` its texts and inputs are cut.

    A ping follows the first `content_block_start`. Another envelope around the message is put around every
    event, which then has no name.
    """
    if not isinstance(message.get("content"), list):
        inner = next((key for key, value in message.items() if isinstance(value, dict) and "content" in value), None)
        return [message] if inner is None else [{**message, inner: one} for one in events_of(message[inner], how)]
    found = [_start(message)]
    for index, block in enumerate(message["content"]):
        opening, *rest = block_events(index, block, how)
        found += [opening, PING, *rest] if index == 0 else [opening, *rest]
    if len(found) == 1:
        found.append(PING)
    found.append(_delta(message))
    found.append({"type": "message_stop"})
    return found


def _start(message: JsonObject) -> JsonObject:
    opened = {key: value for key, value in message.items() if key not in ("content", "usage")}
    opened |= {"content": [], **{key: None for key in _ENDING if key in message}}
    if isinstance(message.get("usage"), dict):
        usage = {key: value for key, value in message["usage"].items() if key != "output_tokens_details"}
        opened["usage"] = {**usage, "output_tokens": min(_FIRST_TOKENS, usage.get("output_tokens", _FIRST_TOKENS))}
    return {"type": "message_start", "message": opened}


def _delta(message: JsonObject) -> JsonObject:
    found: JsonObject = {"type": "message_delta", "delta": {key: message[key] for key in _ENDING if key in message}}
    usage = message.get("usage")
    if isinstance(usage, dict):
        found["usage"] = {key: usage[key] for key in _COUNTED if key in usage}
    return found


def block_events(index: int, block: JsonObject, how: Cut) -> list[JsonObject]:
    """The events of one block: its start, its deltas, its stop."""
    empty, deltas = _taken_apart(block, how)
    return [
        {"type": "content_block_start", "index": index, "content_block": empty},
        *[{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas],
        {"type": "content_block_stop", "index": index},
    ]


def _taken_apart(block: JsonObject, how: Cut) -> tuple[JsonObject, list[JsonObject]]:
    """The block as it starts, and the deltas that fill it."""
    kind = block.get("type")
    if kind == "text" and isinstance(block.get("text"), str):
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in cut(block["text"], how)]
    if kind == "thinking":
        return _thinking(block, how)
    if "input" in block and isinstance(block["input"], str):
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in input_pieces(block["input"], how)]
        return {**block, "input": {}}, deltas
    return block, []


def _thinking(block: JsonObject, how: Cut) -> tuple[JsonObject, list[JsonObject]]:
    deltas = [{"type": "thinking_delta", "thinking": piece} for piece in cut(block.get("thinking") or "", how)]
    opened = {**block, "thinking": ""}
    if _SIGNED in block:
        opened[_SIGNED] = ""
        deltas.append({"type": "signature_delta", _SIGNED: block[_SIGNED]})
    return opened, deltas


def input_pieces(text: str, how: Cut) -> list[str]:
    """The pieces of an input: the first is always empty, and an empty object has no other."""
    return ["", *(cut(text, how, arguments=True) if text != "{}" else ())]


def is_spoken(event: JsonObject) -> bool:
    """Whether an event brings a piece of what the model says."""
    delta = event.get("delta")
    if event.get("type") != "content_block_delta" or not isinstance(delta, dict):
        return False
    return any(delta.get(key) for key in ("text", "partial_json", "thinking", _SIGNED))


def spoken_places(events: Sequence[JsonObject]) -> list[int]:
    """Where a stream says something: each of its pieces, or its end where it has none."""
    return [place for place, event in enumerate(events) if is_spoken(event)] or [*_first_of(events, "message_delta")]


def _first_of(events: Sequence[JsonObject], kind: str) -> Iterator[int]:
    yield from (place for place, event in enumerate(events) if event.get("type") == kind)
