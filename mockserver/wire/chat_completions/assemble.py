"""The chunks of a stream assembled into the completion that they add up to, sound or not."""

from typing import Any

JsonObject = dict[str, Any]

_OF_CHUNKS = ("choices", "usage", "obfuscation")


def assembled(chunks: list[JsonObject]) -> JsonObject:
    """The completion that the chunks of a stream add up to.

    Raises:
        ValueError: they are not chunks.
    """
    if not chunks or any("choices" not in chunk for chunk in chunks):
        raise ValueError("the stream has no chunks")
    choices: dict[int, JsonObject] = {}
    for chunk in chunks:
        for entry in chunk["choices"]:
            _add(choices.setdefault(entry["index"], {"index": entry["index"], "message": {}}), entry)
    first, usage = chunks[0], next((chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage")), None)
    kept = {key: value for key, value in first.items() if key not in _OF_CHUNKS}
    body = {**kept, "object": "chat.completion", "choices": list(choices.values())}
    return {**body, "usage": usage} if usage else body


def _add(choice: JsonObject, entry: JsonObject) -> None:
    """Add what one chunk says of a choice."""
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
