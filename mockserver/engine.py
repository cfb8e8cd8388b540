"""One request → one answer: the only place that decides who answers."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from inspect import isawaitable
from typing import Literal, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.scenario import Asked, Match, Miss, Play, UnresolvedPlaceholder, answer_from, as_say, conflict
from mockserver.wire import Heard, Identity, content_seed, fitted
from mockserver.wire.mock_error import (
    placeholder_unresolved,
    script_conflict,
    turn_failed,
    unknown_scenario,
    unscripted_request,
)

NO_SEED = "0"
"""The seed where nobody chose one."""

REMEMBERED_REQUESTS = 10_000
"""Of so many different requests the attempts are counted; the one not seen for longest is forgotten first."""


Fallback = Literal["simulate", "error"]
Checks = Literal["strict", "lenient"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the mock behaves: what a person chose on the command line, in Python, or by request header.

    Without a `seed` that of the scenario which answers counts, and "0" where it has none.
    """

    seed: str | None = None
    fallback: Fallback = "simulate"
    checks: Checks = "strict"
    time_scale: float = 1.0


class Answer(NamedTuple):
    """What is said to a request (a reply for each choice, or an error), what chose it, and where its ids come from."""

    said: tuple[Reply, ...] | ApiError
    match: str | None
    identity: Identity


class Engine:
    """Decides who answers: the scenarios in the order they were loaded, then the fallback."""

    def __init__(self, settings: Settings, plays: Iterable[Play] = ()) -> None:
        self.settings = settings
        self.plays: tuple[Play, ...] = tuple(plays)
        self._attempts: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    def reset(self) -> None:
        """Forget every attempt and every position of a play."""
        self._attempts.clear()
        for play in self.plays:
            play.reset()

    async def answer(self, heard: Heard, session: str, headers: Mapping[str, str], settings: Settings) -> Answer:
        """Find what to say; asynchronous only because a turn may be an asynchronous function."""
        attempt = self._count(session, heard.fingerprint)
        asked = Asked(heard.request, attempt, session, headers)
        found = self._find(asked)
        seed = settings.seed
        if seed is None:
            seed = str(found.seed) if isinstance(found, Match) and found.seed is not None else NO_SEED
        identity = Identity(seed, heard.fingerprint, session, attempt)
        if isinstance(found, Match):
            if callable(found.say):
                found = await _asked_for(found, asked.request)
            said = _fitting(found)
            if isinstance(said, Reply):
                return Answer((fitted(said, asked.request),) * _choices(asked.request), found.label, identity)
            return Answer(said, found.label, identity)
        if isinstance(found, ApiError):
            return Answer(found, None, identity)
        if settings.fallback == "error":
            return Answer(unscripted_request(asked.request, [asdict(miss) for miss in found.near]), None, identity)
        return Answer(_simulated(asked.request, content_seed(seed, heard.fingerprint)), "simulated", identity)

    def _find(self, asked: Asked) -> Match | Miss | ApiError:
        """The script's answer, its near misses, or what is wrong with it."""
        plays, wanted = self.plays, asked.headers.get("x-mock-scenario")
        if wanted is not None:
            plays = tuple([play for play in plays if play.scenario.name == wanted])
            if not plays:
                return unknown_scenario(wanted, [play.scenario.name for play in self.plays])
        try:
            return answer_from(plays, asked)
        except UnresolvedPlaceholder as unresolved:
            return placeholder_unresolved(unresolved.path, unresolved.known, unresolved.label)

    def _count(self, session: str, fingerprint: bytes) -> int:
        key = (session, fingerprint)
        attempt = self._attempts.pop(key, 0) + 1
        self._attempts[key] = attempt
        if len(self._attempts) > REMEMBERED_REQUESTS:
            self._attempts.popitem(last=False)
        return attempt


def _choices(request: ChatRequest) -> int:
    """How many answers to the same question are wanted."""
    count: int = request.options.get("n", 1)
    return count


def _simulated(request: ChatRequest, seed: str) -> tuple[Reply, ...]:
    """What the simulated model says: to each choice something of its own, where there is something to invent."""
    from mockserver.simulate import simulate  # scripts never need it

    seeds = [seed, *[f"{seed}/choice {number}" for number in range(1, _choices(request))]]
    return tuple([fitted(simulate(request, each), request) for each in seeds])


async def _asked_for(found: Match, request: ChatRequest) -> Match:
    """What a turn that is a function says."""
    said = found.say
    try:
        while callable(said):
            given = said(request)
            said = as_say(await given if isawaitable(given) else given)
    except Exception as error:  # a user's own code may raise anything; the client must hear of it, not of a 500
        return found._replace(say=turn_failed(error, found.label))
    return found._replace(say=said, contradiction=conflict(said, request) if isinstance(said, Reply) else None)


def _fitting(found: Match) -> Reply | ApiError:
    """What is said, unless it contradicts the request."""
    if found.contradiction is not None:
        return script_conflict(found.contradiction, found.label, str(found.place) if found.place else None)
    assert not callable(found.say), "a function was asked before"
    return found.say
