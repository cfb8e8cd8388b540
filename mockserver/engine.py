"""One request → one answer: the only place that decides who answers."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from inspect import isawaitable
from typing import Literal

from mockserver.chat import ApiError, Reply
from mockserver.scenario import Asked, Match, Play, UnresolvedPlaceholder, answer_from, as_say
from mockserver.wire import Heard, Identity, seal
from mockserver.wire.mock_error import placeholder_unresolved, unknown_scenario, unscripted_request

REMEMBERED_REQUESTS = 10_000
"""Of so many different requests the attempts are counted; the one not seen for longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the mock behaves: what a person chose on the command line, in Python, or by request header."""

    seed: str | int = 0
    fallback: Literal["simulate", "error"] = "simulate"
    checks: Literal["strict", "lenient"] = "strict"
    time_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a request, what chose it, and where its ids come from."""

    said: Reply | ApiError
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
        identity = Identity(str(settings.seed), heard.fingerprint, session, attempt)
        plays, wanted = self.plays, headers.get("x-mock-scenario")
        if wanted is not None:
            plays = tuple(play for play in plays if play.scenario.name == wanted)
            if not plays:
                return Answer(unknown_scenario(wanted, [play.scenario.name for play in self.plays]), None, identity)
        asked = Asked(heard.request, attempt, session, headers)
        said, match = await self._find(plays, asked, identity, settings)
        if isinstance(said, Reply):
            said = seal(said, heard.request, identity)
        return Answer(said, match, identity)

    async def _find(
        self, plays: Sequence[Play], asked: Asked, identity: Identity, settings: Settings
    ) -> tuple[Reply | ApiError, str | None]:
        try:
            found = answer_from(plays, asked)
        except UnresolvedPlaceholder as unresolved:
            return placeholder_unresolved(unresolved.path, unresolved.known, unresolved.label), None
        if isinstance(found, Match):
            return await _spoken(found, asked), found.label
        if settings.fallback == "error":
            return unscripted_request(asked.request, [asdict(miss) for miss in found.near]), None
        from mockserver.simulate import simulate

        return simulate(asked.request, identity.content), "simulated"

    def _count(self, session: str, fingerprint: bytes) -> int:
        key = (session, fingerprint)
        attempt = self._attempts.pop(key, 0) + 1
        self._attempts[key] = attempt
        if len(self._attempts) > REMEMBERED_REQUESTS:
            self._attempts.popitem(last=False)
        return attempt


async def _spoken(found: Match, asked: Asked) -> Reply | ApiError:
    """What a turn says; a turn that is a function is asked for it."""
    said = found.say
    while callable(said):
        given = said(asked.request)
        said = as_say(await given if isawaitable(given) else given)
    return said
