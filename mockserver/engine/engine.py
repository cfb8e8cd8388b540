"""The engine: who answers a request, and what is remembered of answers from one request to the next."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.chat.remembered import Remembered
from mockserver.chat.scenario_wanted import HEADER as SCENARIO_HEADER
from mockserver.chat.scenario_wanted import scenario_wanted
from mockserver.engine.answer import Answer
from mockserver.engine.settings import FAULT_HEADER, NO_PROVIDER, NO_SEED, PROVIDER_HEADER, Settings
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity, content_seed
from mockserver.wire.limits import apply_limits

if TYPE_CHECKING:
    from mockserver.engine.scripts import Scripts
    from mockserver.engine.striking import Striking
    from mockserver.faults import Chosen
    from mockserver.scenario import Asked, Match, Play, Rule, Turn

REMEMBERED_REQUESTS = 10_000
"""Of so many different requests the attempts are counted; the one not seen for longest is forgotten first."""


class Settled(NamedTuple):
    """An answer that its request gets whoever asks and however often, under these settings."""

    settings: Settings
    seed: str
    said: tuple[Reply, ...]
    label: str
    others: tuple[str, ...]


class Engine:
    """Decides who answers: the scenarios in the order they were loaded, then the fallback.

    Scenarios and faults are imported when there are any: a server that simulates starts in two thirds of the time.
    """

    def __init__(self, settings: Settings, plays: "Iterable[Play]" = ()) -> None:
        self.settings = self._at_start = settings
        self._attempts: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._scripts: Scripts | None = None
        self._striking: Striking | None = None
        self.start_with(plays)

    def start_with(self, plays: "Iterable[Play]") -> None:
        """Play these from now on; a reset comes back to them."""
        self._start = tuple(plays)
        self.play(self._start)

    def play(self, plays: "Iterable[Play]") -> None:
        """Play these until a reset."""
        self.plays = tuple(plays)
        self._forget()

    def append(self, play: "Play", turns: "Iterable[Turn]" = (), rules: "Iterable[Rule]" = ()) -> None:
        """More turns and rules at the end of a play."""
        play.append(turns, rules)
        self._forget()

    def ask_for(self, faults: "Iterable[Chosen]") -> None:
        """More faults for the whole server; a reset forgets them."""
        self.settings = replace(self.settings, faults=(*self.settings.faults, *faults))

    def stop_faults(self) -> None:
        """No faults for the whole server any more, those of its start included, and none has happened."""
        self.settings = replace(self.settings, faults=())
        self._striking = None

    def note_faults(self, session: str, hits: "Iterable[Chosen]") -> None:
        """Remember the faults that an answer showed: those with `once` happen no more in its session."""
        self._faulty().note(session, hits)

    def reset(self) -> None:
        """As at the start: its scenarios and faults, no attempt counted, every play at its beginning."""
        self.settings = self._at_start
        self._scripts = self._striking = None
        self._attempts.clear()
        self.play(self._start)
        for play in self.plays:
            play.reset()

    async def answer(
        self, parsed: ParsedRequest, session: str, headers: Mapping[str, str], settings: Settings
    ) -> Answer:
        """Find what to say; asynchronous only because a turn may be an asynchronous function."""
        attempt = self._count(session, parsed.fingerprint)
        chosen = FAULT_HEADER in headers or SCENARIO_HEADER in headers or PROVIDER_HEADER in headers
        # Other scenarios may be played before a turn that is a function has answered: what it says is of the past then.
        memory, is_steady = self._settled, self._is_steady
        settled = None if chosen else memory.get(parsed.request)
        if settled is not None and settled.settings is settings:
            _, seed, said, label, others = settled
            return Answer(said, label, Identity(seed, parsed.fingerprint, session, attempt), None, None, others)
        found = await self._scripted(parsed.request, attempt, session, headers, settings)
        seed = _seed(found, settings)
        identity = Identity(seed, parsed.fingerprint, session, attempt)
        if isinstance(found, ApiError):
            return Answer(found, None, identity)
        request = parsed.request
        if found is None:
            answer = Answer(
                _simulated(request, content_seed(seed, parsed.fingerprint), settings), "simulated", identity
            )
        else:
            answer = Answer(_said(found, request, settings), found.label, identity, others=found.others)
            if found.provider is not None and settings.provider == NO_PROVIDER and PROVIDER_HEADER not in headers:
                settings = replace(settings, provider=found.provider)
                answer = answer._replace(provider=found.provider)
        if settings.faulty or FAULT_HEADER in headers or (found is not None and found.faulty):
            return self._faulty().strike(answer, found, request, headers, settings)
        if is_steady and not chosen and answer.provider is None and scenario_wanted(request, headers) is None:
            _settle(memory, answer, request, settings, seed)
        return answer

    @property
    def has_recordings(self) -> bool:
        """Whether anything that is played was recorded."""
        return any(play.is_recorded for play in self.plays)

    def recalls(self, parsed: ParsedRequest, session: str, headers: Mapping[str, str], settings: Settings) -> bool:
        """Whether a recorded turn answers a request; nothing changes by looking."""
        asked = _asked(parsed.request, 1, session, headers, settings)
        wanted = scenario_wanted(parsed.request, headers)
        return any(play.recalls(asked) for play in self.plays if wanted is None or play.is_called(wanted))

    async def _scripted(
        self, request: ChatRequest, attempt: int, session: str, headers: Mapping[str, str], settings: Settings
    ) -> "Match | ApiError | None":
        """What a script answers; None where nobody wrote anything, and the simulated model may answer."""
        if not self.plays and settings.fallback == "simulate" and scenario_wanted(request, headers) is None:
            return None
        from mockserver.engine.scripts import Scripts

        self._scripts = self._scripts or Scripts()
        asked = _asked(request, attempt, session, headers, settings)
        return await self._scripts.find(self.plays, asked, settings.fallback)

    def _faulty(self) -> "Striking":
        from mockserver.engine.striking import Striking

        self._striking = self._striking or Striking()
        return self._striking

    def _forget(self) -> None:
        """What was settled need not hold any more."""
        self._settled = Remembered[Settled]()
        self._is_steady = all(play.is_steady for play in self.plays)

    def _count(self, session: str, fingerprint: bytes) -> int:
        key = (session, fingerprint)
        attempt = self._attempts.pop(key, 0) + 1
        self._attempts[key] = attempt
        if len(self._attempts) > REMEMBERED_REQUESTS:
            self._attempts.popitem(last=False)
        return attempt


def _asked(request: ChatRequest, attempt: int, session: str, headers: Mapping[str, str], settings: Settings) -> "Asked":
    """A request as scenarios look at it, compared in the manner of the settings' provider."""
    from mockserver.scenario import Asked

    if settings.provider == NO_PROVIDER:
        return Asked(request, attempt, session, headers)
    from mockserver.wire.chat_completions.providers.comparison import manner_of

    return Asked(request, attempt, session, headers, manner_of(settings.provider))


