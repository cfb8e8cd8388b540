"""Turns as Python users write them: texts, calls, replies, functions, and hang-ups (a broken connection)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from mockserver.chat import AS_WRITTEN, ApiError, Reply, ToolCall
from mockserver.scenario.scenario_model import Say

ALLOWED = "a text, a call, a list of calls (parallel), a Reply, an error from refuse(), or a function of the request"


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection drops after so many events of a stream; 0: before anything is sent."""

    after: int = 0

    @property
    def fault(self) -> str:
        """The fault that does it."""
        return f"cut_after_events:events={self.after}" if self.after else "reset_before_headers"


@dataclass(frozen=True, slots=True)
class CutOff(Reply):
    """A reply that a scripted `hang_up` cuts off: a turn of its own, so that a retry gets the next one."""


def hang_up(after: int = 0) -> HangUp:
    """A turn that drops the connection: `script(hang_up(after=2), "Hello.")` cuts "Hello." off, then says it whole.

    `after` counts the events of a streamed answer; a plain answer can only be dropped before it begins, with 0.

    Raises:
        ValueError: `after` is below 0.
    """
    if after < 0:
        raise ValueError(f"hang_up(after={after}): expected 0 or more events")
    return HangUp(after)


def as_say(value: Any) -> Say:
    """A value as a turn.

    Raises:
        TypeError: the value is not a turn.
        ValueError: a reply without a call says that its calls are wrong as written, or one has `thinking` alone.
    """
    if isinstance(value, str):
        return Reply(value)
    if isinstance(value, ToolCall):
        return Reply(calls=(value,))
    if isinstance(value, Reply | ApiError):
        if isinstance(value, Reply) and value.thinking is not None:
            _check_thinking(value)
        return _as_written(value) if isinstance(value, Reply) and value.fault == AS_WRITTEN else value
    if isinstance(value, list | tuple) and value and all(isinstance(call, ToolCall) for call in value):
        return Reply(calls=tuple(value))
    if callable(value) and not isinstance(value, type):
        said: Say = value
        return said
    raise TypeError(f"{value!r} cannot be a turn: a turn is {ALLOWED}")


def _check_thinking(reply: Reply) -> None:
    """Refuse a reply of thinking alone: it is a part of an answer."""
    if reply.text is None and reply.refusal is None and not reply.calls and reply.sent is None:
        raise ValueError(
            "`thinking` cannot stand alone: give the Reply a text ('' for none), calls or a refusal as well"
        )


def says(turns: Sequence[Any]) -> Iterator[Say]:
    """Several values as turns; a hang-up cuts off the reply after it.

    Raises:
        TypeError: one of them is not a turn.
    """
    for number, turn in enumerate(turns):
        if not isinstance(turn, HangUp):
            yield as_say(turn)
            continue
        replies = (as_say(later) for later in turns[number + 1 :] if not isinstance(later, HangUp))
        cut = next((reply for reply in replies if isinstance(reply, Reply)), Reply(""))
        yield CutOff(**{part.name: getattr(cut, part.name) for part in fields(cut)} | {"fault": turn.fault})


def _as_written(reply: Reply) -> Reply:
    """A reply that is wrong on purpose as a whole: every call of it that says nothing else is."""
    if not reply.calls:
        raise ValueError(f"fault='{AS_WRITTEN}' says that calls are wrong on purpose, and this reply makes none")
    calls = [replace(call, fault=call.fault or AS_WRITTEN) for call in reply.calls]
    return replace(reply, calls=calls, fault=None)
