"""The model's side of a conversation: asks for the next message, and checks that it is complete before anything runs.

A tool call that a server left in the text, in the markup of some template, is not an answer either.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

from clientkit.answer import Usage
from clientkit.callbacks import Callbacks
from clientkit.errors import IncompleteReply, TooManyRounds
from clientkit.events import LISTENER, Finished, ReplyEvent, RequestSent, events_of
from clientkit.reply import ANNOUNCES_CALLS, Reply, is_cut_off
from clientkit.tools import AnyTool, tools_for_choice

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_FORMS = (
    # An object that names the tool beside its arguments, bare, fenced or in tags: Hermes, Qwen, Llama, Mistral.
    r'"name"\s*:\s*"(?:functions\.)?(?:NAME)"\s*,\s*"(?:arguments|parameters|args|input)"\s*:',
    # A tag that names it: <function=…>, <invoke name="…">, and DeepSeek's own kind of tags.
    r'<[^<>\n]{0,40}(?:function=|name=")(?:NAME)\b',
    # Tokens of a template before the name: Llama's python tag, Kimi's and gpt-oss's.
    r"<\|\w{1,40}\|>[^<>\n]{0,60}\b(?:NAME)\b",
    r"\[TOOL_CALLS?\][^\n]{0,60}\b(?:NAME)\b",
    # The name and its arguments as code, with nothing before: Llama 4.
    r"\A\s*\[?(?:NAME)\(",
    r"(?:\A|\n)\s*Action:\s*(?:NAME)\s*\n\s*Action Input:",
    r"\[Calling tool:?\s*(?:NAME)\b",
)

Message: TypeAlias = Mapping[str, Any]
"""One message of a conversation, as the API writes it."""

ToolDefinition: TypeAlias = Mapping[str, Any]
"""One tool offered to the model, as the API writes it."""


class Model(Protocol):
    """A client that asks a model: `Chat`, `OpenAIChat`, or your own."""

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


class ModelWithTools:
    """A model with the tools that it may call; asks it for one question, at most `rounds` times."""

    def __init__(
        self, model: Model, tools: Mapping[str, AnyTool], callbacks: Callbacks, *, stream: bool, rounds: int
    ) -> None:
        self.usage = Usage()
        """What the requests so far cost."""
        self.callable_tools: Mapping[str, AnyTool] = tools
        """The tools that the latest request let the model call."""
        self._model = model
        self._tools = tools
        self._callbacks = callbacks
        self._stream = stream
        self._rounds = rounds
        self._choice: Any = getattr(model, "options", {}).get("tool_choice")
        self._options: dict[str, Any] = {}

    def require(self, **options: Any) -> None:
        """Put these options into the requests to come, such as a `response_format` or a `tool_choice`."""
        self._options.update(options)
        self._choice = options.get("tool_choice", self._choice)

    async def reply_to(self, messages: Sequence[Message]) -> Reply:
        """The model's next message.

        A refusal is complete as it is, and has no calls: whatever it says besides, nothing follows from it.

        Raises:
            TooManyRounds: It was asked `rounds` times already.
            IncompleteReply: The message is not whole.
        """
        if self.usage.requests >= self._rounds:
            raise TooManyRounds(self._rounds)
        await self._callbacks.emit(RequestSent(self.usage.requests + 1))
        self.callable_tools = tools_for_choice(self._tools, self._choice)
        token = LISTENER.set(self._callbacks.emit)
        try:
            reply = await (self._stream_reply(messages) if self._stream else self._complete_reply(messages))
        finally:
            LISTENER.reset(token)
        self.usage += Usage.of_reply(reply.usage)
        self._choose_freely()
        reply = replace(reply, text=reply.text and without_thoughts(reply.text))
        if reply.refusal:
            return replace(reply, calls=())
        if reason := _what_is_missing(reply, self._tools):
            raise IncompleteReply(reason, reply)
        return reply

    def _choose_freely(self) -> None:
        """Let a forced choice hold for one request only: forced again and again, the model could never answer."""
        match self._choice:
            case {"type": "allowed_tools", "allowed_tools": {"mode": "required", **some}}:
                self.require(tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": "auto", **some}})
            case {"type": "allowed_tools"} | None | "none" | "auto":
                pass
            case _:
                self.require(tool_choice="auto")

    async def _complete_reply(self, messages: Sequence[Message]) -> Reply:
        reply = await self._model.complete(messages, self._definitions(), **self._options)
        for event in events_of(reply):
            await self._callbacks.emit(event)
        return reply

    async def _stream_reply(self, messages: Sequence[Message]) -> Reply:
        async with aclosing(self._model.stream(messages, self._definitions(), **self._options)) as events:
            async for event in events:
                await self._callbacks.emit(event)
                if isinstance(event, Finished):
                    return event.reply
        return Reply()

    def _definitions(self) -> list[ToolDefinition]:
        return [tool.definition for tool in self._tools.values()]


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


def holds_call(text: str, tools: Collection[str]) -> bool:
    """Whether the text holds a call of one of the tools, written in a markup that some server failed to read."""
    return bool(tools) and _markup(frozenset(tools)).search(text) is not None


def without_thoughts(text: str) -> str:
    """The text without what the model thought aloud before it."""
    return _THOUGHTS.sub("", text, count=1)


@lru_cache(maxsize=64)
def _markup(tools: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(tools))
    return re.compile("|".join(form.replace("NAME", names) for form in _FORMS))
