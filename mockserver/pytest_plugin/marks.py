"""The marks `scenario` and `faults`: the files and the faults that they name, and errors about wrong marks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import pytest

from mockserver.errors import MockServerError
from mockserver.faults import CATALOGUE, Category, FaultSpec, UnknownFault, fault_spec, parse
from mockserver.scenario import UnknownScenario, find

FAULTS_FORM = '@pytest.mark.faults("unknown_param", "args_schema", ...): names of faults, categories, or "all"'
SHORT_SECONDS = 0.2
"""Delay of slow faults that a category brings along; their default would be a minute."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a test, called `name`: under this fault, or not at all because the mark is `wrong`.

    `picked` says that it came with a category: where it does not apply, the test is skipped.
    """

    name: str
    fault: FaultSpec | None = None
    picked: bool = False
    wrong: str | None = None


class WrongMark(MockServerError):
    """A mark is wrong; the message shows the correct form."""


def scenario_files(item: pytest.Item) -> Iterator[Path]:
    """The files that the test's `scenario` marks name, those of its class and module first.

    Raises:
        WrongMark: the mark names nothing, or a file that is not there.
    """
    for mark in reversed([*item.iter_markers("scenario")]):
        if mark.kwargs or not mark.args or not all(isinstance(name, str) for name in mark.args):
            raise WrongMark(
                f'{_written(mark)}: expected the path of a scenario file: @pytest.mark.scenario("file.yaml")'
            )
        for name in mark.args:
            yield from files(item, name, mark)


def files(item: pytest.Item, name: str, mark: pytest.Mark) -> list[Path]:
    """The file of that name beside the test file or in the root directory, or the ready-made scenario.

    Raises:
        WrongMark: the file does not exist.
    """
    places = [item.path.parent / name, item.config.rootpath / name]
    for place in places:
        if place.exists():
            return find(str(place))
    try:
        return find(name)
    except UnknownScenario:
        looked = " and ".join(dict.fromkeys(str(place) for place in places))
        form = f'@pytest.mark.{mark.name}("file.yaml")'
        raise WrongMark(
            f"{_written(mark)}: the file does not exist. Looked for {looked}. "
            f"Write {form} with a path from the test file's folder or from the root directory, or the name of a "
            "ready-made scenario (`mockserver serve --list`)."
        ) from None


def cases(marks: Iterable[pytest.Mark]) -> list[Case]:
    """A run for each fault that the marks name, each once."""
    found: dict[str, Case] = {}
    for mark in marks:
        for case in _cases_of(mark):
            found.setdefault(case.name, case)
    return [*found.values()]


def _written(mark: pytest.Mark) -> str:
    given = [*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())]
    return f"@pytest.mark.{mark.name}({', '.join(given)})"


def _cases_of(mark: pytest.Mark) -> Iterator[Case]:
    if mark.kwargs or not mark.args or not all(isinstance(name, str) for name in mark.args):
        yield Case("wrong mark", wrong=f"@pytest.mark.faults is not written as it must be. Write {FAULTS_FORM}")
        return
    for written in mark.args:
        if written == "all" or written in get_args(Category):
            yield from (Case(fault.name, fault, picked=True) for fault in _of_category(written))
            continue
        try:
            yield from (Case(str(fault), _once(fault)) for fault in parse(written))
        except UnknownFault as unknown:
            categories = ", ".join(get_args(Category))
            told = f'@pytest.mark.faults("{written}"): {unknown} Categories: {categories}. Write {FAULTS_FORM}'
            yield Case(written, wrong=told)


def _of_category(category: str) -> Iterator[FaultSpec]:
    for fault in CATALOGUE.values():
        if fault.impossible is None and category in ("all", fault.category):
            short = {"seconds": SHORT_SECONDS} if "seconds" in fault.parameters else {}
            yield _once(fault_spec(fault.name, **short))


def _once(fault: FaultSpec) -> FaultSpec:
    """The fault, once, in the first response that can show it, unless the mark says otherwise."""
    said_when = fault.once or fault.attempts is not None or fault.turn is not None or fault.rate is not None
    return fault if said_when else replace(fault, once=True, rate=1.0)
