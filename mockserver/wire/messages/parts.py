"""The parts of a message and of its events, as faults see them (`faults.parts`)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.faults.parts import (
    AnswerParts,
    BodyParts,
    CallParts,
    EventParts,
    Events,
    FinishWord,
    Framing,
    JsonObject,
    KeySlot,
    Run,
    Slot,
)
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.json_text import JsonText
from mockserver.wire.messages.assemble import assembled
from mockserver.wire.messages.framing import frame_event
from mockserver.wire.messages.slots import BlockSlot, CallsSlot, InputSlot, OpeningSlot
from mockserver.wire.messages.stream import events_of
from mockserver.wire.streaming import data_of

_USUAL = "that is usual here"
_NO_CHOICES = "a message is one answer, not a list of choices"

ABSENT: Mapping[str, str] = {
    "arguments_as_object": f"`input` is an object, and {_USUAL}",
    "content_with_calls": f"text stands before the calls, and {_USUAL}",
    "content_missing": f"a message that calls needs no text, and {_USUAL}",
    "choices_empty": _NO_CHOICES,
    "calls_in_second_choice": _NO_CHOICES,
    "chunk_id_changes": "the id of a message is sent once, in `message_start`",
    "multi_tool_use_parallel": "the wrapper is a habit of OpenAI's models",
}
"""The faults that this API does not have, each with the reason."""

STREAMED_ONLY = frozenset(
    """
    truncated_json missing_closing_brace trailing_comma missing_comma single_quotes unquoted_keys python_literals
    raw_control_chars invalid_escape code_fence leading_text trailing_text concatenated_objects repeated_whole comments
    json5 bom_prefix not_json xml_arguments smart_quotes empty_arguments blank_arguments whitespace_flood
    repeated_token_flood mixed_valid_invalid python_tool
    """.split()
)
"""The faults of text that is not JSON: in a plain message `input` is a JSON value."""

_WORDS: dict[FinishWord, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_PIECES = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def _read(event: bytes) -> JsonObject | None:
    """The JSON of an event; None where it carries none."""
    try:
        value: Any = decode(data_of(event.decode("utf-8", "replace")) or "")
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


class MessagesParts:
    """`content[]` of type `tool_use`, and the events between the start and the stop of such a block."""

    api = "Messages"
    absent = ABSENT
    streamed_only = STREAMED_ONLY
    framing = Framing(
        content_type="text/event-stream; charset=utf-8",
        is_sse=True,
        write=frame_event,
        read=_read,
        arguments=re.compile(rb'"partial_json":"(?:\\.|[^"\\])'),
    )

    def body(self, body: JsonObject, /) -> BodyParts:
        """The one answer of a message."""
        blocks = body.get("content")
        return BodyParts(body=body, answers=[_answer(body, blocks)] if isinstance(blocks, list) else [])

    def event(self, event: JsonObject, /) -> EventParts:
        """What an event says of its block."""
        kind, delta = event.get("type"), event.get("delta")
        return EventParts(
            call=_call_in(event),
            text=_text(delta) if kind == "content_block_delta" and isinstance(delta, dict) else None,
            speaks=kind in ("content_block_start", "content_block_delta", "content_block_stop", "message_delta"),
            finishes=kind == "message_delta",
        )

    def runs(self, events: Events, /) -> list[Run]:
        """The events before the first call, those of each call, and those after the last one."""
        before: Events = []
        calls: list[Events] = []
        after: Events = []
        open_call: Any = None
        for event in events:
            if _opens_call(event):
                open_call = event.get("index")
                calls.append([*after, event] if calls else [event])
                after = []
            elif calls and open_call is not None and event.get("type") == "ping":
                calls[-1].append(event)
            elif calls and open_call is not None and event.get("index") == open_call:
                calls[-1].append(event)
                if event.get("type") == "content_block_stop":
                    open_call = None
            else:
                (after if calls else before).append(event)
        return [Run(before, [_without_pings(call, before) for call in calls], after)]

    def sequenced(self, events: Events, /) -> Events:
        """As they are: events have no numbers."""
        return events

    def opened_again(self, opening: JsonObject, event: JsonObject, /) -> Events:
        """The block is started again before every delta."""
        return [opening, event] if event.get("type") == "content_block_delta" else [event]

    def whole(self, call: Events, /) -> Events:
        """The start, one delta with the whole input, the stop."""
        text = "".join([event["delta"].get("partial_json", "") for event in call if _brings_input(event)])
        deltas = [event for event in call if _brings_input(event)][:1]
        said = [{**event, "delta": {**event["delta"], "partial_json": text}} for event in deltas]
        return [call[0], *said, *[event for event in call[1:] if not _brings_input(event)]]

    def empty(self, event: JsonObject, /) -> Sequence[JsonObject]:
        """A ping, or a delta of the same block without a text."""
        delta = event.get("delta")
        if (
            event.get("type") != "content_block_delta"
            or not isinstance(delta, dict)
            or delta.get("type") not in _PIECES
        ):
            return ({"type": "ping"},)
        return {"type": "ping"}, {**event, "delta": {**delta, _PIECES[delta["type"]]: ""}}

    def finish_word(self, word: FinishWord, /) -> str:
        """The stop reason."""
        return _WORDS[word]

    def error_events(self, message: str, /) -> Events:
        """One event of the type `error`."""
        return [{"type": "error", "error": {"type": "api_error", "message": message}}]

    def assembled(self, events: Events, /) -> JsonObject:
        """The message that the events add up to, its inputs as values."""
        message = assembled(events)
        return {**message, "content": [_with_value(block) for block in message["content"]]}

    def streamed(self, body: JsonObject, /) -> Events:
        """The events of a message, each text and each input in one piece."""
        import json

        blocks = [
            {**block, "input": JsonText(json.dumps(block["input"], ensure_ascii=False))}
            if isinstance(block, dict) and "input" in block and not isinstance(block["input"], str)
            else block
            for block in body.get("content") or ()
        ]
        return events_of({**body, "content": blocks}, "whole")


PARTS = MessagesParts()
"""The lenses of the Messages API."""


def _answer(body: JsonObject, blocks: list[Any]) -> AnswerParts:
    calls = [block for block in blocks if isinstance(block, dict) and block.get("type") == "tool_use"]
    return AnswerParts(
        calls=[_call(block, InputSlot(block)) for block in calls],
        call_list=CallsSlot(blocks),
        text=BlockSlot(blocks, "text", "text"),
        finish=KeySlot(body, "stop_reason"),
        reasoning=BlockSlot(blocks, "thinking", "thinking"),
    )


def _call(block: JsonObject, given: Slot) -> CallParts:
    return CallParts(name=KeySlot(block, "name"), arguments=given, id=KeySlot(block, "id"), type=KeySlot(block, "type"))


def _call_in(event: JsonObject) -> CallParts | None:
    """What an event says of a call: its start says who it is, a delta brings a piece of its input."""
    block, delta = event.get("content_block"), event.get("delta")
    index = KeySlot(event, "index")
    if isinstance(block, dict) and _opens_call(event):
        call = _call(block, OpeningSlot(block))
        return CallParts(name=call.name, arguments=call.arguments, id=call.id, type=call.type, index=index)
    if _brings_input(event) and isinstance(delta, dict):
        return CallParts(
            name=KeySlot(delta, "name"),
            arguments=KeySlot(delta, "partial_json"),
            id=KeySlot(delta, "id"),
            type=KeySlot(event, "content_block"),
            index=index,
        )
    if event.get("type") == "content_block_stop":
        nothing: JsonObject = {}
        return CallParts(
            name=KeySlot(nothing, "name"),
            arguments=KeySlot(nothing, "partial_json"),
            id=KeySlot(nothing, "id"),
            type=KeySlot(nothing, "type"),
            index=index,
        )
    return None


def _opens_call(event: JsonObject) -> bool:
    block = event.get("content_block")
    if event.get("type") != "content_block_start" or not isinstance(block, dict):
        return False
    return block.get("type") not in ("text", "thinking", "redacted_thinking")


def _brings_input(event: JsonObject) -> bool:
    delta = event.get("delta")
    return isinstance(delta, dict) and delta.get("type") == "input_json_delta"


def _text(delta: JsonObject) -> Slot | None:
    key = _PIECES.get(str(delta.get("type")))
    return KeySlot(delta, key) if key is not None and isinstance(delta.get(key), str) and delta[key] else None


def _without_pings(call: Events, before: Events) -> Events:
    """The events of a call; a ping within it moves before the first call, where it means the same."""
    before += [event for event in call if event.get("type") == "ping"]
    return [event for event in call if event.get("type") != "ping"]


def _with_value(block: JsonObject) -> JsonObject:
    given = block.get("input")
    if not isinstance(given, JsonText):
        return block
    try:
        return {**block, "input": decode(given)}
    except NotJson:
        return {**block, "input": {}}
