"""Expectations of a test on a running server: what its journal says, and which turns and rules were played."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.chat import ApiError, ChatRequest
from mockserver.chat.printable import printable, shortened
from mockserver.conduct import Expect, Finding, broken_links, refusals, unserved
from mockserver.journal import Journal
from mockserver.scenario import MatchView, Play, Say, Turn, When

_LONGEST = 120
_NOTHING_CAME = (
    "no request reached the mock: a client that is built before the mock runs, at import time say, asks elsewhere. "
    "Build it within the test, hand it `base_url`, or run pytest with --mock-llm-env, which sets the variables first"
)


def failures(journal: Journal, left: Sequence[Finding], allowed: Collection[str]) -> list[Finding]:
    """What fails a test that did not allow it: what the journal shows, and the turns that are left."""
    left = [*left]
    if left and not journal.written:
        left[-1] = replace(left[-1], hint=_NOTHING_CAME)
    conversations = journal.conversations
    found = [*refusals(conversations), *broken_links(conversations), *left]
    if not journal.served and "not_served" not in allowed:
        found += unserved(conversations)
    return [finding for finding in found if finding.kind not in allowed]


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


_PAUSE = 0.01


def expecting(journal: Callable[[], Journal]) -> Expect:
    """Expectations on what a journal says."""

    def looks(seconds: float) -> Iterator[Journal]:
        deadline = time.monotonic() + seconds
        yield journal()
        while time.monotonic() < deadline:
            time.sleep(_PAUSE)
            yield journal()

    return Expect(looks, _condition)


def _condition(**when: Any) -> Callable[[ChatRequest], Sequence[str]]:
    """The conditions of a `when`, given as keywords, as a test of a request.

    Raises:
        TypeError: an unknown condition, or one about headers, which no journal keeps.
        ValueError: a pattern is not one that can be searched.
    """
    if "header" in when:
        raise TypeError("the journal keeps no headers: no expectation can look at them")
    wanted = When.of(**when)

    def misses(request: ChatRequest) -> Sequence[str]:
        failures = wanted.failures(MatchView(request))
        return [f"{failed.condition}: wanted {failed.wanted}, found {failed.found}" for failed in failures]

    return misses
