"""Fault schedule: which faults of which source are due in a response (rates, attempts, turns, once)."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import NamedTuple

from mockserver.chat import AS_WRITTEN, ApiError, ChatRequest, Reply
from mockserver.faults.fault import Invent
from mockserver.faults.injection import DueFault, Injection, NotApplicable, stage
from mockserver.faults.profiles import Profile
from mockserver.faults.spec import FaultSpec, parse

REMEMBERED_SESSIONS = 10_000

parse_cached = lru_cache(maxsize=1024)(parse)
"""`parse`, remembered: the same few texts come with every request."""


@dataclass(frozen=True, slots=True)
class SchedulePoint:
    """Where in a run an answer stands: its turn in the conversation, its attempt, and its seed.

    `fired` are the faults with `once` that its session has had already, as `FiredOnce` tells them.
    """

    turn: int
    attempt: int
    seed: str
    fired: Collection[str] = ()


class FaultGroup(NamedTuple):
    """Faults from one source. Standing ones meet every answer, and pass over those that lack what they need."""

    faults: Sequence[FaultSpec]
    standing: bool = False


class FiredOnce:
    """Which faults with `once` have happened, by session; the session not seen for longest is forgotten first."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, frozenset[str]] = OrderedDict()

    def in_session(self, session: str) -> Collection[str]:
        """Those that a session has had, as text."""
        return self._sessions.get(session, frozenset())

    def note(self, session: str, hits: Iterable[FaultSpec]) -> None:
        """Remember what an answer to this session showed."""
        fired = {str(hit) for hit in hits if hit.once}
        if fired:
            self._sessions[session] = self._sessions.pop(session, frozenset()) | fired
            if len(self._sessions) > REMEMBERED_SESSIONS:
                self._sessions.popitem(last=False)


def turn_of(request: ChatRequest) -> int:
    """The turn of a conversation that a request asks for: the assistant's messages so far, plus one."""
    return sum(1 for message in request.messages if message.role == "assistant") + 1


def plan(sources: Sequence[FaultGroup], point: SchedulePoint) -> list[DueFault]:
    """The faults that are due, of sources in order of precedence: the most specific first.

    Each stage (see `stage`) belongs to the most specific source that has a fault for it; that one may change several
    calls there, each once. Faults with a rate share one draw a stage, so that each happens as often as it says and no
    two exclude each other by order.

    Raises:
        NotApplicable: one source asks for two faults of the same stage for the same call.
    """
    owners: dict[object, int] = {}
    due: dict[object, DueFault] = {}
    for rank, source in enumerate(sources):
        for spec in _timely(source.faults, point):
            where = stage(spec.fault)
            if owners.setdefault(where, rank) != rank:
                continue
            mine = DueFault(spec, source.standing, spec.rate is not None)
            other = due.setdefault((where, spec.target), mine)
            if other is not mine and not mine.if_possible:
                reason = f"'{other.spec.name}' already acts on the same part of the reply, and only one fault may"
                raise NotApplicable(spec, reason)
    return list(due.values())


def _timely(faults: Sequence[FaultSpec], point: SchedulePoint) -> Iterator[FaultSpec]:
    """Faults whose conditions hold and whose random draw selects them."""
    reached: dict[tuple[object, ...], float] = {}
    for spec in faults:
        if spec.turn not in (None, point.turn):
            continue
        if spec.attempts is not None and point.attempt > spec.attempts:
            continue
        if spec.once and str(spec) in point.fired:
            continue
        if spec.rate is not None:
            where = stage(spec.fault)
            low = reached.get(where, 0.0)
            reached[where] = high = low + spec.rate
            if (
                not low
                <= Random(f"{point.seed}/{point.attempt}/{where}".encode("utf-8", "surrogatepass")).random()
                < high
            ):
                continue
        yield spec


def faults_of_calls(reply: Reply) -> list[FaultSpec]:
    """The faults that a reply's own calls name, each for its call.

    Raises:
        UnknownFault: one of them is unknown.
    """
    return [
        replace(spec, target=replace(spec.target, call=number))
        for number, call in enumerate(reply.calls, 1)
        if call.fault is not None and call.fault != AS_WRITTEN
        for spec in parse_cached(call.fault)
    ]


def as_written(said: Reply | ApiError) -> bool:
    """Whether a call of the reply is wrong on purpose as it stands."""
    return isinstance(said, Reply) and any(call.fault == AS_WRITTEN for call in said.calls)


class Sources(NamedTuple):
    """Who asked for faults, the most specific first: this request, the call, the turn, the file, the whole server.

    A profile adds what its kind of model gets wrong.
    """

    request: str | None = None
    turn: str | None = None
    file: Sequence[FaultSpec] = ()
    server: Sequence[FaultSpec] = ()
    profile: Profile | None = None


def inject(
    reply: Reply | ApiError, request: ChatRequest, sources: Sources, point: SchedulePoint, invent: Invent
) -> tuple[Reply | ApiError, Injection]:
    """The answer with the faults of its dialogue and reply layers, and the injection that knows of the rest.

    Raises:
        UnknownFault: a fault that the request, the turn or a call names is not in the catalogue.
        NotApplicable: a fault asked for by name finds nothing that it could break.
        NotProducible: a fault asked for by name is one that can't be produced.
    """
    of_calls = faults_of_calls(reply) if isinstance(reply, Reply) else ()
    asked = (
        FaultGroup(parse_cached(sources.request or "")),
        FaultGroup(of_calls),
        FaultGroup(parse_cached(sources.turn or "")),
        FaultGroup(sources.file, standing=True),
        FaultGroup(sources.server, standing=True),
        FaultGroup(sources.profile.faults(reply, request) if sources.profile is not None else (), standing=True),
    )
    injection = Injection(
        due=plan(asked, point),
        request=request,
        seed=point.seed,
        invent=invent,
        labels=(AS_WRITTEN,) if as_written(reply) else (),
    )
    return injection.apply(reply, "dialogue", "reply")
