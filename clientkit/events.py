"""What is told while a conversation goes on: first what the model says, then what becomes of its calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from clientkit.answer import CallRecord
    from clientkit.reply import Reply, ToolCall


@dataclass(frozen=True, slots=True)
class TextArrived:
    """The next piece of the model's text."""

    text: str


@dataclass(frozen=True, slots=True)
class CallOpened:
    """The model began a call; `position` counts the calls of one reply from 0, in order of arrival."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class ArgumentsGrew:
    """The next piece of a call's arguments, as it was sent."""

    position: int
    piece: str


@dataclass(frozen=True, slots=True)
class CallComplete:
    """A call as the whole stream tells it; comes only when nothing can change it any more."""

    position: int
    call: ToolCall


@dataclass(frozen=True, slots=True)
class Finished:
    """The model's message is whole."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call was checked, and agreed to where that is needed, and now runs."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """A call has its result: what the function gave, or why it was not run."""

    record: CallRecord


ReplyEvent: TypeAlias = TextArrived | CallOpened | ArgumentsGrew | CallComplete | Finished
Event: TypeAlias = ReplyEvent | CallStarted | CallAnswered


def events_of(reply: Reply) -> list[ReplyEvent]:
    """The events of a reply that came in one piece, so that a listener need not care how it came."""
    events: list[ReplyEvent] = [TextArrived(reply.text)] if reply.text else []
    for position, call in enumerate(reply.calls):
        events += [CallOpened(position, call.name), ArgumentsGrew(position, call.arguments)]
    events += [CallComplete(position, call) for position, call in enumerate(reply.calls)]
    return [*events, Finished(reply)]
