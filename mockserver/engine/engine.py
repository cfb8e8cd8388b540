"""The engine: who answers a request. Of what came before it keeps the count of attempts, and nothing else."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.chat import SCENARIO_MODEL, ApiError, ChatRequest, Reply
from mockserver.engine.settings import (
    FAULT_HEADER,
    NO_PROVIDER,
    NO_SEED,
    PROVIDER_HEADER,
    SCENARIO_HEADER,
    Fallback,
    Settings,
)
from mockserver.wire.chat_completions.providers import PROVIDERS
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity, content_seed, conversation_digest

if TYPE_CHECKING:
    from mockserver.engine.fault_injection import FaultInjection
    from mockserver.engine.scripts import Delivery, Scripts
    from mockserver.faults import FaultSpec, Injection
    from mockserver.scenario import Match, MatchView, Play, Rule, Turn

REMEMBERED_REQUESTS = 10_000
"""Of so many different requests the attempts are counted; the one not seen for longest is forgotten first."""

_LIMITING = frozenset({"stop", "max_completion_tokens", "max_tokens"})


class Answer(NamedTuple):
    """What a request is answered: a reply for each choice, or an error; what chose it, and where its ids come from.

    `injection` knows what is to go wrong on the way out; None for an answer that is sound. `provider` names whose
    manner the scenario asks for, where nobody else chose one. `others` are the labels of what would have answered, too.
    `is_cacheable`: the same request gets the same content in every session and however often, as long as the engine
    stays of this generation and the settings are the same. `delivery` is told when the answer does not come whole; None
    where a retry gets the same in any case.
    """

    content: tuple[Reply, ...] | ApiError
    match: str | None
    identity: Identity
    injection: "Injection | None" = None
    provider: str | None = None
    others: tuple[str, ...] = ()
    is_cacheable: bool = False
    delivery: "Delivery | None" = None


class Engine:
    """Decides who answers: the scenarios in the order they were loaded, then the fallback.

    Scenarios and faults are imported when there are any: a server that simulates starts in two thirds of the time.
    """

    def __init__(self, settings: Settings, plays: "Iterable[Play]" = ()) -> None:
        self.settings = self._at_start = settings
        self.generation = 0
        """Grows whenever what is played changes: an answer of an older generation need not hold any more."""
        self._attempts: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._scripts: Scripts | None = None
        self._faults: FaultInjection | None = None
        self.start_with(plays)

    def start_with(self, plays: "Iterable[Play]") -> None:
        """Play these from now on; a reset comes back to them."""
        self._start = tuple(plays)
        self.play(self._start)

    def play(self, plays: "Iterable[Play]") -> None:
        """Play these until a reset."""
        self.plays = tuple(plays)
        self._begin_generation()

    def append(self, play: "Play", turns: "Iterable[Turn]" = (), rules: "Iterable[Rule]" = ()) -> None:
        """More turns and rules at the end of a play."""
        play.append(turns, rules)
        self._begin_generation()

    def ask_for(self, faults: "Iterable[FaultSpec]") -> None:
        """More faults for the whole server; a reset forgets them."""
        self.settings = replace(self.settings, faults=(*self.settings.faults, *faults))

    def fall_back(self, fallback: Fallback) -> None:
        """Choose what answers where no script does, from now on and after a reset, too."""
        if self.settings.fallback != fallback:
            self.settings = replace(self.settings, fallback=fallback)
        self._at_start = replace(self._at_start, fallback=fallback)

    def stop_faults(self) -> None:
        """No faults for the whole server any more, those of its start included, and none has happened."""
        self.settings = replace(self.settings, faults=())
        self._faults = None

    def reset(self) -> None:
        """As at the start: its scenarios and faults, no attempt counted, every play at its beginning."""
        self.settings = self._at_start
        self._scripts = self._faults = None
        self._attempts.clear()
        self.play(self._start)
        for play in self.plays:
            play.reset()

    def count(self, session: str, fingerprint: bytes) -> int:
        """Count one more attempt of a request in a session: which it is, from 1."""
        key = (session, fingerprint)
        attempt = self._attempts.pop(key, 0) + 1
        self._attempts[key] = attempt
        if len(self._attempts) > REMEMBERED_REQUESTS:
            self._attempts.popitem(last=False)
        return attempt

    def note_hits(self, session: str, hits: "Iterable[FaultSpec]") -> None:
        """Note the faults that a response showed: those with `once` happen no more in its session."""
        if hits and self._faults is not None:
            self._faults.note(session, hits)

    async def answer(
        self, parsed: ParsedRequest, session: str, headers: Mapping[str, str], settings: Settings
    ) -> Answer:
        """Find the answer to one more attempt; asynchronous only because a turn may be an asynchronous function."""
        request, attempt = parsed.request, self.count(session, parsed.fingerprint)
        found, delivery = await self._scripted(parsed, attempt, session, headers, settings)
        identity = Identity(_seed(found, settings), parsed.fingerprint, session, attempt, _place_of(found))
        if isinstance(found, ApiError):
            return Answer(found, None, identity)
        if found is None:
            answer = Answer(_simulated(request, identity, settings), "simulated", identity)
        else:
            content = _limited(found, request, settings)
            answer = Answer(content, found.label, identity, others=found.others, delivery=delivery)
            if found.provider is not None and settings.provider == NO_PROVIDER and PROVIDER_HEADER not in headers:
                settings = replace(settings, provider=found.provider)
                answer = answer._replace(provider=found.provider)
        if FAULT_HEADER in headers or (found is not None and found.faulty) or _is_faulty(settings):
            return self._with_faults(answer, request, found, headers, settings)
        return answer._replace(is_cacheable=self._is_cacheable(answer, request, headers))

    def seeds(self, settings: Settings) -> tuple[str, ...]:
        """The seeds under which ids of this server may have been made."""
        if settings.seed is not None:
            return (settings.seed,)
        own = [str(play.scenario.seed) for play in self.plays if play.scenario.seed is not None]
        return (NO_SEED, *own)

    def recalls(self, parsed: ParsedRequest, session: str, headers: Mapping[str, str], settings: Settings) -> bool:
        """Whether a recorded turn answers a request; nothing changes by looking."""
        asked = _asked(parsed.request, 1, session, headers, settings)
        wanted = asked_scenario(parsed.request, headers)
        return any(play.recalls(asked) for play in self.plays if wanted is None or play.is_called(wanted))

    def is_scripted(self, parsed: ParsedRequest, session: str, headers: Mapping[str, str], settings: Settings) -> bool:
        """Whether a turn or a rule answers a request, or a header names the scenario that is to; nothing changes."""
        if SCENARIO_HEADER in headers:
            return True
        asked = _asked(parsed.request, 1, session, headers, settings)
        wanted = asked_scenario(parsed.request, headers)
        return any(play.look(asked) is not None for play in self.plays if wanted is None or play.is_called(wanted))

    def _is_cacheable(self, answer: Answer, request: ChatRequest, headers: Mapping[str, str]) -> bool:
        if not self._is_steady or answer.provider is not None or isinstance(answer.content, ApiError):
            return False
        return asked_scenario(request, headers) is None and PROVIDER_HEADER not in headers

    async def _scripted(
        self, parsed: ParsedRequest, attempt: int, session: str, headers: Mapping[str, str], settings: Settings
    ) -> "tuple[Match | ApiError | None, Delivery | None]":
        """What a script answers, and its delivery; None where no script does and the simulated model may answer."""
        wanted, held = asked_scenario(parsed.request, headers), parsed.held
        if not self.plays and settings.fallback == "simulate" and wanted is None:
            return held.lost if held is not None else None, None
        from mockserver.engine.scripts import Scripts

        self._scripts = self._scripts or Scripts()
        view = _asked(parsed.request, attempt, session, headers, settings)
        if held is None or held.place is None:
            return await self._scripts.find(self.plays, view, parsed.fingerprint, settings.fallback, wanted)
        found, delivery = await self._scripts.go_on(self.plays, held.place, view, parsed.fingerprint)
        return found or held.lost, delivery

    def _with_faults(
        self,
        answer: Answer,
        request: ChatRequest,
        found: "Match | None",
        headers: Mapping[str, str],
        settings: Settings,
    ) -> Answer:
        from mockserver.engine.fault_injection import FaultInjection, fault_sources

        self._faults = self._faults or FaultInjection()
        sources = fault_sources(answer.content, found, headers, settings)
        content, injection = self._faults.inject(answer.content, request, answer.identity, sources)
        return answer._replace(content=content, injection=injection)

    def _begin_generation(self) -> None:
        self.generation += 1
        self._is_steady = all(play.is_steady for play in self.plays)
        self.has_recordings = any(play.is_recorded for play in self.plays)
        """Whether anything that is played was recorded."""


def _asked(
    request: ChatRequest, attempt: int, session: str, headers: Mapping[str, str], settings: Settings
) -> "MatchView":
    """A request as scenarios look at it; recordings compare it as the provider of the settings does."""
    from mockserver.scenario import MatchView

    if settings.provider == NO_PROVIDER:
        return MatchView(request, attempt, session, headers)
    from mockserver.wire.chat_completions.providers import comparison_of

    return MatchView(request, attempt, session, headers, comparison_of(settings.provider))


def asked_scenario(request: ChatRequest, headers: Mapping[str, str]) -> str | None:
    """The name of the scenario that a request asks for, in a header or as its model; None when any may answer."""
    if SCENARIO_HEADER in headers:
        return headers[SCENARIO_HEADER]
    return request.model.removeprefix(SCENARIO_MODEL) if request.model.startswith(SCENARIO_MODEL) else None


def _is_faulty(settings: Settings) -> bool:
    """Whether the server's answers are to go wrong for every client."""
    return bool(settings.faults) or settings.profile is not None or bool(PROVIDERS[settings.provider].faults)


