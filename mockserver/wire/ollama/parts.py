"""The parts of an answer and of its lines, as faults see them (`faults.parts`)."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
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
from mockserver.wire.ollama.answer import FINISH_REASONS
from mockserver.wire.ollama.framing import STREAM_TYPE
from mockserver.wire.ollama.lines import assembled, lines_of, said_in, text_key, write_line

_WHOLE = "a call comes whole in one line here, which is usual"
_ONE_ANSWER = "there is one answer"

ABSENT: Mapping[str, str] = {
    "arguments_as_object": "arguments are an object here, which is usual",
    "arguments_before_name": _WHOLE,
    "bad_sse_framing": "streams are JSON lines",
    "calls_in_second_choice": _ONE_ANSWER,
    "choices_empty": _ONE_ANSWER,
    "chunk_id_changes": "answers have no id",
    "content_empty": "an empty content beside the calls is usual here",
    "content_with_calls": "text beside the calls is usual here",
    "cumulative_arguments": _WHOLE,
    "final_arguments_resent": _WHOLE,
    "finish_stop_with_calls": "`stop` beside the calls is usual here",
    "finish_tool_calls_without_calls": "there is no `done_reason` for calls",
    "id_name_every_chunk": _WHOLE,
    "interleaved_calls": _WHOLE,
    "missing_type": "calls have no type",
    "null_fields": _WHOLE,
    "parallel_despite_disabled": "there is no `parallel_tool_calls`",
    "placeholder_then_real": _WHOLE,
    "whole_call_in_one_chunk": _WHOLE,
    "wrong_type": "calls have no type",
}
"""Faults that this API does not have, with the reason."""


def _read(line: bytes) -> JsonObject | None:
    """The JSON of a line; None for what is not an object."""
    try:
        value: Any = decode(line)
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


class OllamaParts:
    """`message.tool_calls[]` of the answer, and of each line."""

    api = "Ollama"
    absent = ABSENT
    framing = Framing(
        content_type=STREAM_TYPE,
        is_sse=False,
        write=write_line,
        read=_read,
        arguments=re.compile(rb'"arguments":(?:\{"?[^}"]|"[^"])'),
    )

    def body(self, body: JsonObject, /) -> BodyParts:
        """The one answer of a body."""
        said = said_in(body)
        return BodyParts(body=body, answers=[] if said is None else [_answer(body, said)])

    def event(self, event: JsonObject, /) -> EventParts:
        """What a line says."""
        said = said_in(event) or {}
        calls = said.get("tool_calls")
        return EventParts(
            call=_call(calls[0]) if isinstance(calls, list) and calls else None,
            text=_text(said),
            speaks="done" in event,
            finishes=event.get("done") is True,
        )

    def runs(self, events: Events, /) -> list[Run]:
        """The lines before the first call, one for each call, and those after the last."""
        lines = [one for event in events for one in _apart(event)]
        places = [place for place, event in enumerate(lines) if self.event(event).call is not None]
        if not places:
            return [Run(lines, [], [])]
        first, last = places[0], places[-1]
        return [Run(lines[:first], [[line] for line in lines[first : last + 1]], lines[last + 1 :])]

    def sequenced(self, events: Events, /) -> Events:
        """As they are: lines have no numbers."""
        return events

    def opened_again(self, opening: JsonObject, event: JsonObject, /) -> Events:
        """As it is: a call has no later lines."""
        del opening
        return [event]

    def whole(self, call: Events, /) -> Events:
        """As it is: a call is whole."""
        return call

    def empty(self, event: JsonObject, /) -> Sequence[JsonObject]:
        """A line with an empty text."""
        line = deepcopy(event)
        said = said_in(line) or line
        said.pop("tool_calls", None)
        said.pop("thinking", None)
        said[text_key(said)] = ""
        return (line,)

    def finish_word(self, word: FinishWord, /) -> str:
        """The `done_reason` that says it."""
        return FINISH_REASONS.get(word, word)

    def error_events(self, message: str, /) -> Events:
        """A last line with the error."""
        return [{"error": message}]

    def assembled(self, events: Events, /) -> JsonObject:
        """The answer that the lines add up to."""
        return assembled(events)

    def streamed(self, body: JsonObject, /) -> Events:
        """The lines of an answer, each text in one piece."""
        return lines_of(body, "whole")


PARTS = OllamaParts()
"""The lenses of Ollama's API."""


def _answer(body: JsonObject, said: JsonObject) -> AnswerParts:
    calls = said.get("tool_calls")
    return AnswerParts(
        calls=[_call(call) for call in calls] if isinstance(calls, list) else [],
        call_list=KeySlot(said, "tool_calls"),
        text=KeySlot(said, text_key(said)),
        finish=KeySlot(body, "done_reason"),
        reasoning=KeySlot(said, "thinking"),
    )


def _call(call: JsonObject) -> CallParts:
    function = call["function"]
    return CallParts(
        name=KeySlot(function, "name"),
        arguments=KeySlot(function, "arguments"),
        id=KeySlot(call, "id"),
        index=KeySlot(function, "index"),
    )


def _text(said: JsonObject) -> Slot | None:
    """The one stretch of text in a line."""
    found = [key for key in ("content", "response", "thinking") if isinstance(said.get(key), str) and said[key]]
    return KeySlot(said, found[0]) if len(found) == 1 else None


def _apart(event: JsonObject) -> Events:
    """A line with several calls as a line for each."""
    said = said_in(event) or {}
    calls = said.get("tool_calls")
    if not isinstance(calls, list) or len(calls) < 2:
        return [event]
    lines = []
    for call in calls:
        line = deepcopy(event)
        (said_in(line) or line)["tool_calls"] = [call]
        lines.append(line)
    return lines
