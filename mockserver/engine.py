"""One request → one answer: the only place that decides who answers."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Literal, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.chat.remembered import Remembered
from mockserver.faults import (
    Chosen,
    Injection,
    Moment,
    NotApplicable,
    NotProducible,
    Profile,
    Sources,
    Spent,
    UnknownFault,
    World,
    befall,
    parse,
    profile,
    turn_of,
)
from mockserver.scenario import (
    Asked,
    ConditionFailed,
    Match,
    Miss,
    Play,
    Rule,
    Turn,
    UnresolvedPlaceholder,
    answer_from,
    as_say,
    conflict,
    library,
    load,
    names_fault,
    scenario_wanted,
)
from mockserver.scenario.chosen import HEADER as SCENARIO_HEADER
from mockserver.wire import Heard, Identity, NamedFinish, content_seed, fitted
from mockserver.wire.mock_error import (
    MOCK_ERROR,
    condition_failed,
    fault_error,
    placeholder_unresolved,
    recording_miss,
    script_conflict,
    turn_failed,
    unknown_scenario,
    unscripted_request,
)
from mockserver.wire.providers import PROVIDERS

NO_SEED = "0"
"""The seed where nobody chose one."""

REMEMBERED_REQUESTS = 10_000
"""Of so many different requests the attempts are counted; the one not seen for longest is forgotten first."""


FAULT_HEADER = "x-mock-fault"
"""Names the faults that a request asks for, and, in a response, those that were injected."""

PROVIDER_HEADER = "x-mock-provider"
NO_PROVIDER = "openai"
"""The provider where nobody chose one."""

Fallback = Literal["simulate", "error"]
Checks = Literal["strict", "lenient"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the mock behaves: what a person chose on the command line, in Python, or by request header.

    Without a `seed` that of the scenario which answers counts, and "0" where it has none. `named_finish` is how a call
    of the one function that a request names finishes, None for as the model's family does. `provider` is the name of
    the service whose way of writing the wire is used (`wire.providers`).
    """

    seed: str | None = None
    fallback: Fallback = "simulate"
    checks: Checks = "strict"
    time_scale: float = 1.0
    faults: tuple[Chosen, ...] = ()
    profile: Profile | None = None
    named_finish: NamedFinish | None = None
    provider: str = NO_PROVIDER

    @property
    def faulty(self) -> bool:
        """Whether answers are to go wrong here."""
        return bool(self.faults) or self.profile is not None or bool(PROVIDERS[self.provider].faults)


class Answer(NamedTuple):
    """What is said to a request (a reply for each choice, or an error), what chose it, and where its ids come from.

    `injection` knows what is to go wrong on the way out; None for an answer that is sound. `provider` names whose
    manner the scenario asks for, where nobody else chose one. `others` are the labels of what would have answered, too.
    """

    said: tuple[Reply, ...] | ApiError
    match: str | None
    identity: Identity
    injection: Injection | None = None
    provider: str | None = None
    others: tuple[str, ...] = ()


class Settled(NamedTuple):
    """An answer that its request gets whoever asks and however often, under these settings."""

    settings: Settings
    seed: str
    said: tuple[Reply, ...]
    label: str
    others: tuple[str, ...]


