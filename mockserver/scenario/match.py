"""What answers a request: the turn or rule that was found, and what it says."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mockserver.chat import Reply
from mockserver.scenario.values import Place, Rule, Say, Turn

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec


class Found(NamedTuple):
    """A turn or rule that answers, not yet said: results count from message `start` on.

    `line` is the key of the request that a recorded turn answers.
    """

    part: Turn | Rule
    position: int
    start: int
    captures: dict[str, str]
    line: str | None = None


class Match(NamedTuple):
    """What answers a request: its words with placeholders filled in, its label, and where it is written.

    `seed` is the scenario's own. `others` are the labels of what would have answered had this not come first.
    `contradiction` says how the words contradict the request, None when they may be said. `fault` names
    what goes wrong with this turn or rule, `faults` are those that the whole scenario asks for, `profile` its model's
    habits; `faulty` says whether any of these, or the words themselves, name a fault. `provider` is its way of writing
    the wire. `undo` takes back that the turn or rule was used up; None where nothing was, or where it stays so.
    """

    say: Say
    label: str
    place: Place | None = None
    seed: str | int | None = None
    others: tuple[str, ...] = ()
    contradiction: str | None = None
    fault: str | None = None
    faults: "Sequence[FaultSpec]" = ()
    profile: str | None = None
    faulty: bool = False
    provider: str | None = None
    undo: Callable[[], None] | None = None


def names_fault(say: Say) -> bool:
    """Whether words, or one of their calls, name a fault."""
    return isinstance(say, Reply) and (say.fault is not None or any(call.fault for call in say.calls))
