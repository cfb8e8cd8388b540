"""A stream's events as one completion, and a completion as events: for servers that answer in the other form."""

import json
from collections.abc import Sequence
from typing import Any

from mockserver.faults.fault import DoesNotApply

JsonObject = dict[str, Any]


def as_completion(events: Sequence[bytes]) -> bytes:
    """The completion that the chunks of a stream add up to.

    Raises:
        DoesNotApply: the events hold no chunks.
    """
    said = [event.removeprefix(b"data:") for event in events if event.startswith(b"data:")]
    chunks = [json.loads(event) for event in said if b"[DONE]" not in event]
    if not chunks or any("choices" not in chunk for chunk in chunks):
        raise DoesNotApply("the stream has no chunks")
    choices: dict[int, JsonObject] = {}
    for chunk in chunks:
        for entry in chunk["choices"]:
            _add(choices.setdefault(entry["index"], {"index": entry["index"], "message": {}}), entry)
    first, usage = chunks[0], next((chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage")), None)
    kept = {key: value for key, value in first.items() if key not in ("choices", "usage", "obfuscation")}
    body = {**kept, "object": "chat.completion", "choices": list(choices.values())}
    return _encode({**body, "usage": usage} if usage else body)


def _add(choice: JsonObject, entry: JsonObject) -> None:
    """Take up what one chunk says of a choice."""
    message = choice["message"]
    for key, value in entry.get("delta", {}).items():
        if key == "tool_calls":
            for piece in value or ():
                _add_piece(message.setdefault("tool_calls", []), piece)
        else:
            _append(message, key, value)
    choice["finish_reason"] = entry.get("finish_reason") or choice.get("finish_reason")


def _add_piece(calls: list[JsonObject], piece: JsonObject) -> None:
    index = piece.get("index", len(calls) if "id" in piece else max(len(calls) - 1, 0))
    while len(calls) <= index:
        calls.append({})
    call = calls[index]
    for key, value in piece.items():
        if isinstance(value, dict):
            for inner_key, inner_value in value.items():
                _append(call.setdefault(key, {}), inner_key, inner_value)
        elif key != "index":
            call[key] = value


def _append(holder: JsonObject, key: str, value: Any) -> None:
    text = isinstance(value, str) and isinstance(holder.get(key), str) and key != "role"
    holder[key] = holder[key] + value if text else value if value is not None else holder.get(key)


def as_events(body: bytes) -> list[bytes]:
    """The events that say a completion: every choice whole, then its finish reason, then `[DONE]`."""
    completion = json.loads(body)
    shared = {key: value for key, value in completion.items() if key not in ("choices", "usage")}
    shared["object"] = "chat.completion.chunk"
    chunks = []
    for choice in completion["choices"]:
        message = {key: value for key, value in choice["message"].items() if key != "annotations"}
        if message.get("tool_calls"):
            message["tool_calls"] = [{"index": place, **call} for place, call in enumerate(message["tool_calls"])]
        for delta, reason in ((message, None), ({}, choice.get("finish_reason"))):
            entry = {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": reason}
            chunks.append({**shared, "choices": [entry]})
    return [*[b"data: " + _encode(chunk) + b"\n\n" for chunk in chunks], b"data: [DONE]\n\n"]


def _encode(value: Any) -> bytes:
    """JSON as the API writes it; text that UTF-8 cannot hold is written as escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")
