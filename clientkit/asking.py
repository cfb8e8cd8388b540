"""Asks for the model's next message, and makes sure that it is whole before anybody acts on it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeAlias

from clientkit.errors import IncompleteReply
from clientkit.events import Event, Finished, events_of
from clientkit.model import Model, ToolDefinition
from clientkit.reply import Reply
from clientkit.transcript import Transcript

OnEvent: TypeAlias = Callable[[Event], Awaitable[None] | None]
"""Hears what goes on; a plain or an async function."""

_CUT_OFF = frozenset({"length", "content_filter"})
_ANNOUNCES_CALLS = frozenset({"tool_calls", "function_call"})
_GOES_WITH_CALLS = _ANNOUNCES_CALLS | {"stop"}


async def tell(listener: OnEvent | None, event: Event) -> None:
    """Tells the listener, if there is one."""
    if listener is not None:
        heard = listener(event)
        if inspect.isawaitable(heard):
            await heard


async def ask(
    model: Model, messages: Transcript, tools: Sequence[ToolDefinition], listener: OnEvent | None, *, stream: bool
) -> Reply:
    """The model's next message. Raises what the model's side raises, and IncompleteReply."""
    if not stream:
        reply = await model.complete(messages, tools)
        for event in events_of(reply):
            await tell(listener, event)
        return _whole(reply, messages)
    async with aclosing(model.stream(messages, tools)) as events:
        async for event in events:
            await tell(listener, event)
            if isinstance(event, Finished):
                return _whole(event.reply, messages)
    raise IncompleteReply("missing", Reply(), messages)


def _whole(reply: Reply, messages: Transcript) -> Reply:
    """The reply, if nothing of it is missing. A refusal is whole as it is, for nothing follows from it."""
    reason = None if reply.refusal else _what_is_missing(reply)
    if reason is not None:
        raise IncompleteReply(reason, reply, messages)
    return reply


def _what_is_missing(reply: Reply) -> str | None:
    said = bool(reply.text and reply.text.strip())
    if reply.finish is None:
        return "missing"
    if reply.finish in _CUT_OFF:
        return reply.finish
    if reply.calls:
        # A finish that nobody knows may well say that the calls are broken.
        return None if reply.finish in _GOES_WITH_CALLS else reply.finish
    if reply.finish in _ANNOUNCES_CALLS:
        return "no_calls"
    return None if said else "empty"
