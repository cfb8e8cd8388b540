"""The parts of a chat completion and of its chunks, as faults see them (`faults.parts`)."""

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
from mockserver.wire.chat_completions.deltas import (
    argument_key,
    delta_of,
    finishing,
    inner,
    piece,
    repeating_head,
    runs,
    speaks,
    whole,
    with_delta,
)
from mockserver.wire.chat_completions.stream import StreamOptions, assembled, chunks_of
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.streaming import DONE, frame


def _read(event: bytes) -> JsonObject | None:
    """The chunk in an event; None for `[DONE]`, for comments, and for what is not JSON."""
    try:
        value: Any = decode(event.removeprefix(b"data:"))
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


ABSENT: Mapping[str, str] = {"done_sent": "a `[DONE]` at the end is usual here"}
"""Faults that this API does not have, with the reason."""


class ChatCompletionsParts:
    """`choices[].message.tool_calls[]` and `choices[].delta.tool_calls[]`."""

    api = "chat completions"
    absent = ABSENT
    framing = Framing(
        content_type="text/event-stream; charset=utf-8",
        is_sse=True,
        write=frame,
        read=_read,
        arguments=re.compile(rb'"(?:arguments|input)":"(?:\\.|[^"\\])'),
        end=DONE,
    )

    def body(self, body: JsonObject, /) -> BodyParts:
        """The choices of a completion."""
        answers = [_answer(choice) for choice in body.get("choices") or ()]
        return BodyParts(body=body, answers=answers, choices=KeySlot(body, "choices"))

    def event(self, event: JsonObject, /) -> EventParts:
        """What a chunk says of its choice; one that a provider sends with several calls shows the first."""
        pieces = delta_of(event).get("tool_calls") if event.get("choices") else None
        return EventParts(
            call=_call(pieces[0]) if pieces else None,
            text=_text(event) if speaks(event) else None,
            speaks=speaks(event),
            finishes=finishing(event),
            id=KeySlot(event, "id"),
            created=KeySlot(event, "created") if "created" in event else None,
        )

    def runs(self, events: Events, /) -> list[Run]:
        """The chunks by choice and call; a call that opens with the role gets a chunk of its own."""
        return runs(events)

    def sequenced(self, events: Events, /) -> Events:
        """As they are: chunks have no numbers."""
        return events

    def opened_again(self, opening: JsonObject, event: JsonObject, /) -> Events:
        """Id, type and name stand beside the piece of arguments."""
        return [repeating_head(event, piece(opening), ("index", "id", "type"))]

    def whole(self, call: Events, /) -> Events:
        """The head brings the arguments."""
        return [whole(call)]

    def empty(self, event: JsonObject, /) -> Sequence[JsonObject]:
        """An empty delta, or one with an empty list of calls."""
        return with_delta(event, {}), with_delta(event, {"tool_calls": []})

    def finish_word(self, word: FinishWord, /) -> str:
        """The word itself."""
        return word

    def error_events(self, message: str, /) -> Events:
        """One event with the API's error object."""
        return [{"error": {"message": message, "type": "server_error", "param": None, "code": None}}]

    def assembled(self, events: Events, /) -> JsonObject:
        """The completion that the chunks add up to."""
        return assembled(events)

    def streamed(self, body: JsonObject, /) -> Events:
        """The chunks of a completion, each text and each call's arguments in one piece."""
        return chunks_of(body, StreamOptions(), "whole")


PARTS = ChatCompletionsParts()
"""The lenses of chat completions."""


def _answer(choice: JsonObject) -> AnswerParts:
    message = choice["message"]
    return AnswerParts(
        calls=[_call(call) for call in message.get("tool_calls") or ()],
        call_list=KeySlot(message, "tool_calls"),
        text=KeySlot(message, "content"),
        finish=KeySlot(choice, "finish_reason"),
        reasoning=KeySlot(message, "reasoning_content"),
        index=KeySlot(choice, "index"),
    )


def _call(call: JsonObject) -> CallParts:
    """A call of a message, or the piece of one in a delta."""
    holder = inner(call)
    return CallParts(
        name=KeySlot(holder, "name"),
        arguments=KeySlot(holder, argument_key(call)),
        id=KeySlot(call, "id"),
        type=KeySlot(call, "type"),
        index=KeySlot(call, "index"),
        function="function" in call,
    )


def _text(event: JsonObject) -> Slot | None:
    """The one stretch of text in a chunk; a call's arguments are one unless its head comes with them."""
    delta = delta_of(event)
    pieces = delta.get("tool_calls")
    if len(delta) != 1 or (pieces and (len(pieces) != 1 or "id" in pieces[0])):
        return None
    slot = _call(pieces[0]).arguments if pieces else KeySlot(delta, next(iter(delta)))
    return slot if isinstance(slot.get(), str) else None
