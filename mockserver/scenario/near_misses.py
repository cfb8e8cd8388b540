"""Near misses: the turns and rules that did not answer, with what each wanted and what was there instead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from heapq import nsmallest

from mockserver.chat import SCENARIO_MODEL
from mockserver.scenario.condition_keys import Failure
from mockserver.scenario.error_messages import quoted
from mockserver.scenario.match_view import MatchView
from mockserver.scenario.order import Standing, overridden
from mockserver.scenario.scenario_model import Place, Rule, Scenario

SHOWN = 5
"""So many near misses are told; more would help nobody."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A candidate that did not match, with the reasons; `what` is "turn 2" or "rule 1"."""

    scenario: str
    what: str
    file: str | None
    line: int | None
    failures: tuple[Failure, ...]


def closest(misses: Iterable[NearMiss]) -> tuple[NearMiss, ...]:
    """The misses with the fewest failed conditions; among equals the order of loading and of the files."""
    return tuple(nsmallest(SHOWN, _until_none_is_nearer(misses), key=lambda miss: len(miss.failures)))


def _until_none_is_nearer(misses: Iterable[NearMiss]) -> Iterator[NearMiss]:
    """The misses up to the last that can be told: of thousands most need not be looked at, as one failure is fewest."""
    nearest = 0
    for miss in misses:
        yield miss
        nearest += len(miss.failures) <= 1
        if nearest == SHOWN:
            return


def wrong_scenario(scenario: Scenario, view: MatchView) -> NearMiss | None:
    """A scenario for another API, or for other models; a request for a model called like a scenario names any model."""
    if scenario.api is not None and scenario.api != view.request.api:
        failure = Failure("api", quoted(scenario.api), quoted(view.request.api))
        return _miss(scenario, "the scenario", scenario.place, (failure,))
    if (
        scenario.model is None
        or view.request.model.startswith(SCENARIO_MODEL)
        or fnmatchcase(view.request.model, scenario.model)
    ):
        return None
    failure = Failure("model", quoted(scenario.model), quoted(view.request.model))
    return _miss(scenario, "the scenario", scenario.place, (failure,))


def near_turns(scenario: Scenario, standings: Sequence[Standing], view: MatchView) -> Iterator[NearMiss]:
    """The turn that came closest, by conversation."""
    if not scenario.turns:
        return
    if not standings:
        yield _turn_miss(scenario, 0, (Failure("user_says", "a user message to begin with", "no user message"),))
        return
    due = [standing for standing in standings if standing.turn is not None]
    if due:
        # The conversation is at its latest message: among equals that is the one meant.
        best = min(reversed(due), key=lambda standing: (not standing.opened, len(standing.failures)))
        yield _turn_miss(scenario, (best.turn or 0) if best.opened else 0, best.failures)
        return
    yield _said_all(scenario, standings[-1], view)


def near_script(scenario: Scenario, due: int | None, view: MatchView) -> Iterator[NearMiss]:
    """The turn whose place it is, by arrival."""
    if not scenario.turns:
        return
    if due is None:
        used_up = Failure("turn", f"one of the {len(scenario.turns)} turns", "all of them were played in this session")
        yield _turn_miss(scenario, len(scenario.turns) - 1, (used_up,))
        return
    yield _turn_miss(scenario, due, scenario.turns[due].failures(view))


def near_rules(scenario: Scenario, used: Mapping[int, int], view: MatchView) -> Iterator[NearMiss]:
    """Every rule, with what kept it from answering."""
    for index, rule in enumerate(scenario.rules):
        failures = (*rule.when.failures(view), *_spent(rule, used.get(index, 0)), *_looping(rule, view))
        yield _miss(scenario, f"rule {index + 1}", rule.place, failures)


def _spent(rule: Rule, used: int) -> Iterator[Failure]:
    if rule.times is not None and used >= rule.times:
        yield Failure("times", f"at most {rule.times} answers in a session", f"{used} answers given")


def _looping(rule: Rule, view: MatchView) -> Iterator[Failure]:
    if view.ends_with_result and not rule.answers_results:
        wanted = "a request that does not end with a tool result, as this rule calls tools and names no tool_results"
        yield Failure("tool_results", wanted, "a tool result at the end")


def _said_all(scenario: Scenario, last: Standing, view: MatchView) -> NearMiss:
    first = scenario.turns[0].opening
    closed = (
        first.lasting(view, overridden(scenario.turns)[-1]).failures(view.at_opening(last.opening + 1))
        if first is not None
        else ()
    )
    if closed:
        return _turn_miss(scenario, 0, closed)
    wanted = f"a conversation for which one of the {len(scenario.turns)} turns is left"
    found = f"the model has replied {last.position} times since the scenario opened"
    return _turn_miss(scenario, len(scenario.turns) - 1, (Failure("turn", wanted, found),))


def _turn_miss(scenario: Scenario, index: int, failures: tuple[Failure, ...]) -> NearMiss:
    return _miss(scenario, f"turn {index + 1}", scenario.turns[index].place, failures)


def _miss(scenario: Scenario, what: str, place: Place | None, failures: tuple[Failure, ...]) -> NearMiss:
    file, line = (place.file, place.line) if place else (None, None)
    return NearMiss(scenario.name, what, file, line, failures)
