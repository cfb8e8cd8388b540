"""An upstream's message → what it says and how it was sent: the exact inverse of `replay`, proven when it is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.wire.chat_completions.parse_recorded import Event, as_text
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.messages.assemble import assembled, reply_of
from mockserver.wire.messages.recorded_shapes import ANSWER_ID, BODY, usual
from mockserver.wire.messages.replay import put_together, recorded_events
from mockserver.wire.streaming import data_of

__all__ = ["API", "Event", "as_text", "error_in", "take_apart_body", "take_apart_stream"]

API = "messages"
JsonObject = dict[str, Any]

RAW, TORN = "raw", "torn"
_BROKEN = (KeyError, TypeError, AttributeError, IndexError, ValueError)
_PIECES = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
}


def take_apart_stream(events: Sequence[Event], _: ParsedRequest, *, cut: bool) -> Reply:
    """What a stream says, with all that is needed to send it again just so.

    A stream that cannot be put together again event by event is kept as the text that it was.
    """
    values = [None if event.torn else _value(event.text) for event in events]
    try:
        reply = _reply(assembled([value for value in values if value is not None]))
        reply = _Stream(values).sent(reply, events, cut)
        again = [event.decode("utf-8", "surrogateescape") for event in recorded_events(reply, Identity("", b""))]
    except _BROKEN:
        return as_text(_said(values), events, cut)
    proven = [_compared(_value(text)) for text in again] == [_compared(value) for value in values]
    return reply if proven else as_text(_said(values), events, cut)


def take_apart_body(value: Mapping[str, Any], _: ParsedRequest, gap: int) -> Reply | None:
    """What a plain answer says; None when it is not a message."""
    try:
        reply = _reply(dict(value))
        texts: dict[str, str] = {}
        shape = _Body(reply, texts).shape(value)
        reply = replace(reply, sent=Sent(shapes={BODY: shape}, texts=texts, gaps=(gap,), api=API))
        proven = put_together(reply, Identity("", b""), Chunk(BODY))
    except _BROKEN:
        return None
    return reply if _compared(_plain(proven)) == _compared(value) else None


def error_in(value: Any) -> Mapping[str, Any] | None:
    """The error that a body holds; None where it has another form than the API's."""
    given = value.get("error") if isinstance(value, dict) and value.keys() <= {"type", "error", "request_id"} else None
    if not isinstance(given, dict) or value.get("type") != "error":
        return None
    return given if all(isinstance(given.get(key), str) for key in ("message", "type")) else None


def _reply(message: JsonObject) -> Reply:
    """What a message says, its usage in chat completions' words."""
    if message.get("type") != "message":
        raise ValueError("it is not a message")
    found = reply_of(message)
    usage = message.get("usage") or {}
    read = sum([usage.get(key) or 0 for key in ("cache_read_input_tokens", "cache_creation_input_tokens")])
    counted = {"prompt_tokens": usage.get("input_tokens", 0) + read, "completion_tokens": usage.get("output_tokens", 0)}
    return replace(found, usage={**counted, "total_tokens": sum(counted.values())})


def _said(values: Sequence[Any]) -> Reply:
    try:
        return _reply(assembled([value for value in values if value is not None]))
    except _BROKEN:
        return Reply()


def _value(event: str) -> Any:
    """The JSON of an event; its text where it is none, or where its name is not its type."""
    data = data_of(event)
    names = [line[6:].strip() for line in event.splitlines() if line.startswith("event:")]
    try:
        value = decode(data) if data is not None else None
    except NotJson:
        return None
    return value if isinstance(value, dict) and names == [value.get("type")] else None


def _compared(value: Any) -> Any:
    """An event, or a body, without the message's own id."""
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("message"), Mapping):
        return {**value, "message": _compared(value["message"])}
    return {key: entry for key, entry in value.items() if key != "id"} if value.get("type") == "message" else value


def _plain(body: JsonObject) -> JsonObject:
    """A body with its inputs as values."""
    return {
        **body,
        "content": [
            {**block, "input": decode(block["input"])} if isinstance(block.get("input"), str) else block
            for block in body["content"]
        ],
    }