def _seed(found: "Match | ApiError | None", settings: Settings) -> str:
    """Where ids and invented values come from: what a person chose, or else the scenario's own."""
    if settings.seed is not None:
        return settings.seed
    if found is None or isinstance(found, ApiError) or found.seed is None:
        return NO_SEED
    return str(found.seed)


def _place_of(found: "Match | ApiError | None") -> tuple[str, int] | None:
    """The scenario that answers and its replies since it opened, where the request's API writes them into its ids."""
    if found is None or isinstance(found, ApiError) or not found.replies:
        return None
    return found.label.partition("#")[0], found.replies


def _limited(found: "Match", request: ChatRequest, settings: Settings) -> tuple[Reply, ...] | ApiError:
    """What a script says, within the request's limits, as often as there are choices."""
    said = found.say
    assert not callable(said), "a function was asked before"
    if isinstance(said, ApiError):
        return said
    return (_within_limits(said, request, settings),) * _choices(request)


def _simulated(request: ChatRequest, identity: Identity, settings: Settings) -> tuple[Reply, ...] | ApiError:
    """What the simulated model says: to each choice something of its own, where there is something to invent."""
    from mockserver.simulate import Habits, TooMuch, check_size, simulate  # scripts never need it

    first = content_seed(identity.origin[0], conversation_digest(request))
    seeds = [first, *[f"{first}/choice {number}" for number in range(1, _choices(request))]]
    found: list[Reply] = []
    habits = Habits(settings.eager, settings.invent)
    try:
        for each in seeds:
            found.append(_within_limits(simulate(request, each, habits), request, settings))
            check_size(found[0], len(seeds))
    except TooMuch as error:
        from mockserver.wire.mock_error import schema_out_of_bounds  # few schemas ask for so much

        return schema_out_of_bounds(str(error))
    return tuple(found)


def explanation_of(match: str | None, parsed: ParsedRequest | None) -> "Callable[[Reply], dict[str, Any]] | None":
    """What explains a reply to a request; None where the simulated model did not answer."""
    if match != "simulated" or parsed is None:
        return None

    def explained(reply: Reply) -> dict[str, Any]:
        from mockserver.simulate.evidence import explain  # most journals are not read

        return {**explain(parsed.request, reply)}

    return explained


def _within_limits(reply: Reply, request: ChatRequest, settings: Settings) -> Reply:
    """What the model gets to say of a reply; most requests limit nothing."""
    if settings.named_finish is None and not request.options.keys() & _LIMITING and not _calls_custom(reply, request):
        return reply
    from mockserver.wire.truncation import apply_limits

    return apply_limits(reply, request, settings.named_finish)


def _calls_custom(reply: Reply, request: ChatRequest) -> bool:
    return bool(reply.calls) and any(tool.kind == "custom" for tool in request.tools)


def _choices(request: ChatRequest) -> int:
    """How many answers to the same question are wanted."""
    count: int = request.options.get("n", 1)
    return count
