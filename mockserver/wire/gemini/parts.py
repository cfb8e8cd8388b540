"""The parts of a response and of its chunks, as faults see them (`faults.parts`)."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
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
from mockserver.wire.gemini.answer import FINISH_REASONS
from mockserver.wire.gemini.chunks import assembled, chunks_of
from mockserver.wire.gemini.framing import STREAM_TYPE, write_event
from mockserver.wire.streaming import data_of

_WHOLE = "a call comes whole in one chunk here, which is usual"

ABSENT: Mapping[str, str] = {
    "arguments_as_object": "arguments are an object here, which is usual",
    "arguments_before_name": _WHOLE,
    "content_missing": "calls without a text are usual here",
    "content_with_calls": "text beside the calls is usual here",
    "cumulative_arguments": _WHOLE,
    "final_arguments_resent": _WHOLE,
    "finish_stop_with_calls": "STOP beside the calls is usual here",
    "finish_tool_calls_without_calls": "there is no finish reason for calls",
    "id_name_every_chunk": _WHOLE,
    "index_always_zero": "calls have no index",
    "index_as_string": "calls have no index",
    "index_gap": "calls have no index",
    "index_missing": "calls have no index",
    "index_offset": "calls have no index",
    "interleaved_calls": _WHOLE,
    "length_hidden_as_tool_calls": "arguments are whole objects, which cannot be cut off",
    "missing_id": "calls without an id are usual here",
    "missing_type": "calls have no type",
    "null_fields": _WHOLE,
    "parallel_despite_disabled": "there is no `parallel_tool_calls`",
    "placeholder_then_real": _WHOLE,
    "whole_call_in_one_chunk": _WHOLE,
    "wrong_type": "calls have no type",
}
"""Faults that this API does not have, with the reason."""


def _read(event: bytes) -> JsonObject | None:
    """The JSON of an event; None where it carries none."""
    try:
        value: Any = decode(data_of(event.decode("utf-8", "replace")) or "")
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


class GeminiParts:
    """`candidates[].content.parts[].functionCall` of a response, and of each chunk."""

    api = "Gemini"
    absent = ABSENT
    framing = Framing(
        content_type=STREAM_TYPE,
        is_sse=True,
        write=write_event,
        read=_read,
        arguments=re.compile(rb'"args":(?:\{"?[^}"]|"[^"])'),
    )

    def body(self, body: JsonObject, /) -> BodyParts:
        """The candidates of a response."""
        answers = [_answer(candidate) for candidate in body.get("candidates") or ()]
        return BodyParts(body=body, answers=answers, choices=KeySlot(body, "candidates"))

    def event(self, event: JsonObject, /) -> EventParts:
        """What a chunk says of its candidate."""
        candidates = event.get("candidates")
        candidate = candidates[0] if isinstance(candidates, list) and candidates else {}
        parts = _listed(candidate.get("content"))
        calls = [part for part in parts if isinstance(part.get("functionCall"), dict)]
        texts = [part for part in parts if isinstance(part.get("text"), str) and part["text"]]
        return EventParts(
            call=_call(calls[0]) if calls else None,
            text=KeySlot(texts[0], "text") if len(texts) == 1 == len(parts) else None,
            speaks=bool(candidate),
            finishes=bool(candidate.get("finishReason")),
            id=KeySlot(event, "responseId") if "responseId" in event else None,
        )

    def runs(self, events: Events, /) -> list[Run]:
        """The chunks before the first call, one for each call, and those after the last, for each candidate."""
        chunks = [one for event in events for one in _apart(event)]
        found: list[Run] = []
        place: Any = None
        for chunk in chunks:
            index = (chunk.get("candidates") or [{}])[0].get("index")
            if not found or index != place:
                found.append(Run([], [], []))
                place = index
            run = found[-1]
            if self.event(chunk).call is not None:
                run.calls.append([chunk])
            else:
                (run.after if run.calls else run.before).append(chunk)
        return found

    def sequenced(self, events: Events, /) -> Events:
        """As they are: chunks have no numbers."""
        return events

    def opened_again(self, opening: JsonObject, event: JsonObject, /) -> Events:
        """As it is: a call has no later chunks."""
        del opening
        return [event]

    def whole(self, call: Events, /) -> Events:
        """As it is: a call is whole."""
        return call

    def empty(self, event: JsonObject, /) -> Sequence[JsonObject]:
        """A chunk with an empty text, or with no parts."""
        emptied, bare = deepcopy(event), deepcopy(event)
        emptied["candidates"][0]["content"] = {"parts": [{"text": ""}], "role": "model"}
        bare["candidates"][0]["content"] = {"role": "model"}
        return emptied, bare

    def finish_word(self, word: FinishWord, /) -> str:
        """The finish reason that says it."""
        return FINISH_REASONS[word]

    def error_events(self, message: str, /) -> Events:
        """An event with the error."""
        return [{"error": {"code": 500, "message": message, "status": "INTERNAL"}}]

    def assembled(self, events: Events, /) -> JsonObject:
        """The response that the chunks add up to."""
        return assembled(events)

    def streamed(self, body: JsonObject, /) -> Events:
        """The chunks of a response, each text in one piece."""
        return chunks_of(body, "whole")


PARTS = GeminiParts()
"""The lenses of Gemini."""


def _listed(content: Any) -> list[JsonObject]:
    parts = content.get("parts") if isinstance(content, dict) else None
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _answer(candidate: JsonObject) -> AnswerParts:
    parts = _listed(candidate.get("content"))
    return AnswerParts(
        calls=[_call(part) for part in parts if isinstance(part.get("functionCall"), dict)],
        call_list=CallsSlot(candidate),
        text=TextSlot(candidate),
        finish=KeySlot(candidate, "finishReason"),
        reasoning=TextSlot(candidate, thought=True),
        index=KeySlot(candidate, "index"),
    )


def _call(part: JsonObject) -> CallParts:
    call = part["functionCall"]
    return CallParts(name=KeySlot(call, "name"), arguments=KeySlot(call, "args"), id=KeySlot(call, "id"))


@dataclass(frozen=True, slots=True)
class TextSlot:
    """The text of a candidate, or its thoughts; writing it adds a part where there is none."""

    candidate: JsonObject
    thought: bool = False

    def _slot(self) -> Slot | None:
        for part in _listed(self.candidate.get("content")):
            if "text" in part and (part.get("thought") is True) is self.thought:
                return KeySlot(part, "text")
        return None

    @property
    def present(self) -> bool:
        """Whether there is such a part."""
        return self._slot() is not None

    def get(self) -> Any:
        """The text; None where nothing is said."""
        slot = self._slot()
        return None if slot is None else slot.get()

    def set(self, value: Any, /) -> None:
        """Say it, before the calls."""
        slot = self._slot()
        if slot is not None:
            slot.set(value)
            return
        content = self.candidate.setdefault("content", {})
        parts = content.setdefault("parts", [])
        start = sum(1 for part in parts if isinstance(part, dict) and part.get("thought") is True)
        parts.insert(0 if self.thought else start, {"text": value} | ({"thought": True} if self.thought else {}))
        content.setdefault("role", "model")

    def delete(self) -> None:
        """Say nothing: without calls the content is left without parts."""
        content = self.candidate.get("content") or {}
        kept = [
            part for part in _listed(content) if "text" not in part or (part.get("thought") is True) is not self.thought
        ]
        if kept:
            content["parts"] = kept
        else:
            content.pop("parts", None)


@dataclass(frozen=True, slots=True)
class CallsSlot:
    """All calls of a candidate."""

    candidate: JsonObject

    @property
    def present(self) -> bool:
        """Whether there is any call."""
        return bool(self.get())

    def get(self) -> list[JsonObject]:
        """The parts that are calls."""
        return [part for part in _listed(self.candidate.get("content")) if "functionCall" in part]

    def set(self, value: Any, /) -> None:
        """Put other parts in their place."""
        self.delete()
        self.candidate.setdefault("content", {}).setdefault("parts", []).extend(value)

    def delete(self) -> None:
        """Remove every call."""
        content = self.candidate.get("content") or {}
        content["parts"] = [part for part in _listed(content) if "functionCall" not in part]


def _apart(event: JsonObject) -> Events:
    """A chunk with a call and anything else as several: one for each part, and one for how it ended."""
    candidates = event.get("candidates")
    candidate = candidates[0] if isinstance(candidates, list) and candidates else {}
    parts = _listed(candidate.get("content"))
    has_call = any("functionCall" in part for part in parts)
    if not has_call or (len(parts) == 1 and not candidate.get("finishReason")):
        return [event]
    ending = {key: value for key, value in candidate.items() if key not in ("content", "index")}
    bare = {key: value for key, value in candidate.items() if key in ("content", "index")}
    found = [
        {**event, "candidates": [deepcopy({**bare, "content": {**candidate["content"], "parts": [part]}})]}
        for part in parts
    ]
    last = {**bare, **ending, "content": {**candidate["content"], "parts": [{"text": ""}]}}
    return [*found, {**deepcopy(event), "candidates": [last]}] if ending else found
