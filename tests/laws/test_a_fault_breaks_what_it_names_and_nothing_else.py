"""Every fault against tools of every kind: what its promise names is broken, the rest is as without it."""

from pathlib import Path

import pytest

from mockserver.faults import CATALOGUE
from tests.fault_law import SEEDS, held, held_whole
from tests.fault_situations import KINDS, MORE

NAMES = (Path(__file__).parents[1] / "test_faults" / "names.txt").read_text(encoding="utf-8").split()
ENOUGH = [*list(KINDS)[: 40 - len(MORE)], *MORE]


def test_the_catalogue_holds_every_fault_by_its_name() -> None:
    assert sorted(CATALOGUE) == sorted(NAMES)
    assert sum(1 for fault in CATALOGUE.values() if fault.impossible) <= 10


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_breaks_what_it_names_and_nothing_else(name: str) -> None:
    applied, violations = held(CATALOGUE[name], ENOUGH, range(SEEDS))

    assert not violations
    assert applied, "the fault applies to no schema at all"


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_answer_with_a_fault_says_the_same_plain_and_streamed_and_names_it(name: str) -> None:
    assert not [wrong for kind in ENOUGH for wrong in held_whole(CATALOGUE[name], kind)]