def _settle(memory: Remembered[Settled], answer: Answer, request: ChatRequest, settings: Settings, seed: str) -> None:
    """Remember an answer for when the same is asked again."""
    if answer.match is not None and not isinstance(answer.said, ApiError):
        memory.keep(request, Settled(settings, seed, answer.said, answer.match, answer.others))


def _seed(found: "Match | ApiError | None", settings: Settings) -> str:
    """Where ids and invented values come from: what a person chose, or else the scenario's own."""
    if settings.seed is not None:
        return settings.seed
    if found is None or isinstance(found, ApiError) or found.seed is None:
        return NO_SEED
    return str(found.seed)


def _said(found: "Match", request: ChatRequest, settings: Settings) -> tuple[Reply, ...] | ApiError:
    """What a script says, as often as there are choices."""
    said = found.say
    assert not callable(said), "a function was asked before"
    return (
        said
        if isinstance(said, ApiError)
        else (apply_limits(said, request, settings.named_finish),) * _choices(request)
    )


def _simulated(request: ChatRequest, seed: str, settings: Settings) -> tuple[Reply, ...]:
    """What the simulated model says: to each choice something of its own, where there is something to invent."""
    from mockserver.simulate import simulate  # scripts never need it

    seeds = [seed, *[f"{seed}/choice {number}" for number in range(1, _choices(request))]]
    return tuple([apply_limits(simulate(request, each), request, settings.named_finish) for each in seeds])


def _choices(request: ChatRequest) -> int:
    """How many answers to the same question are wanted."""
    count: int = request.options.get("n", 1)
    return count
