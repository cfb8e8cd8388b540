"""When faults happen: of all that were asked for, those that are due in this answer."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
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
    """Where in a run an answer stands: its turn in the conversation, its attempt and session, and its seed."""

    turn: int
    attempt: int
    session: str
    seed: str


class Asked(NamedTuple):
    """Faults from one source. Standing ones meet every answer, and pass over those that lack what they need."""

    faults: Sequence[Chosen]
    standing: bool = False


class Spent:
    """Which faults that happen once have happened, by session; the session not seen for longest is forgotten first."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, set[str]] = OrderedDict()

    def has(self, session: str, chosen: Chosen) -> bool:
        """Whether it has happened."""
        return str(chosen) in self._sessions.get(session, ())

    def note(self, session: str, chosen: Chosen) -> None:
        """It happened."""
        if chosen.once:
            self._sessions.setdefault(session, set()).add(str(chosen))
            self._sessions.move_to_end(session)
            if len(self._sessions) > REMEMBERED_SESSIONS:
                self._sessions.popitem(last=False)

    def clear(self) -> None:
        """Nothing has happened."""
        self._sessions.clear()


def turn_of(request: ChatRequest) -> int:
    """The turn of a conversation that a request asks for: the assistant's messages so far, plus one."""
    return sum(1 for message in request.messages if message.role == "assistant") + 1


def plan(sources: Sequence[Asked], moment: Moment, spent: Spent) -> list[Due]:
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
        for chosen in _timely(source.faults, moment, spent):
            where = stage(chosen.fault)
            if owners.setdefault(where, rank) != rank:
                continue
            mine = Due(chosen, source.standing, chosen.rate is not None)
            other = due.setdefault((where, chosen.target), mine)
            if other is not mine and not mine.if_possible:
                reason = f"'{other.chosen.name}' acts on the same thing already, and one fault at a time does"
                raise NotApplicable(chosen, reason)
    return list(due.values())


def _timely(faults: Sequence[Chosen], moment: Moment, spent: Spent) -> Iterator[Chosen]:
    """Those whose conditions hold and whose draw was lucky, or unlucky."""
    reached: dict[tuple[object, ...], float] = {}
    for chosen in faults:
        if chosen.turn not in (None, moment.turn):
            continue
        if chosen.attempts is not None and moment.attempt > chosen.attempts:
            continue
        if chosen.once and spent.has(moment.session, chosen):
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
