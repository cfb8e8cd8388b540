"""The conversation so far, in the form in which an API takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clientkit.completion import function_of, text_of
from clientkit.pieces import is_object
from clientkit.printable import as_json, printable, shortened
from clientkit.reply import Reply, ToolCall, with_usable_ids

if TYPE_CHECKING:
    from clientkit.answer import CallRecord

MAX_TEXT = 1_000_000
"""Characters of one text that are sent; an API that takes fewer than a model or a tool wrote would refuse them all."""

_KEPT_OF_BROKEN_ARGUMENTS = 2000


class Transcript(list[dict[str, Any]]):
    """The messages of a conversation; `str()` shows them to a person.

    Whatever the model wrote, what is kept can be sent again: ids are unique in the whole conversation, names are names,
    arguments are JSON objects. Else one bad call would make every later request fail.
    """

    @classmethod
    def opened_with(cls, question: str | Iterable[Mapping[str, Any]]) -> Transcript:
        """The conversation that a question, or a list of messages, begins."""
        if isinstance(question, str):
            return cls([{"role": "user", "content": question}])
        return cls(dict(message) for message in question)

    def hear(self, reply: Reply) -> Reply:
        """Adds what the model says; gives the reply with the ids under which its calls are now known."""
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

    def tell(self, results: Iterable[CallRecord]) -> None:
        """Adds the results of calls, each under the id of its call."""
        self.extend(
            {"role": "tool", "tool_call_id": result.id, "content": _sendable(result.content)} for result in results
        )

    def _ids(self) -> set[str]:
        return {str(call.get("id")) for message in self for call in message.get("tool_calls") or []}

    def __str__(self) -> str:
        return "\n".join(line for message in self for line in _lines(message))


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
    return as_json({"unreadable_arguments": shortened(text, _KEPT_OF_BROKEN_ARGUMENTS)})


def _lines(message: Mapping[str, Any]) -> Iterable[str]:
    role = str(message.get("role"))
    speaker = {"assistant": "model"}.get(role, role)
    text = text_of(message.get("content")) or message.get("refusal")
    if role == "tool":
        text = f"{message.get('tool_call_id')} -> {shortened(text or '')}"
    if text:
        yield _line(speaker, text)
    for call in message.get("tool_calls") or []:
        function = function_of(call)
        yield _line(speaker, f"{call.get('id')}: {function.get('name')}({shortened(str(function.get('arguments')))})")


def _line(speaker: str, text: str) -> str:
    return f"{speaker:<10}" + printable(text, lines=True).replace("\n", "\n" + " " * 10)
