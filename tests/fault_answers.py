"""Answers as a stranger reads them, whatever form they are in: a reply, a body, chunks, or the steps of a response."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

from openai._streaming import SSEDecoder

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.steps import Head, Send, Step


class Call(NamedTuple):
    """A call as it was heard."""

    id: Any
    name: Any
    arguments: Any


class Said(NamedTuple):
    """What the first choice of an answer says; `finish` is None for one that ended in no proper way."""

    text: str | None
    refusal: str | None
    calls: tuple[Call, ...]
    finish: str | None


class Answer:
    """An answer: of the layer dialogue or reply, a body, a list of chunks, or a list of steps."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @cached_property
    def steps(self) -> list[Step]:
        """What the response does; nothing for an answer that is not written yet."""
        is_steps = isinstance(self.value, list) and not any(isinstance(entry, dict) for entry in self.value)
        return list(self.value) if is_steps else []

    @cached_property
    def status(self) -> int:
        """The HTTP status; 0 where nothing came."""
        if isinstance(self.value, ApiError):
            return self.value.status
        if not self.steps:
            return 200
        return next((step.status for step in self.steps if isinstance(step, Head)), 0)

    @cached_property
    def headers(self) -> dict[str, str]:
        """The head of the response, but for the name of the fault."""
        found = next((dict(step.headers) for step in self.steps if isinstance(step, Head)), {})
        return {name: value for name, value in found.items() if name != "x-mock-fault"}

    @cached_property
    def bytes(self) -> bytes:
        """The body, as it was sent."""
        return sent(self.steps)

    @cached_property
    def streamed(self) -> bool:
        """Whether it comes in chunks."""
        return self.chunks is not None

    @cached_property
    def events(self) -> list[Any]:
        """The events of a stream, JSON decoded."""
        return events(self.steps)

    @cached_property
    def chunks(self) -> list[Any] | None:
        """The chunks of a stream; None for an answer that is none."""
        if self.steps:
            is_stream = self.headers.get("content-type", "").startswith("text/event-stream")
            return [event for event in self.events if isinstance(event, dict)] if is_stream else None
        return self.value if isinstance(self.value, list) else None

    @cached_property
    def body(self) -> Any:
        """The completion or the error, that of a stream as its chunks add up to."""
        if isinstance(self.value, ApiError):
            return {"error": {"message": self.value.message, "code": self.value.code, **self.value.extra}}
        if self.chunks is not None:
            return {"choices": gathered(self.chunks)}
        if isinstance(self.value, Reply):
            return None
        return strictly(self.bytes.decode("utf-8", "replace")) if self.steps else self.value

    @cached_property
    def choice(self) -> Any:
        """The first choice."""
        choices = self.body.get("choices") if isinstance(self.body, dict) else None
        return choices[0] if choices else {}

    @cached_property
    def message(self) -> Any:
        """The message of the first choice."""
        return self.choice.get("message") or {}

    @cached_property
    def said(self) -> Said:
        """What it says."""
        reply = self.value
        if isinstance(reply, Reply):
            calls = tuple(Call(call.id, call.name, call.arguments) for call in reply.calls)
            finish = reply.finish_reason or ("tool_calls" if calls else "stop")
            return Said(reply.text or None, reply.refusal, calls, finish)
        heard = self.message
        calls = tuple(call_of(call) for call in heard.get("tool_calls") or ())
        return Said(heard.get("content") or None, heard.get("refusal"), calls, self.choice.get("finish_reason"))


class Only(Answer):
    """An answer of which no more is known than what it says."""

    def __init__(self, said: Said) -> None:
        super().__init__(None)
        self.said = said


class Case(NamedTuple):
    """A request, the answer without a fault and the one with it, and the fault's parameters."""

    request: ChatRequest
    before: Answer
    after: Answer
    parameters: Mapping[str, Any]


def strictly(text: Any) -> Any:
    """JSON as RFC 8259 has it, and nothing else; None for anything else."""
    try:
        return json.loads(text, parse_constant=_refused)
    except (ValueError, TypeError, RecursionError):
        return None


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def sent(steps: Sequence[Step]) -> bytes:
    """The bytes of a body."""
    return b"".join(step.data for step in steps if isinstance(step, Send))


def events(steps: Sequence[Step]) -> list[Any]:
    """The events of a stream as the official SDK reads them, JSON decoded."""
    try:
        read = list(SSEDecoder().iter_bytes(iter([sent(steps)])))
    except UnicodeDecodeError:
        return []
    return [event.data if event.data == "[DONE]" else strictly(event.data) for event in read]


def gathered(chunks: Sequence[Any]) -> list[Any]:
    """The choices that chunks add up to: texts are joined, calls told apart by their index."""
    choices: dict[Any, dict[str, Any]] = {}
    for chunk in chunks:
        for one in chunk.get("choices") or ():
            choice = choices.setdefault(one["index"], {"index": one["index"], "message": {}, "finish_reason": None})
            choice["finish_reason"] = one.get("finish_reason") or choice["finish_reason"]
            _add(choice["message"], one.get("delta") or {})
    for choice in choices.values():
        if choice["message"].get("refusal") is None:
            choice["message"].pop("refusal", None)  # first deltas with a text have it, those without leave it out
        if isinstance(calls := choice["message"].get("tool_calls"), dict):
            choice["message"]["tool_calls"] = [calls[index] for index in sorted(calls, key=str)]
    return [choices[index] for index in sorted(choices)]


def _add(told: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        had = told.get(key)
        if key == "tool_calls" and value:
            calls = told["tool_calls"] = had if isinstance(had, dict) else {}
            for piece in value:
                rest = {name: entry for name, entry in piece.items() if name != "index"}
                _add(calls.setdefault(piece.get("index"), {}), rest)
        elif isinstance(value, dict) and isinstance(had, dict):
            _add(had, value)
        else:
            joined = isinstance(had, str) and isinstance(value, str) and key not in ("role", "id", "type")
            told[key] = had + value if joined else dict(value) if isinstance(value, dict) else value


def call_of(call: Mapping[str, Any]) -> Call:
    """A call of a message."""
    function = call.get("function") or {}
    return Call(call.get("id"), function.get("name"), function.get("arguments"))