class Engine:
    """Decides who answers: the scenarios in the order they were loaded, then the fallback."""

    def __init__(self, settings: Settings, plays: Iterable[Play] = ()) -> None:
        self.settings = self._at_start = settings
        self.start_with(plays)
        self._attempts: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._world = World(Spent(), _invented)
        self._ready_made: dict[str, Play] = {}

    def start_with(self, plays: Iterable[Play]) -> None:
        """Play these from now on; a reset comes back to them."""
        self._start = tuple(plays)
        self.play(self._start)

    def play(self, plays: Iterable[Play]) -> None:
        """Play these until a reset."""
        self.plays = tuple(plays)
        self._forget()

    def append(self, play: Play, turns: Iterable[Turn] = (), rules: Iterable[Rule] = ()) -> None:
        """More turns and rules at the end of a play."""
        play.append(turns, rules)
        self._forget()

    def ask_for(self, faults: Iterable[Chosen]) -> None:
        """More faults for the whole server; a reset forgets them."""
        self.settings = replace(self.settings, faults=(*self.settings.faults, *faults))

    def stop_faults(self) -> None:
        """No faults for the whole server any more, those of its start included, and none has happened."""
        self.settings = replace(self.settings, faults=())
        self._world.spent.clear()

    def reset(self) -> None:
        """As at the start: its scenarios and faults, no attempt counted, every play at its beginning."""
        self.settings = self._at_start
        self.play(self._start)
        self._ready_made.clear()
        self._attempts.clear()
        self._world.spent.clear()
        for play in self.plays:
            play.reset()

    async def answer(self, heard: Heard, session: str, headers: Mapping[str, str], settings: Settings) -> Answer:
        """Find what to say; asynchronous only because a turn may be an asynchronous function."""
        attempt = self._count(session, heard.fingerprint)
        chosen = _chooses(headers)
        settled = None if chosen else self._settled.get(heard.request)
        if settled is not None and settled.settings is settings:
            _, seed, words, label, others = settled
            return Answer(words, label, Identity(seed, heard.fingerprint, session, attempt), None, None, others)
        asked = Asked(heard.request, attempt, session, headers)
        found = self._find(asked, settings.fallback)
        if isinstance(found, Match) and callable(found.say):
            found = await _asked_for(found, asked.request)
        seed = _seed(found, settings)
        identity = Identity(seed, heard.fingerprint, session, attempt)
        if isinstance(found, ApiError):
            return Answer(found, None, identity)
        if isinstance(found, Miss):
            drawn = content_seed(seed, heard.fingerprint)
            answer = Answer(_simulated(asked.request, drawn, settings.named_finish), "simulated", identity)
        else:
            answer = Answer(_said(found, asked.request, settings), found.label, identity, others=found.others)
            if found.provider is not None and settings.provider == NO_PROVIDER and PROVIDER_HEADER not in headers:
                settings = replace(settings, provider=found.provider)
                answer = answer._replace(provider=found.provider)
        if settings.faulty or FAULT_HEADER in headers or (isinstance(found, Match) and found.faulty):
            return self._struck(answer, found, asked, settings, content_seed(seed, heard.fingerprint))
        if self._is_steady and not chosen and answer.provider is None and scenario_wanted(asked) is None:
            self._settle(answer, heard.request, settings, seed)
        return answer

    def _settle(self, answer: Answer, request: ChatRequest, settings: Settings, seed: str) -> None:
        """Remember an answer for when the same is asked again."""
        if answer.match is not None and not isinstance(answer.said, ApiError):
            self._settled.keep(request, Settled(settings, seed, answer.said, answer.match, answer.others))

    def _struck(self, answer: Answer, found: Match | Miss, asked: Asked, settings: Settings, seed: str) -> Answer:
        """The answer with the faults that are due in it; of several choices the first is struck."""
        said = answer.said
        if isinstance(said, ApiError) and said.type == MOCK_ERROR:
            return answer
        first = said if isinstance(said, ApiError) else said[0]
        of_file = found.faults if isinstance(found, Match) else ()
        of_turn = [found.fault if isinstance(found, Match) else None, first.fault if isinstance(first, Reply) else None]
        turn = "; ".join(filter(None, of_turn))
        habits = _profile_of(found) or settings.profile
        of_server = (*settings.faults, *_shown_by(settings.provider))
        sources = Sources(asked.headers.get(FAULT_HEADER), turn, of_file, of_server, habits)
        moment = Moment(turn_of(asked.request), asked.attempt, asked.session, seed)
        try:
            struck, injection = befall(first, asked.request, sources, moment, self._world)
        except (UnknownFault, NotApplicable, NotProducible) as error:
            return answer._replace(said=fault_error(error))
        if isinstance(struck, ApiError) or isinstance(said, ApiError):
            return answer._replace(said=struck if isinstance(struck, ApiError) else (struck,), injection=injection)
        return answer._replace(said=(struck, *said[1:]), injection=injection)

    def _find(self, asked: Asked, fallback: Fallback) -> Match | Miss | ApiError:
        """The script's answer, none that the fallback may stand in for, or what is wrong."""
        wanted = scenario_wanted(asked)
        plays = self.plays if wanted is None else self._called(wanted)
        if wanted is not None and not plays:
            return unknown_scenario(wanted, [play.scenario.name for play in self.plays], library())
        try:
            found = answer_from(plays, asked)
            return _missed(found, asked.request) if isinstance(found, Miss) and fallback == "error" else found
        except UnresolvedPlaceholder as unresolved:
            return placeholder_unresolved(unresolved.path, unresolved.known, unresolved.label)
        except ConditionFailed as failed:
            return condition_failed(str(failed))

    def _called(self, name: str) -> tuple[Play, ...]:
        """The plays of this name; a ready-made one need not be loaded."""
        called = tuple([play for play in self.plays if play.is_called(name)])
        if not called and name not in self._ready_made and name in (files := library()):
            self._ready_made[name] = Play(load(files[name]))
        return called or ((self._ready_made[name],) if name in self._ready_made else ())

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


