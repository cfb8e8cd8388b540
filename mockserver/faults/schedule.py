"""The schedule of faults: which of those that were asked for are due in this answer."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import NamedTuple

from mockserver.chat import AS_WRITTEN, ApiError, ChatRequest, Reply
from mockserver.faults.chosen import Chosen, parse
from mockserver.faults.injection import Due, NotApplicable, stage

REMEMBERED_SESSIONS = 10_000

parsed = lru_cache(maxsize=1024)(parse)
"""`parse`, remembered: the same few texts come with every request."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in a run an answer stands: its turn in the conversation, its attempt, and its seed.

    `fired` are the faults with `once` that its session has had already, as `FiredOnce` tells them.
    """

    turn: int
    attempt: int
    seed: str
    fired: Collection[str] = ()


class Asked(NamedTuple):
    """Faults from one source. Standing ones meet every answer, and pass over those that lack what they need."""

    faults: Sequence[Chosen]
    standing: bool = False


class FiredOnce:
    """Which faults with `once` have happened, by session; the session not seen for longest is forgotten first."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, frozenset[str]] = OrderedDict()

    def in_session(self, session: str) -> Collection[str]:
        """Those that a session has had, as text."""
        return self._sessions.get(session, frozenset())

    def note(self, session: str, hits: Iterable[Chosen]) -> None:
        """Remember what an answer to this session showed."""
        fired = {str(hit) for hit in hits if hit.once}
        if fired:
            self._sessions[session] = self._sessions.pop(session, frozenset()) | fired
            if len(self._sessions) > REMEMBERED_SESSIONS:
                self._sessions.popitem(last=False)


def turn_of(request: ChatRequest) -> int:
    """The turn of a conversation that a request asks for: the assistant's messages so far, plus one."""
    return sum(1 for message in request.messages if message.role == "assistant") + 1


def plan(sources: Sequence[Asked], moment: Moment) -> list[Due]:
    """The faults that are due, of sources in order of precedence: the most specific first.

    Each stage (see `stage`) belongs to the most specific source that has a fault for it; that one may strike several
    calls there, each once. Faults with a rate share one draw a stage, so that each happens as often as it says and no
    two exclude each other by order.

    Raises:
        NotApplicable: one source asks for two faults of the same stage that strike the same.
    """
    owners: dict[object, int] = {}
    due: dict[object, Due] = {}
    for rank, source in enumerate(sources):
        for chosen in _timely(source.faults, moment):
            where = stage(chosen.fault)
            if owners.setdefault(where, rank) != rank:
                continue
            mine = Due(chosen, source.standing, chosen.rate is not None)
            other = due.setdefault((where, chosen.target), mine)
            if other is not mine and not mine.if_possible:
                reason = f"'{other.chosen.name}' acts on the same thing already, and one fault at a time does"
                raise NotApplicable(chosen, reason)
    return list(due.values())


def _timely(faults: Sequence[Chosen], moment: Moment) -> Iterator[Chosen]:
    """Faults whose conditions hold and whose random draw selects them."""
    reached: dict[tuple[object, ...], float] = {}
    for chosen in faults:
        if chosen.turn not in (None, moment.turn):
            continue
        if chosen.attempts is not None and moment.attempt > chosen.attempts:
            continue
        if chosen.once and str(chosen) in moment.fired:
            continue
        if chosen.rate is not None:
            where = stage(chosen.fault)
            low = reached.get(where, 0.0)
            reached[where] = high = low + chosen.rate
            if (
                not low
                <= Random(f"{moment.seed}/{moment.attempt}/{where}".encode("utf-8", "surrogatepass")).random()
                < high
            ):
                continue
        yield chosen


def written_on(reply: Reply) -> list[Chosen]:
    """The faults that a reply's own calls name, each for its call.

    Raises:
        UnknownFault: one of them is unknown.
    """
    return [
        replace(chosen, target=replace(chosen.target, call=number))
        for number, call in enumerate(reply.calls, 1)
        if call.fault is not None and call.fault != AS_WRITTEN
        for chosen in parsed(call.fault)
    ]


def as_written(said: Reply | ApiError) -> bool:
    """Whether a call of the reply is wrong on purpose as it stands."""
    return isinstance(said, Reply) and any(call.fault == AS_WRITTEN for call in said.calls)
