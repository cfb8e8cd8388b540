"""Turn order: the turn that is due in a conversation, computed from the conversation alone."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mockserver.chat import ApiError
from mockserver.scenario.condition_keys import Failure
from mockserver.scenario.match_view import MatchView
from mockserver.scenario.scenario_model import Turn
from mockserver.scenario.value_conditions import Spoken

LASTING = ("system_says", "tools", "model")
"""Conditions of the opening that hold for the whole conversation, unless a later turn names them."""

_JUDGED = 100
"""Of more user messages in a row only so many, and the last, may open a scenario."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place in a conversation: the errors said on the way to a reply, and the turn that replies (None: no more).

    `first` is the number of replies before it; the turn is played `times` times from there.
    """

    errors: tuple[int, ...]
    reply: int | None
    first: int
    times: int


class Standing(NamedTuple):
    """A conversation as one user message sees it that may open the scenario.

    `position` counts the replies since, `turn` is the one that is due (None: they are all said). `failures` are those
    of that turn, or of the first turn when the scenario does not open at this message (`opened`).
    """

    opening: int
    position: int
    turn: int | None
    opened: bool
    failures: tuple[Failure, ...]


class _Run:
    """User messages in a row: what they say together, and the last one where so many came that not all are judged."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._came = 0
        self.skipped: int | None = None

    def takes(self, index: int, text: str | None) -> bool:
        """One more; whether the scenario may open at it. Judging each of very many would take for ever."""
        self._came += 1
        if text:
            self._texts.append(text)
        self.skipped = index if self._came > _JUDGED else None
        return self.skipped is None

    @property
    def text(self) -> str:
        """What the user says so far."""
        return "\n".join(self._texts)


