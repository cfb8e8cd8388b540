"""The model's side of a conversation: one question, one reply, and the care that it is whole before anybody acts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from clientkit.callbacks import Callbacks
from clientkit.completion import function_of
from clientkit.errors import IncompleteReply
from clientkit.events import Finished, ReplyEvent, events_of
from clientkit.leaks import holds_call, without_thoughts
from clientkit.reply import ANNOUNCES_CALLS, Reply, is_cut_off

Message: TypeAlias = Mapping[str, Any]
"""One message of a conversation, as the API writes it."""

ToolDefinition: TypeAlias = Mapping[str, Any]
"""One tool offered to the model, as the API writes it."""


class Model(Protocol):
    """Whoever answers: `Chat`, `OpenAIChat`, or your own."""

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> Reply:
        """The model's next message; `options` go into this request alone."""
        ...

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> AsyncGenerator[ReplyEvent, None]:
        """The events of the model's next message; the last is `Finished`."""
        ...


@dataclass(frozen=True, slots=True)
class ModelWithTools:
    """A model together with the tools that it may call, and who hears what it says."""

    model: Model
    tools: Sequence[ToolDefinition]
    callbacks: Callbacks
    stream: bool

    async def reply_to(self, messages: Sequence[Message], *, first: bool = True) -> Reply:
        """The model's next message. Raises what the model's side raises, and IncompleteReply.

        A refusal is whole as it is, and has no calls: whatever it says beside, nothing follows from it.
        """
        # A choice that forces a call holds for the first round; forced again, the model could never answer.
        free = {} if first or not forces_call(getattr(self.model, "options", {})) else {"tool_choice": "auto"}
        reply = await (self._streamed(messages, free) if self.stream else self._complete(messages, free))
        reply = replace(reply, text=reply.text and without_thoughts(reply.text))
        if reply.refusal:
            return replace(reply, calls=())
        names = [str(function_of(tool).get("name")) for tool in self.tools]
        if reason := _what_is_missing(reply, names):
            raise IncompleteReply(reason, reply)
        return reply

    async def _complete(self, messages: Sequence[Message], options: Mapping[str, Any]) -> Reply:
        reply = await self.model.complete(messages, self.tools, **options)
        for event in events_of(reply):
            await self.callbacks.tell(event)
        return reply

    async def _streamed(self, messages: Sequence[Message], options: Mapping[str, Any]) -> Reply:
        async with aclosing(self.model.stream(messages, self.tools, **options)) as events:
            async for event in events:
                await self.callbacks.tell(event)
                if isinstance(event, Finished):
                    return event.reply
        return Reply()


def forces_call(options: Mapping[str, Any]) -> bool:
    """Whether the options of a request force the model to call a tool."""
    choice = options.get("tool_choice")
    if isinstance(choice, dict):
        return choice.get("type") != "allowed_tools" or choice.get("allowed_tools", {}).get("mode") == "required"
    return choice in {"required", "any"}


def _what_is_missing(reply: Reply, tools: Collection[str]) -> str | None:
    if reply.finish is None:
        return "missing"
    if is_cut_off(reply.finish):
        return reply.finish
    if reply.calls:
        # A finish that nobody knows may well say that the calls are broken.
        return None if reply.finish == "stop" or reply.finish in ANNOUNCES_CALLS else reply.finish
    if reply.finish in ANNOUNCES_CALLS:
        return "no_calls"
    if not (reply.text and reply.text.strip()):
        return "empty"
    return "call_in_text" if holds_call(reply.text, tools) else None
