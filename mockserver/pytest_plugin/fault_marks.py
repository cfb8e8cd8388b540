"""The mark `faults`, understood: which faults a test is run under, one run each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

import pytest

from mockserver.faults import CATALOGUE, Category, FaultSpec, UnknownFault, fault_spec, parse

FORM = '@pytest.mark.faults("unknown_param", "args_schema", ...): names of faults, categories, or "all"'
SHORT_SECONDS = 0.2
"""So long lasts what a category brings along and is slow: the default of a fault would be a minute of waiting."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a test, called `name`: under this fault, or not at all because the mark is `wrong`.

    `picked` says that it came with a category: where it does not apply, the test is skipped.
    """

    name: str
    fault: FaultSpec | None = None
    picked: bool = False
    wrong: str | None = None


def cases(marks: Iterable[pytest.Mark]) -> list[Case]:
    """A run for each fault that the marks name, each once."""
    found: dict[str, Case] = {}
    for mark in marks:
        for case in _of(mark):
            found.setdefault(case.name, case)
    return [*found.values()]


def _of(mark: pytest.Mark) -> Iterator[Case]:
    if mark.kwargs or not mark.args or not all(isinstance(name, str) for name in mark.args):
        yield Case("wrong mark", wrong=f"@pytest.mark.faults is not written as it must be. Write {FORM}")
        return
    for written in mark.args:
        if written == "all" or written in get_args(Category):
            yield from (Case(fault.name, fault, picked=True) for fault in _picked(written))
            continue
        try:
            yield from (Case(str(fault), _once(fault)) for fault in parse(written))
        except UnknownFault as unknown:
            categories = ", ".join(get_args(Category))
            told = f'@pytest.mark.faults("{written}"): {unknown} Categories: {categories}. Write {FORM}'
            yield Case(written, wrong=told)


def _picked(category: str) -> Iterator[FaultSpec]:
    for fault in CATALOGUE.values():
        if fault.impossible is None and category in ("all", fault.category):
            short = {"seconds": SHORT_SECONDS} if "seconds" in fault.parameters else {}
            yield _once(fault_spec(fault.name, **short))


def _once(fault: FaultSpec) -> FaultSpec:
    """It happens in the first answer that can show it, unless the mark says otherwise."""
    said_when = fault.once or fault.attempts is not None or fault.turn is not None or fault.rate is not None
    return fault if said_when else replace(fault, once=True, rate=1.0)