class Turns:
    """The turns of a scenario laid out along a conversation."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = tuple(turns)
        self._stops = tuple(_stops(self.turns))
        self._firsts = [stop.first for stop in self._stops]
        self._places = self._stops[-1].first + self._stops[-1].times if self._stops else 0
        self._captures = any(when.names for turn in self.turns for when in turn.conditions)
        self._first = self.turns[0].opening if self.turns else None
        self._overridden = overridden(self.turns)
        texts = ("user_says", "system_says", "assistant_said")
        # Only errors look at the attempt, headers do not belong to the request, and a function may say what it likes.
        errors = any(isinstance(turn.say, ApiError) for turn in self.turns)
        self.is_steady = not errors and not any(turn.mentions("header", "test") for turn in self.turns)
        """Whether whose turn it is depends on the request alone."""
        self._opens_anywhere = self._first is not None and self._first.mentions(*texts)

    def playable(self, view: MatchView) -> Standing | None:
        """The earliest opening whose turn can be said."""
        says = self._first.user_says if self._first is not None else None
        for opening, position, said in self._openings(view):
            # Quickly past the many messages of a long conversation: those after which all is said, and those that
            # open nothing.
            if position >= self._places or (says and not (said and says.fits(Spoken(said)))):
                continue
            standing = self._standing(opening, position, view)
            if standing.turn is not None and not standing.failures:
                return standing
        return None

    def standings(self, view: MatchView) -> Iterator[Standing]:
        """The conversation as each of its openings sees it, from the earliest; the first playable one is."""
        for opening, position, _ in self._openings(view):
            yield self._standing(opening, position, view)

    def _openings(self, view: MatchView) -> Iterator[tuple[int, int, str]]:
        """The user messages that may open the scenario, each with the number of replies since and what the user says.

        A first condition about a text opens at each user message for which it holds; any other, or none, only at
        the first user message. It is judged on the conversation up to there, and on what the user says since any
        message of the model.
        """
        position, run = view.replies, _Run()
        for index, message in enumerate(view.request.messages):
            if message.role == "assistant":
                if run.skipped is not None:
                    yield run.skipped, position, run.text
                position, run = position - 1, _Run()
            elif message.role == "user":
                if run.takes(index, message.content):
                    yield index, position, run.text
                if not self._opens_anywhere:
                    return
        if run.skipped is not None:
            yield run.skipped, position, run.text

    def _standing(self, opening: int, position: int, view: MatchView) -> Standing:
        turn = self.due(position, view.attempt)
        # Where nothing is left to say, why it did not open is wanted by nobody.
        if self._first is not None and turn is not None:
            when = self._first if position == 0 else self._first.lasting(view, self._overridden[turn])
            if closed := when.failures(view.at_opening(opening + 1)):
                return Standing(opening, position, turn, False, closed)
        # The first condition is what opened the conversation; later messages need not meet it again.
        due = self.turns[turn] if turn is not None else None
        opened = (turn, position) == (0, 0)
        failures = due.failures(_since(opening, view, due), opened=opened) if due is not None else ()
        return Standing(opening, position, turn, True, failures)

    def alternative(self, standing: Standing, view: MatchView) -> int | None:
        """The alternative of the turn that is due; None where it has none."""
        turn = self.turns[standing.turn] if standing.turn is not None else None
        return turn.alternative(_since(standing.opening, view, turn)) if turn is not None and turn.either else None

    def due(self, position: int, attempt: int) -> int | None:
        """The turn to play after so many replies, at this attempt of the request; None when there is none."""
        at = bisect_right(self._firsts, position) - 1
        if at < 0:
            return None
        stop = self._stops[at]
        if position == stop.first:
            for index in stop.errors:
                attempt -= self.turns[index].times
                if attempt <= 0:
                    return index
        return stop.reply if position < stop.first + stop.times else None

    def captures(self, standing: Standing, view: MatchView) -> dict[str, str]:
        """What the conditions of the turns up to now caught, each judged on the conversation of its time."""
        if not self._captures:
            return {}
        found: dict[str, str] = {}
        for index, end, opened in self._played(standing, view):
            turn = self.turns[index]
            if any(when.names for when in turn.conditions):
                then = _since(standing.opening, view.until(end), turn)
                found |= turn.captures(then, view.at_opening(standing.opening + 1) if opened else None)
        return found

    def captured(self, view: MatchView) -> dict[str, str]:
        """What the turns caught that this conversation has had, whether or not one of them is due.

        The latest reply that a turn gave tells which opening counts; replies of rules stand between.
        """
        messages = view.request.messages if self._captures else ()
        for index in range(len(messages) - 1, -1, -1):
            if messages[index].role == "assistant":
                then = view.until(index).past_errors()
                if (standing := self.playable(then)) is not None:
                    return self.captures(standing, then)
        return {}

    def _played(self, standing: Standing, view: MatchView) -> Iterator[tuple[int, int, bool]]:
        """The turns played since the opening: number, how many messages there were then, and whether it opened."""
        messages = view.request.messages
        ends = [i for i in range(standing.opening, len(messages)) if messages[i].role == "assistant"]
        for stop in self._stops:
            for index in (*stop.errors, *(() if stop.reply is None else (stop.reply,))):
                last = min(standing.position, stop.first + stop.times - 1)
                for position in range(stop.first, last + 1):
                    end = ends[position] if position < len(ends) else len(messages)
                    yield index, end, index == 0 and position == 0
                    if index in stop.errors:
                        break
                if index == standing.turn:
                    return


def _since(opening: int, view: MatchView, turn: Turn) -> MatchView:
    return view.since(opening) if turn.mentions("called") else view


def overridden(turns: Sequence[Turn]) -> list[frozenset[str]]:
    """For each turn the lasting conditions of the opening that it, or a turn before it, names itself.

    So another agent can take over a conversation, with other instructions, tools or another model.
    """
    named = [{key for key in LASTING if turn.mentions(key)} for turn in turns[1:]]
    return [frozenset(), *(frozenset().union(*named[: index + 1]) for index in range(len(named)))]


def _stops(turns: Sequence[Turn]) -> Iterator[Stop]:
    errors: list[int] = []
    first = 0
    for index, turn in enumerate(turns):
        if isinstance(turn.say, ApiError):
            errors.append(index)
            continue
        yield Stop(tuple(errors), index, first, turn.times)
        errors, first = [], first + turn.times
    if errors:
        yield Stop(tuple(errors), None, first, 1)