class _Body:
    """The shape of a plain message."""

    def __init__(self, reply: Reply, texts: dict[str, str]) -> None:
        self._reply = reply
        self._texts = texts
        self._calls = 0

    def shape(self, value: Mapping[str, Any]) -> JsonObject:
        """The message with holes."""
        blocks = value["content"]
        alone = {kind: [block.get("type") for block in blocks].count(kind) == 1 for kind in ("text", "thinking")}
        content = [self._block(place, block, alone) for place, block in enumerate(blocks)]
        return {**value, "id": f"<{ANSWER_ID}>", "content": content}

    def _block(self, place: int, block: JsonObject, alone: Mapping[str, bool]) -> JsonObject:
        kind = block.get("type")
        if kind == "tool_use":
            number, self._calls = self._calls, self._calls + 1
            return {**block, "id": f"<id {number}>", "name": f"<name {number}>", "input": f"<input {number}>"}
        if kind not in ("text", "thinking"):
            return block
        shape = dict(block)
        name = _own_name(self._reply, kind) if alone[kind] else f"{kind} block {place}"
        if block[kind]:
            shape[kind] = f"<{name}>"
            if not alone[kind]:
                self._texts[name] = block[kind]
        if block.get("signature"):
            self._texts[f"signature {place}"] = block["signature"]
            shape["signature"] = f"<signature {place}>"
        return shape


def _own_name(reply: Reply, kind: str) -> str:
    return "refusal" if kind == "text" and reply.refusal is not None else kind


class _Stream:
    """Takes a stream apart: running texts are put together, and each event keeps the shape that is left."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self._shapes: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._calls: dict[Any, int] = {}
        blocks = [value.get("content_block") for value in values if isinstance(value, dict)]
        kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
        self._alone = {kind: kinds.count(kind) == 1 for kind in ("text", "thinking")}

    def sent(self, reply: Reply, events: Sequence[Event], cut: bool) -> Reply:
        """The reply with the recipe of its stream; the pieces of its calls' inputs make its arguments."""
        self._reply = reply
        self._arguments: dict[int, str] = {}
        chunks = tuple([self._chunk(event, value) for event, value in zip(events, self._values, strict=True)])
        gaps = tuple(event.gap for event in events)
        calls = [
            ToolCall(call.name, self._arguments.get(number, "") or "{}", call.id)
            for number, call in enumerate(reply.calls)
        ]
        return replace(
            reply,
            calls=calls,
            sent=Sent(shapes=self._shapes, chunks=chunks, texts=self._texts, gaps=gaps, cut=cut, api=API),
        )

    def _chunk(self, event: Event, value: Any) -> Chunk:
        if not isinstance(value, dict):
            name = TORN if event.torn else RAW
            self._texts[name] = self._texts.get(name, "") + event.text
            return Chunk(name, (len(event.text),))
        kind, index = str(value.get("type")), value.get("index")
        if kind == "content_block_start":
            return self._start(index, value)
        if kind == "content_block_delta":
            return self._delta(index, value)
        if kind == "content_block_stop":
            return Chunk(self._named(f"stop {index}", value))
        if kind == "message_start":
            value = {**value, "message": {**value["message"], "id": f"<{ANSWER_ID}>"}}
        return Chunk(self._named(kind, value))

    def _start(self, index: Any, value: JsonObject) -> Chunk:
        block = value["content_block"]
        if block.get("type") != "tool_use":
            return Chunk(self._named(f"{block.get('type')} start {index}", value))
        number = self._calls.setdefault(index, len(self._calls))
        shape = {**value, "content_block": {**block, "id": f"<id {number}>", "name": f"<name {number}>"}}
        return Chunk(self._named(f"call start {index} {number}", shape))

    def _delta(self, index: Any, value: JsonObject) -> Chunk:
        delta = value["delta"]
        kind = delta.get("type")
        if kind == "input_json_delta" and index in self._calls:
            number, piece = self._calls[index], delta["partial_json"]
            self._arguments[number] = self._arguments.get(number, "") + piece
            shape = {**value, "delta": {**delta, "partial_json": f"<arguments {number}>"}}
            return Chunk(self._named(f"input {index} {number}", shape), (len(piece),))
        if kind not in _PIECES:
            return Chunk(self._named(f"{kind} {index}", value))
        key, name = _PIECES[kind]
        piece, running = delta[key], self._running(name, index, delta[key])
        shape = {**value, "delta": {**delta, key: f"<{running}>"}}
        return Chunk(self._named(f"{name} {index}", shape), (len(piece),))

    def _running(self, name: str, index: Any, piece: str) -> str:
        if self._alone.get(name):
            return _own_name(self._reply, name)
        running = name if name == "signature" and self._alone["thinking"] else f"{name} block {index}"
        self._texts[running] = self._texts.get(running, "") + piece
        return running

    def _named(self, plain: str, shape: JsonObject) -> str:
        """The name of a shape; one that has no usual name, or another form, is kept."""
        for name in (plain, *(f"{plain} {chr(letter)}" for letter in range(ord("b"), ord("z")))):
            known = self._shapes.get(name, usual(name))
            if known == shape:
                return name
            if name not in self._shapes:
                self._shapes[name] = json.loads(json.dumps(shape))
                return name
        raise ValueError("a stream of too many shapes")
