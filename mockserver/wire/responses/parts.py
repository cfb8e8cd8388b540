"""The parts of a response object and of its events, as faults see them (`faults.parts`)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
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
from mockserver.wire.responses.assemble import assembled
from mockserver.wire.responses.events import ARGUMENTS, DELTAS, TERMINAL, TEXTS, EventOptions, events_of, numbered
from mockserver.wire.responses.framing import frame_event
from mockserver.wire.streaming import data_of

_ONE_ANSWER = "a response is one answer, without a list of choices"
_NO_FINISH = "this API has no finish reason"
ABSENT: Mapping[str, str] = {
    "choices_empty": _ONE_ANSWER,
    "calls_in_second_choice": _ONE_ANSWER,
    "content_with_calls": "text beside the calls is usual here",
    "finish_stop_with_calls": _NO_FINISH,
    "finish_tool_calls_without_calls": _NO_FINISH,
}
"""Faults that this API does not have, with the reason."""

_OPENED, _CLOSED = "response.output_item.added", "response.output_item.done"
_KEYS = {f"{name}.{end}": key for key, name in ARGUMENTS.values() for end in ("delta", "done")}
_WORDS = {"stop": "completed", "tool_calls": "completed", "length": "incomplete", "content_filter": "incomplete"}
_ERROR = {"type": "server_error", "code": "server_error", "param": None}


def _read(event: bytes) -> JsonObject | None:
    """The event in its bytes; None for comments, and for what is not JSON."""
    data = data_of(event.decode("utf-8", "surrogateescape"))
    try:
        value: Any = decode(data.encode("utf-8", "surrogateescape")) if data is not None else None
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


class ResponsesParts:
    """`output[]` of the response object, and the events of each of its items."""

    api = "Responses"
    absent = ABSENT
    framing = Framing(
        content_type="text/event-stream; charset=utf-8",
        is_sse=True,
        write=frame_event,
        read=_read,
        arguments=re.compile(rb'"type":"response\.(?:function_call_arguments|custom_tool_call_input)\.delta",'
                             rb'"delta":"(?:\\.|[^"\\])'),
    )  # fmt: skip

    def body(self, body: JsonObject, /) -> BodyParts:
        """The items of a response: one answer."""
        calls = [_call(item, ARGUMENTS[item["type"]][0]) for item in _calls(body)]
        answer = AnswerParts(
            calls=calls, call_list=CallItems(body), text=MessageText(body), finish=KeySlot(body, "status")
        )
        return BodyParts(body=body, answers=[answer])

    def event(self, event: JsonObject, /) -> EventParts:
        """What an event says of a call, of a text, or of the response."""
        kind = event.get("type")
        response = event.get("response")
        return EventParts(
            call=_called(event),
            text=KeySlot(event, "delta") if kind in DELTAS and isinstance(event.get("delta"), str) else None,
            speaks=kind in DELTAS,
            finishes=kind in TERMINAL,
            id=KeySlot(response, "id") if isinstance(response, dict) else None,
            created=KeySlot(response, "created_at") if isinstance(response, dict) else None,
        )

    def runs(self, events: Events, /) -> list[Run]:
        """One run: this API sends the events of one item after those of another."""
        before: Events = []
        calls: list[Events] = []
        after: Events = []
        for event in events:
            if _called(event) is None:
                (after if calls else before).append(event)
            elif event["type"] == _OPENED or not calls:
                calls.append([event])
            else:
                calls[-1].append(event)
        return [Run(before, calls, after)]

    def sequenced(self, events: Events, /) -> Events:
        """The events with sequence numbers from 0."""
        return numbered(events)

    def opened_again(self, opening: JsonObject, event: JsonObject, /) -> Events:
        """The item is added again before the piece of its arguments."""
        return [opening, event] if event.get("type") in DELTAS else [event]

    def whole(self, call: Events, /) -> Events:
        """One piece with all of the arguments."""
        pieces = [event for event in call if event.get("type") in DELTAS]
        if len(pieces) < 2:
            return call
        joined = {**pieces[0], "delta": [*accumulate(event["delta"] for event in pieces)][-1]}
        rest = [event for event in call[1:] if event.get("type") not in DELTAS]
        return [call[0], joined, *rest]

    def empty(self, event: JsonObject, /) -> Sequence[JsonObject]:
        """A piece of no letters."""
        return ({**event, "delta": ""},)

    def finish_word(self, word: FinishWord, /) -> str:
        """The status that says it."""
        return _WORDS[word]

    def error_events(self, message: str, /) -> Events:
        """The error, nested as the service sends it, and the response that failed."""
        inside = {"code": "server_error", "message": message}
        failed: JsonObject = {"object": "response", "status": "failed", "error": inside, "output": [], "usage": None}
        nested = {"type": "error", "error": {**_ERROR, "message": message}}
        return [nested, {"type": "response.failed", "response": failed}]

    def assembled(self, events: Events, /) -> JsonObject:
        """The response that the pieces add up to."""
        return assembled(events)

    def streamed(self, body: JsonObject, /) -> Events:
        """The events of a response, each text and each call's arguments in one piece."""
        return events_of(body, EventOptions("whole"))


