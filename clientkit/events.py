"""The events of a conversation: requests and retries, what the model says, and what becomes of its calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from clientkit.reply import Reply, ToolCall
from clientkit.transcript import CallRecord


@dataclass(frozen=True, slots=True)
class _OfConversation:
    conversation_id: str = field(default="", kw_only=True, compare=False, repr=False)
    """The `id` of the conversation; empty for an event that was not passed to a listener."""


@dataclass(frozen=True, slots=True)
class RequestSent(_OfConversation):
    """The model is asked; `round` counts the requests of one question from 1."""

    round: int


@dataclass(frozen=True, slots=True)
class RetryScheduled(_OfConversation):
    """A request failed and is sent again after `seconds`; `attempt` counts the failed attempts from 1."""

    attempt: int
    seconds: float
    error: Exception


@dataclass(frozen=True, slots=True)
class ConfirmationRequested(_OfConversation):
    """The user is asked about a call and the conversation waits for the answer."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TextArrived(_OfConversation):
    """The next piece of the model's text."""

    text: str


@dataclass(frozen=True, slots=True)
class CallOpened(_OfConversation):
    """The model began a call; `position` counts the calls of one reply from 0, in order of arrival."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class ArgumentsGrew(_OfConversation):
    """The next piece of a call's arguments, as it was sent."""

    position: int
    piece: str


@dataclass(frozen=True, slots=True)
class CallComplete(_OfConversation):
    """A call as the whole stream tells it; comes only when nothing can change it any more."""

    position: int
    call: ToolCall


@dataclass(frozen=True, slots=True)
class Finished(_OfConversation):
    """The model's message is whole."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class CallStarted(_OfConversation):
    """A call was checked, and agreed to where that is needed, and now runs."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class CallProgress(_OfConversation):
    """A generator tool yielded a value while it runs."""

    call: ToolCall
    value: Any


@dataclass(frozen=True, slots=True)
class CallAnswered(_OfConversation):
    """A call has its result: what the function returned, or why it was not run."""

    record: CallRecord


ReplyEvent: TypeAlias = TextArrived | CallOpened | ArgumentsGrew | CallComplete | Finished
Event: TypeAlias = (
    RequestSent | RetryScheduled | ReplyEvent | ConfirmationRequested | CallStarted | CallProgress | CallAnswered
)

LISTENER: ContextVar[Callable[[Event], Awaitable[None]] | None] = ContextVar("clientkit_listener", default=None)
"""Receives the events of a client that is asked within a conversation, such as its retries."""


async def emit(event: Event) -> None:
    """Pass an event to the listener of the conversation, if there is one."""
    if listener := LISTENER.get():
        await listener(event)


def events_of(reply: Reply) -> list[ReplyEvent]:
    """The events of a reply that came in one piece, so that a listener need not care how it came."""
    events: list[ReplyEvent] = [TextArrived(reply.text)] if reply.text else []
    for position, call in enumerate(reply.calls):
        events += [CallOpened(position, call.name), ArgumentsGrew(position, call.arguments)]
    events += [CallComplete(position, call) for position, call in enumerate(reply.calls)]
    return [*events, Finished(reply)]