def _chooses(headers: Mapping[str, str]) -> bool:
    """Whether a request's headers choose who answers, in whose manner, or what goes wrong."""
    return FAULT_HEADER in headers or SCENARIO_HEADER in headers or PROVIDER_HEADER in headers


def _missed(found: Miss, request: ChatRequest) -> ApiError:
    """What is said when nothing answers, by way of the nearest that there is."""
    if found.nearest is None:
        return unscripted_request(request, [asdict(miss) for miss in found.near])
    secret = any(difference.hides_a_secret for difference in found.nearest.differences)
    return recording_miss(asdict(found.nearest), secret)


def _seed(found: Match | Miss | ApiError, settings: Settings) -> str:
    """Where ids and invented values come from: what a person chose, or else the scenario's own."""
    if settings.seed is not None:
        return settings.seed
    return str(found.seed) if isinstance(found, Match) and found.seed is not None else NO_SEED


def _said(found: Match, request: ChatRequest, settings: Settings) -> tuple[Reply, ...] | ApiError:
    """What a script says, as often as there are choices, unless it contradicts the request."""
    if found.contradiction is not None:
        return script_conflict(found.contradiction, found.label, str(found.place) if found.place else None)
    assert not callable(found.say), "a function was asked before"
    if isinstance(found.say, ApiError):
        return found.say
    return (fitted(found.say, request, settings.named_finish),) * _choices(request)


def _choices(request: ChatRequest) -> int:
    """How many answers to the same question are wanted."""
    count: int = request.options.get("n", 1)
    return count


def _simulated(request: ChatRequest, seed: str, named_finish: NamedFinish | None) -> tuple[Reply, ...]:
    """What the simulated model says: to each choice something of its own, where there is something to invent."""
    from mockserver.simulate import simulate  # scripts never need it

    seeds = [seed, *[f"{seed}/choice {number}" for number in range(1, _choices(request))]]
    return tuple([fitted(simulate(request, each), request, named_finish) for each in seeds])


@lru_cache
def _shown_by(provider: str) -> tuple[Chosen, ...]:
    """The faults that a provider shows by itself, each at its rate."""
    return tuple(chosen for written in PROVIDERS[provider].faults for chosen in parse(written))


def _profile_of(found: Match | Miss) -> Profile | None:
    """The habits that a scenario gives its model."""
    return profile(found.profile) if isinstance(found, Match) and found.profile is not None else None


def _invented(schema: Any, root: Any, seed: str) -> Any:
    """A value for a schema, as the simulated model would make one up."""
    from mockserver.simulate.invent import invent

    return invent(schema, root, seed)


async def _asked_for(found: Match, request: ChatRequest) -> Match:
    """What a turn that is a function says."""
    said = found.say
    try:
        while callable(said):
            given = said(request)
            said = as_say(await given if isawaitable(given) else given)
    except Exception as error:  # a user's own code may raise anything; the client must hear of it, not of a 500
        return found._replace(say=turn_failed(error, found.label))
    contradiction = conflict(said, request, found.fault) if isinstance(said, Reply) else None
    return found._replace(say=said, contradiction=contradiction, faulty=found.faulty or names_fault(said))
