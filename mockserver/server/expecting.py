"""Expectations on a running server: its journal now and for a while, and the conditions that scenarios know."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.conduct import Expect
from mockserver.journal import Journal
from mockserver.scenario import Asked, When

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
        failures = wanted.failures(Asked(request))
        return [f"{failed.condition}: wanted {failed.wanted}, found {failed.found}" for failed in failures]

    return misses