PARTS = ResponsesParts()
"""The lenses of the Responses API."""


def _calls(body: JsonObject) -> list[JsonObject]:
    output = body.get("output")
    entries = output if isinstance(output, list) else []
    return [item for item in entries if isinstance(item, dict) and item.get("type") in ARGUMENTS]


def _call(item: JsonObject, key: str) -> CallParts:
    return CallParts(
        name=KeySlot(item, "name"),
        arguments=KeySlot(item, key),
        id=KeySlot(item, "call_id"),
        type=KeySlot(item, "type"),
        function=item.get("type") == "function_call",
    )


def _called(event: JsonObject) -> CallParts | None:
    """What an event says of a call: its opening holds the item, the others a piece or all of its text."""
    kind = event.get("type")
    item = event.get("item")
    if kind == _OPENED and isinstance(item, dict) and item.get("type") in ARGUMENTS:
        return CallParts(
            name=KeySlot(item, "name"),
            arguments=KeySlot(item, ARGUMENTS[item["type"]][0]),
            id=KeySlot(item, "call_id"),
            type=KeySlot(item, "type"),
            index=KeySlot(event, "output_index"),
            function=item["type"] == "function_call",
        )
    is_end = kind == _CLOSED and isinstance(item, dict) and item.get("type") in ARGUMENTS
    if kind not in _KEYS and not is_end:
        return None
    return CallParts(
        name=KeySlot(event, "name"),
        arguments=KeySlot(event, "delta"),
        id=KeySlot(event, "call_id"),
        type=KeySlot(event, "namespace"),
        index=KeySlot(event, "output_index"),
        function=_KEYS.get(str(kind), "arguments") == "arguments",
    )


@dataclass(frozen=True, slots=True)
class CallItems:
    """The items that call a tool, as one place; without them the others stay."""

    body: JsonObject

    @property
    def present(self) -> bool:
        """Whether there is any."""
        return bool(_calls(self.body))

    def get(self) -> Any:
        """The items."""
        return _calls(self.body)

    def set(self, value: Any, /) -> None:
        """Put these in their place, after all others."""
        self.delete()
        self.body["output"] = [*self.body["output"], *(value or ())]

    def delete(self) -> None:
        """Leave the other items."""
        kept = [item for item in self.body["output"] if item.get("type") not in ARGUMENTS]
        self.body["output"] = kept


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of the message item, which is made before the calls when there is something to say."""

    body: JsonObject

    def _part(self) -> Slot | None:
        for item in self.body["output"]:
            content = item.get("content") if item.get("type") == "message" else None
            for part in content if isinstance(content, list) else ():
                if part.get("type") in TEXTS:
                    return KeySlot(part, TEXTS[part["type"]][0])
        return None

    @property
    def present(self) -> bool:
        """Whether there is a text."""
        return self._part() is not None

    def get(self) -> Any:
        """The text; None where nothing is said."""
        part = self._part()
        return None if part is None else part.get()

    def set(self, value: Any, /) -> None:
        """Say it: in place of the text that is there, or in a message of its own."""
        part = self._part()
        if part is not None:
            part.set(value)
            return
        content = (
            [{"type": "output_text", "annotations": [], "logprobs": [], "text": value}]
            if not isinstance(value, list)
            else value
        )
        own = str(self.body.get("id", "")).replace("resp_", "msg_", 1)
        item = {"id": own, "type": "message", "status": "completed", "content": content, "role": "assistant"}
        output = self.body["output"]
        place = next((at for at, one in enumerate(output) if one.get("type") in ARGUMENTS), len(output))
        output.insert(place, item)

    def delete(self) -> None:
        """A message without its content; it is made where there is none."""
        if not any(item.get("type") == "message" for item in self.body["output"]):
            self.set("")
        for item in self.body["output"]:
            if item.get("type") == "message":
                item.pop("content", None)
