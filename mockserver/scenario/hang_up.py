"""A turn that is no reply but a broken connection: the next reply begins, and the line goes dead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mockserver.chat import Reply
from mockserver.scenario.model import Say, as_say


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


def says(turns: Sequence[Any]) -> Iterator[Say]:
    """What Python users gave as turns, as things to say; a broken connection cuts off what comes next.

    Raises:
        TypeError: one of them is nothing that can be said.
    """
    for number, turn in enumerate(turns):
        if not isinstance(turn, HangUp):
            yield as_say(turn)
            continue
        replies = (as_say(later) for later in turns[number + 1 :] if not isinstance(later, HangUp))
        cut = next((reply for reply in replies if isinstance(reply, Reply)), Reply(""))
        yield CutOff(**{part.name: getattr(cut, part.name) for part in fields(cut)} | {"fault": turn.fault})
