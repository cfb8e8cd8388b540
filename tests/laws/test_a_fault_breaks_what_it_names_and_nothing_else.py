"""Every fault against tools of every kind: what it names is broken, the rest is as without it."""

from pathlib import Path

import pytest

from mockserver.faults import CATALOGUE
from tests.fault_answers import Case
from tests.fault_law import SEEDS, altered, first_cases, held, held_whole
from tests.fault_predicates import PREDICATES
from tests.fault_situations import KINDS, MORE
from tests.faulty import IN_CHAT

NAMES = (Path(__file__).parents[1] / "test_faults" / "names.txt").read_text(encoding="utf-8").split()
ENOUGH = [*list(KINDS)[: 40 - len(MORE)], *MORE]


def test_the_catalogue_holds_every_fault_by_its_name() -> None:
    assert sorted(CATALOGUE) == sorted(NAMES)
    assert sum(1 for fault in CATALOGUE.values() if fault.impossible) <= 10


def test_every_fault_has_a_predicate_and_every_predicate_a_fault() -> None:
    assert sorted(PREDICATES) == sorted(IN_CHAT)


@pytest.mark.parametrize("name", IN_CHAT)
def test_a_fault_breaks_what_it_names_and_nothing_else(name: str) -> None:
    applied, violations = held(CATALOGUE[name], ENOUGH, range(SEEDS))

    assert not violations
    assert applied, "the fault applies to no schema at all"


@pytest.mark.parametrize("name", IN_CHAT)
def test_an_answer_with_a_fault_says_the_same_plain_and_streamed_and_names_it(name: str) -> None:
    assert not [wrong for kind in ENOUGH for wrong in held_whole(CATALOGUE[name], kind)]


@pytest.mark.parametrize("name", PREDICATES)
def test_an_answer_without_the_fault_is_not_what_the_predicate_asks_for(name: str) -> None:
    cases = first_cases(CATALOGUE[name])

    assert cases
    assert [PREDICATES[name](case) for case in cases] == [True] * len(cases)
    assert [PREDICATES[name](without(case)) for case in cases] == [False] * len(cases)


@pytest.mark.parametrize("name", PREDICATES)
def test_a_predicate_sees_what_else_has_changed(name: str) -> None:
    cases = [case._replace(after=more) for case in first_cases(CATALOGUE[name]) for more in altered(case.after)]

    assert [PREDICATES[name](case) for case in cases] == [False] * len(cases)


def without(case: Case) -> Case:
    return case._replace(after=case.before)
