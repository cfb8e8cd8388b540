"""Play: a scenario being performed: which turn or rule answers a request, and the near misses."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import accumulate, count
from typing import TYPE_CHECKING

from mockserver.chat import Reply
from mockserver.scenario.contradictions import ParameterTypes, changed, conflict
from mockserver.scenario.index import FEW, Index
from mockserver.scenario.match_view import MatchView
from mockserver.scenario.near_misses import NearMiss, closest, near_rules, near_script, near_turns, wrong_scenario
from mockserver.scenario.order import Turns
from mockserver.scenario.placeholders import Known, filled, named
from mockserver.scenario.scenario_model import Found, Match, Rule, Scenario, Turn, ascii_name, names_of
from mockserver.scenario.sessions import NEW, Sessions
from mockserver.scenario.turn_values import CutOff

if TYPE_CHECKING:
    from mockserver.redaction import Sanitiser
    from mockserver.scenario.request_matching import Divergence, Recorded


class Miss:
    """Nothing answers; the reasons are computed when they are needed."""

    def __init__(self, plays: Sequence["Play"], view: MatchView) -> None:
        self._plays = plays
        self._asked = view

    @cached_property
    def near(self) -> tuple[NearMiss, ...]:
        """The candidates that came closest, best first."""
        return closest(miss for play in self._plays for miss in play.near(self._asked))

    @cached_property
    def nearest(self) -> "Divergence | None":
        """Where recordings are played: the recorded exchange with the fewest differences."""
        found = [diverging for play in self._plays if (diverging := play.diverges(self._asked)) is not None]
        return min(found, key=lambda divergence: len(divergence.differences), default=None)


class Play:
    """A scenario being performed.

    By conversation nothing is remembered but how often a rule was used. By arrival each session has its own place.
    Recorded turns that answer the same request come one after the other in a session; the last is repeated.
    `sanitiser` takes out of requests what was taken out of the recording.
    """

    def __init__(self, scenario: Scenario, label: str | None = None, sanitiser: "Sanitiser | None" = None) -> None:
        kind = "scenario" if scenario.recording is None else "recording"
        self.label = label or f"{kind}:{ascii_name(scenario.name)}"
        self._sanitiser = sanitiser
        self._sessions = Sessions()
        self._played: set[int] = set()
        self._alternatives: set[tuple[int, int | None]] = set()
        self._ruled: set[int] = set()
        self._perform(scenario)

    def append(self, turns: Iterable[Turn] = (), rules: Iterable[Rule] = ()) -> None:
        """More turns and rules at the end; what was played stays played."""
        had = self.scenario
        self._perform(replace(had, turns=(*had.turns, *turns), rules=(*had.rules, *rules)))

    def answer(self, view: MatchView) -> Match | Miss:
        """What this scenario says to a request; its turns come before its rules.

        Raises:
            UnresolvedPlaceholder: the words name a value that the conversation does not hold.
        """
        return answer_from((self,), view)

    def is_called(self, name: str) -> bool:
        """Whether a request that asks for a scenario of this name means this one: its own name, or its file's."""
        return name in self._names

    def unplayed(self) -> tuple[Turn, ...]:
        """The turns that no session has played."""
        return tuple(turn for index, turn in enumerate(self.scenario.turns) if index not in self._played)

    def parts(self) -> Iterator[tuple[str, Turn | Rule, bool]]:
        """Every turn (of either, each alternative) and rule with its label, and whether any session played it."""
        for index, turn in enumerate(self.scenario.turns):
            if not turn.either:
                yield self._turn_labels[index], turn, index in self._played
            for number, part in enumerate(turn.either):
                yield self._turn_label(index, number), part, (index, number) in self._alternatives
        yield from zip(self._rule_labels, self.scenario.rules, map(self._ruled.__contains__, count()), strict=False)

    def reset(self) -> None:
        """As at the start: no session, no turn played."""
        self._sessions.clear()
        self._played.clear()
        self._alternatives.clear()
        self._ruled.clear()

    def look(self, view: MatchView) -> Found | None:
        """What would answer; nothing changes by looking."""
        if (self.scenario.model or self.scenario.api) is not None and wrong_scenario(self.scenario, view):
            return None
        if self._recorded is not None:
            return self._heard(view, self._recorded) or self._ruling(view)
        return (self._arriving(view) if self._by_arrival else self._conversing(view)) or self._ruling(view)

    @property
    def is_recorded(self) -> bool:
        """Whether it holds what a recorder heard."""
        return self._recorded is not None

    def recalls(self, view: MatchView) -> bool:
        """Whether a recorded turn answers; nothing changes by looking."""
        found = self.look(view)
        return found is not None and found.line is not None

    def say(self, found: Found, view: MatchView, others: tuple[str, ...] = ()) -> Match:
        """Say what was found; this is what uses up turns and rules. `others` would have answered, too.

        Raises:
            UnresolvedPlaceholder: the words name a value that the conversation does not hold.
        """
        undo = self._use(found, view)
        return self._match(found, view, others)._replace(undo=undo)

    def _use(self, found: Found, view: MatchView) -> Callable[[], None] | None:
        """Use up a turn or rule; what undoes it, where an answer that does not come whole can be asked for again."""
        if isinstance(found.part, Rule):
            self._ruled.add(found.position)
            if found.part.times is None:
                return None
            session = self._sessions.use(view.session)
            session.used[found.position] += 1
            return lambda: session.used.subtract((found.position,))
        self._played.add(found.position)
        self._alternatives.add((found.position, found.alternative))
        if found.line is not None:
            self._sessions.use(view.session).heard[found.line] += 1
        elif self._by_arrival:
            session = self._sessions.use(view.session)
            before, session.captures = session.captures, found.captures
            session.arrived += 1
            if not isinstance(found.part.say, CutOff):
                return partial(session.step_back, before)
        return None

    def _match(self, found: Found, view: MatchView, others: tuple[str, ...]) -> Match:
        label, say, contradiction = self.label_of(found), found.part.say, None
        part, scenario = found.part, self.scenario
        if self._recorded is not None and found.line is not None:
            return Match(self._recorded.served(say), label, place=part.place, seed=scenario.seed, others=others)
        if isinstance(say, Reply):
            say = named(say, view) if say.calls else say
            if found.part.has_placeholders:
                tools = ParameterTypes({tool.name: tool for tool in reversed(view.request.tools)})
                say = filled(say, Known(view, found.start, found.captures, label), tools)
            contradiction = conflict(say, view.request, part.fault)
            if contradiction is not None:
                contradiction += changed(say, view.request, scenario.tools)
        return Match(
            say,
            label,
            place=part.place,
            seed=scenario.seed,
            others=others,
            contradiction=contradiction,
            fault=part.fault,
            faults=scenario.faults,
            profile=scenario.profile,
            faulty=part.has_fault or bool(scenario.faults or scenario.profile),
            provider=scenario.provider,
            replies=found.replies(view.request) if view.request.api == "responses" else 0,
        )

    def go_on(self, replies: int, view: MatchView) -> Match | None:
        """The next turn of a conversation whose text is gone: all that is known is how often this scenario replied.

        None where nothing is left to say, or the turn cannot be judged or said without the text.
        """
        if self._by_arrival or self._recorded is not None:
            return None
        index = self._turns.due(replies, view.attempt)
        if index is None:
            return None
        turn = self.scenario.turns[index]
        if any(when.needs_text for when in turn.conditions) or turn.failures(view):
            return None
        found = Found.of_turn(turn, index, turn.alternative(view), 0, {})
        return None if found is None or found.part.has_placeholders else self.say(found, view)

    def near(self, view: MatchView) -> Iterator[NearMiss]:
        """The turns and rules that did not answer, and why."""
        if model := wrong_scenario(self.scenario, view):
            yield model
            return
        if self._recorded is not None:
            pass
        elif self._by_arrival:
            yield from near_script(self.scenario, self._due(view), view)
        else:
            yield from near_turns(self.scenario, tuple(self._turns.standings(view)), view)
        yield from near_rules(self.scenario, self._sessions.get(view.session, NEW).used, view)

    def diverges(self, view: MatchView) -> "Divergence | None":
        """The recorded exchange that is nearest to a request which none of them answers."""
        return self._recorded.nearest(view) if self._recorded is not None else None

    def label_of(self, found: Found) -> str:
        """What the answer is called in `x-mock-match` and in the journal: `scenario:NAME#turn2`, `script#rule1`."""
        if isinstance(found.part, Rule):
            return self._rule_labels[found.position]
        return self._turn_label(found.position, found.alternative)

    def _turn_label(self, index: int, alternative: int | None) -> str:
        return self._turn_labels[index] + (f".{alternative + 1}" if alternative is not None else "")

    def _perform(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._names = names_of(scenario)
        self._recorded = self._heard_before()
        self._turns = Turns(scenario.turns if self._recorded is None else ())
        self._by_arrival = scenario.order == "arrival"
        self._index = Index([rule.when for rule in scenario.rules]) if len(scenario.rules) >= FEW else None
        self._turn_labels = [f"{self.label}#turn{number}" for number in range(1, len(scenario.turns) + 1)]
        self._rule_labels = [f"{self.label}#rule{number}" for number in range(1, len(scenario.rules) + 1)]
        self.is_steady = self._steady()
        """Whether its answer depends on the request alone: not on who asks, how often, or what was asked before."""
        self._arrivals = list(accumulate(turn.times for turn in scenario.turns))

    def _steady(self) -> bool:
        turns, rules = self.scenario.turns, self.scenario.rules
        if self._recorded is not None or (self._by_arrival and turns) or not self._turns.is_steady:
            return False
        if any(rule.times is not None or rule.when.mentions("header", "test") for rule in rules):
            return False
        return not any(callable(part.say) for _, part in self.scenario.parts())

    def _heard_before(self) -> "Recorded | None":
        """What a recorder heard; None where nothing was recorded, and nobody needs to wait for what recordings take."""
        if all(turn.heard is None for turn in self.scenario.turns):
            return None
        from mockserver.scenario.request_matching import Recorded

        return Recorded(self.scenario, self._sanitiser)

    def _conversing(self, view: MatchView) -> Found | None:
        standing = self._turns.playable(view)
        if standing is None or standing.turn is None:
            return None
        turn, alternative = self.scenario.turns[standing.turn], self._turns.alternative(standing, view)
        return Found.of_turn(turn, standing.turn, alternative, standing.opening, self._turns.captures(standing, view))

    def _heard(self, view: MatchView, recorded: "Recorded") -> Found | None:
        line = recorded.line(view)
        if line is None:
            return None
        key, turns = line
        position = turns[min(self._sessions.get(view.session, NEW).heard[key], len(turns) - 1)]
        return Found(self.scenario.turns[position], position, 0, {}, key)

    def _due(self, view: MatchView) -> int | None:
        arrived = self._sessions.get(view.session, NEW).arrived
        due = bisect_right(self._arrivals, arrived)
        return due if due < len(self._arrivals) else None

    def _arriving(self, view: MatchView) -> Found | None:
        due = self._due(view)
        if due is None:
            return None
        turn = self.scenario.turns[due]
        if turn.when is not None and not turn.when.holds(view):
            return None
        caught = self._sessions.get(view.session, NEW).captures | turn.captures(view)
        return Found.of_turn(turn, due, turn.alternative(view), _last_user(view), caught)

    def _ruling(self, view: MatchView) -> Found | None:
        if not self.scenario.rules:
            return None
        used = self._sessions.get(view.session, NEW).used
        for index in self._index.candidates(view) if self._index else range(len(self.scenario.rules)):
            rule = self.scenario.rules[index]
            if not rule.when.holds(view) or (rule.times is not None and used[index] >= rule.times):
                continue
            if view.ends_with_result and not rule.answers_results:
                continue
            caught = self._captured(view) if rule.has_placeholders else {}
            return Found(rule, index, _last_user(view), caught | rule.when.captures(view))
        return None

    def _captured(self, view: MatchView) -> dict[str, str]:
        """What the turns of this conversation caught, for a rule that answers in it."""
        return self._sessions.get(view.session, NEW).captures if self._by_arrival else self._turns.captured(view)


def answer_from(plays: Sequence[Play], view: MatchView) -> Match | Miss:
    """What the first play that answers says, in the order they were loaded; others that would have are noted.

    Raises:
        UnresolvedPlaceholder: the words name a value that the conversation does not hold.
    """
    found = [(play, what) for play in plays if (what := play.look(view)) is not None]
    if not found:
        return Miss(plays, view)
    play, what = found[0]
    return play.say(what, view, tuple([other.label_of(instead) for other, instead in found[1:]]))


def _last_user(view: MatchView) -> int:
    messages = view.request.messages
    return next((index for index in range(len(messages) - 1, -1, -1) if messages[index].role == "user"), 0)
