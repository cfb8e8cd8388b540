"""Turns and rules: which were played, and which were never asked for."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mockserver.chat import ApiError
from mockserver.chat.printable import printable, shortened
from mockserver.conduct import Finding
from mockserver.scenario import Play, Say, Turn

_LONGEST = 120


def unplayed(*plays: Play) -> Iterator[Finding]:
    """A finding for each turn that no request got."""
    for play in plays:
        left = play.unplayed()
        for number, turn in enumerate(play.scenario.turns, 1):
            if any(turn is other for other in left):
                yield Finding("unplayed", f"{_where(play, number, turn)} was never asked for: {words(turn.say)}")


class Part(NamedTuple):
    """A turn or rule of a file: where it is written, what it says, and whether it was played."""

    file: str
    line: int
    what: str
    played: bool


def parts(plays: Iterable[Play]) -> Iterator[Part]:
    """Every turn and rule that is written in a file."""
    for play in plays:
        for label, part, played in play.parts():
            if part.place is not None and part.place.file is not None:
                yield Part(part.place.file, part.place.line, f"{label.rpartition('#')[2]}: {words(part.say)}", played)


def _where(play: Play, number: int, turn: Turn) -> str:
    if turn.place is not None:
        return f"turn {number} of '{play.scenario.name}' ({turn.place.file}:{turn.place.line})"
    return f"turn {number} of the script" if play.label == "script" else f"turn {number} of '{play.scenario.name}'"


def words(say: Say) -> str:
    """What a turn says, in a line."""
    if isinstance(say, ApiError):
        return f"the error HTTP {say.status}"
    if callable(say):
        return f"what {getattr(say, '__name__', 'a function')}() says"
    if say.calls:
        return printable(shortened(", ".join(f"{call.name}({call.arguments})" for call in say.calls), _LONGEST))
    return f"'{printable(shortened((say.text or say.refusal or '').replace(chr(10), ' '), _LONGEST))}'"
