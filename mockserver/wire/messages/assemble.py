"""The events of a stream assembled into the message that they add up to, sound or not, and a message read back."""

from collections.abc import Iterable
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.json_text import JsonText
from mockserver.wire.messages.message import FINISH_REASONS
from mockserver.wire.streaming import events as data_of_events

JsonObject = dict[str, Any]

_TEXTS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
}


def assembled(events: Iterable[JsonObject]) -> JsonObject:
    """The message that the events of a stream add up to.

    Raises:
        ValueError: no event begins a message.
    """
    message: JsonObject | None = None
    blocks: dict[Any, JsonObject] = {}
    inputs: dict[Any, str] = {}
    for event in events:
        kind, index = event.get("type"), event.get("index")
        if kind == "message_start":
            message = dict(event.get("message") or {})
        elif kind == "content_block_start":
            blocks.setdefault(index, dict(event.get("content_block") or {}))
        elif kind == "content_block_delta":
            _grow(blocks.setdefault(index, {}), inputs, index, event.get("delta") or {})
        elif kind == "message_delta" and message is not None:
            message |= event.get("delta") or {}
            message["usage"] = {**(message.get("usage") or {}), **(event.get("usage") or {})}
    if message is None:
        raise ValueError("the stream does not begin a message")
    for index, text in inputs.items():
        blocks[index]["input"] = JsonText(text or "{}")
    return {**message, "content": list(blocks.values())}


def _grow(block: JsonObject, inputs: dict[Any, str], index: Any, delta: JsonObject) -> None:
    """Add what a delta brings to its block."""
    kind = delta.get("type")
    if kind == "input_json_delta":
        inputs[index] = inputs.get(index, "") + str(delta.get("partial_json") or "")
    elif isinstance(kind, str) and kind in _TEXTS:
        key, brought = _TEXTS[kind]
        block[key] = str(block.get(key) or "") + str(delta.get(brought) or "")


def reply_of(message: JsonObject) -> Reply:
    """What a message says."""
    import json  # the journal of a server does without

    blocks = [block for block in message.get("content") or () if isinstance(block, dict)]
    texts = [block["text"] for block in blocks if block.get("type") == "text" and isinstance(block.get("text"), str)]
    thoughts = [block["thinking"] for block in blocks if block.get("type") == "thinking" and block.get("thinking")]
    calls = [
        ToolCall(
            str(block.get("name") or ""),
            str(given) if isinstance(given := block.get("input"), str) else json.dumps(given, ensure_ascii=False),
            block.get("id"),
        )
        for block in blocks
        if block.get("type") == "tool_use"
    ]
    reason = message.get("stop_reason")
    said = "\n".join(texts) if texts else None if calls else ""
    refusal = said if reason == "refusal" and said else None
    return Reply(
        None if refusal is not None else said,
        calls,
        finish_reason=_finish_reason(reason, refused=refusal is not None),
        usage=message.get("usage"),
        refusal=refusal,
        thinking="\n".join(thoughts) or None,
        stop_sequence=message.get("stop_sequence"),
    )


def _finish_reason(reason: Any, *, refused: bool) -> str | None:
    """A stop reason in chat completions' word; a refusal in words of its own ends as any answer does."""
    if refused:
        return "stop"
    return FINISH_REASONS.get(reason, reason) if isinstance(reason, str) else None


def hear(body: bytes) -> Reply:
    """What a plain message says."""
    return reply_of(decode(body))


def hear_stream(stream: bytes) -> Reply:
    """What a streamed message says."""
    found = []
    for data in data_of_events(stream):
        try:
            event = decode(data)
        except NotJson:
            continue
        if isinstance(event, dict):
            found.append(event)
    return reply_of(assembled(found))
