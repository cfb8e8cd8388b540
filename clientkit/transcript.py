"""The conversation so far: its messages, in the form in which an API takes them back, and what became of each call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from clientkit.display import as_json, printable, shorten
from clientkit.reply import Reply, ToolCall, function_of, text_of, with_usable_ids
from clientkit.strict_json import is_object

MAX_TEXT = 1_000_000
"""Characters of one text that are sent; an API that takes fewer than a model or a tool wrote would refuse them all."""

UNKNOWN_RESULT = "Not known: "
"""How the result of a call begins whose end was not seen."""

_KEPT_OF_BROKEN_ARGUMENTS = 2000
_NO_RESULT = f"{UNKNOWN_RESULT}no result of this call was kept. It may have been done."

Outcome: TypeAlias = Literal["ran", "failed", "bad", "declined", "skipped", "unknown"]
"""`ran`: the function returned a value. `failed`: it raised, or a tool that does not act took too long. `bad`: the call
does not fit. `declined`: the user did not agree, or a hook forbade it. `skipped`: the same call ran already or too
often, there were too many, or the question was abandoned. `unknown`: it began and its end was not seen, so it may have
been done. Only `ran`, `failed` and `unknown` started anything."""

RUN_OUTCOMES = frozenset({"ran", "failed", "unknown"})
"""The outcomes of calls that began to run."""


class Transcript(list[dict[str, Any]]):
    """The messages of a conversation; `str()` shows them to a person.

    Whatever the model wrote, the messages can be sent again: ids are unique in the whole conversation, names are valid
    names, arguments are JSON objects. Otherwise one bad call would make every later request fail.
    """

    @classmethod
    def from_question(cls, question: str | Iterable[Mapping[str, Any]]) -> Transcript:
        """The conversation that a question, or a list of messages, begins; a call without a result gets one."""
        if isinstance(question, str):
            return cls([{"role": "user", "content": question}])
        return cls(_with_every_result(dict(message) for message in question))

    def add_reply(self, reply: Reply) -> Reply:
        """Add the model's message; returns the reply with the ids under which its calls now stand here."""
        reply = replace(reply, calls=with_usable_ids(reply.calls, self._ids()))
        message: dict[str, Any] = {"role": "assistant", "content": reply.text and _sendable(reply.text)}
        if reply.refusal:
            message["refusal"] = reply.refusal
        elif reply.calls:
            message["tool_calls"] = [_call_message(call) for call in reply.calls]
        if reply.reasoning:
            # Models that think aloud want their thoughts back as long as the calls that followed from them go on.
            message["reasoning_content"] = reply.reasoning
        self.append(message)
        return reply

    def add_results(self, results: Iterable[CallRecord]) -> None:
        """Add the results of calls, each under the id of its call, in the order of the calls."""
        kept: list[dict[str, Any]] = []
        while self and self[-1].get("role") == "tool":
            kept.insert(0, self.pop())
        kept += [{"role": "tool", "tool_call_id": each.id, "content": _sendable(each.content)} for each in results]
        order = {identity: place for place, identity in enumerate(self._ids_of_last())}
        self.extend(sorted(kept, key=lambda message: order.get(message["tool_call_id"], len(order))))

    def with_results(self, results: Iterable[CallRecord]) -> Transcript:
        """A copy with these results added."""
        copy = Transcript(dict(message) for message in self)
        copy.add_results(results)
        return copy

    def unknown_calls(self) -> list[CallRecord]:
        """The calls that an earlier conversation left with an unknown end, as far as the messages say so."""
        calls = {str(call.get("id")): function_of(call) for message in self for call in message.get("tool_calls") or []}
        results = {str(message.get("tool_call_id")): text_of(message.get("content")) or "" for message in self}
        return [
            CallRecord(identity, str(calls[identity].get("name")), _object(calls[identity]), "unknown", content)
            for identity, content in results.items()
            if identity in calls and content.startswith(UNKNOWN_RESULT)
        ]

    def _ids(self) -> set[str]:
        return {str(call.get("id")) for message in self for call in message.get("tool_calls") or []}

    def _ids_of_last(self) -> list[str]:
        return [str(call.get("id")) for call in (self[-1].get("tool_calls") or [])] if self else []

    def __str__(self) -> str:
        return "\n".join(line for message in self for line in _lines(message))


def _with_every_result(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The messages with a result for each call that has none: an API refuses a conversation with open calls."""
    missing: dict[str, None] = {}
    for message in messages:
        if message.get("role") == "tool":
            missing.pop(str(message.get("tool_call_id")), None)
        else:
            yield from _unknown_results(missing)
            missing = {str(call.get("id")): None for call in message.get("tool_calls") or []}
        yield message
    yield from _unknown_results(missing)


def _unknown_results(identities: Iterable[str]) -> Iterator[dict[str, Any]]:
    return ({"role": "tool", "tool_call_id": identity, "content": _NO_RESULT} for identity in identities)


def _object(function: Mapping[str, Any]) -> dict[str, Any] | None:
    text = str(function.get("arguments"))
    return dict(json.loads(text)) if is_object(text) else None


def _call_message(call: ToolCall) -> dict[str, Any]:
    extra = {"extra_content": dict(call.extra_content)} if call.extra_content else {}
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", call.name)[:64] or "unnamed"
    function = {"name": name, "arguments": _sendable_arguments(call.arguments)}
    return {"id": call.id, "type": "function", "function": function, **extra}


def _sendable(text: str) -> str:
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT]}\n(Cut here; it was {len(text)} characters long.)"
    return text.encode("utf-8", "replace").decode()


def _sendable_arguments(text: str) -> str:
    if is_object(text):
        return text
    if not text.strip():
        return "{}"
    return as_json({"unreadable_arguments": shorten(text, _KEPT_OF_BROKEN_ARGUMENTS)})


def _lines(message: Mapping[str, Any]) -> Iterable[str]:
    role = str(message.get("role"))
    speaker = {"assistant": "model"}.get(role, role)
    text = text_of(message.get("content")) or message.get("refusal")
    if role == "tool":
        text = f"{message.get('tool_call_id')} -> {shorten(text or '')}"
    if text:
        yield _line(speaker, text)
    for call in message.get("tool_calls") or []:
        function = function_of(call)
        yield _line(speaker, f"{call.get('id')}: {function.get('name')}({shorten(str(function.get('arguments')))})")


def _line(speaker: str, text: str) -> str:
    return f"{speaker:<10}" + printable(text, lines=True).replace("\n", "\n" + " " * 10)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call and what became of it.

    `content` is the result as the model reads it, `value` what the function returned, and `error` the exception of a
    call that failed, did not fit or ran out of time.
    """

    id: str
    name: str
    arguments: dict[str, Any] | None
    outcome: Outcome
    content: str
    value: Any = None
    error: BaseException | None = None
    coerced: tuple[str, ...] = ()
    """The places in the arguments that were corrected, because the tool asks for that."""
    repaired: bool = False
    """Whether the arguments were broken JSON and were repaired, because the tool asks for that."""
    edited: bool = False
    """Whether the user changed the arguments when asked."""

    @property
    def problem(self) -> Any:
        """The BadCall of a call that does not fit; None for any other."""
        return self.error if self.outcome == "bad" else None
