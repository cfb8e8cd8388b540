"""The marks `scenario`, `faults` and `recording`: what they name, and errors about wrong marks."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

import pytest

from mockserver.errors import MockServerError
from mockserver.faults import CATALOGUE, Category, FaultSpec, UnknownFault, fault_spec, parse
from mockserver.scenario import UnknownScenario, find
from mockserver.server.client_environment import KEYS

if TYPE_CHECKING:
    from mockserver.server.mock_llm import MockLLM
    from mockserver.server.thread import Host

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


"""These keep their values while a session is recorded: the real API needs the real key."""


class Plan(NamedTuple):
    """What is to happen with a test's recording: it is replayed, or made with the help of an `upstream`.

    `secrets` are values that must not be in it, `ignore` the parts of requests that are not compared.
    """

    file: Path
    upstream: str | None = None
    anew: bool = False
    secrets: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def keeps(self) -> frozenset[str]:
        """The variables of the environment that the test has to find as they are."""
        return frozenset(name for name in KEYS if os.environ.get(name)) if self.upstream is not None else frozenset()


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


def recording_plan(item: pytest.Item) -> Plan | None:
    """What the test's mark and the options ask for; None without a mark.

    Raises:
        WrongMark: the mark is not written as it must be, the file is not there, or no upstream is named to record from.
    """
    mark = item.get_closest_marker("recording")
    if mark is None:
        return None
    if mark.kwargs or len(mark.args) != 1 or not isinstance(mark.args[0], str):
        raise WrongMark('@pytest.mark.recording: expected the path of one file: @pytest.mark.recording("file.yaml")')
    places = [item.path.parent / mark.args[0], item.config.rootpath / mark.args[0]]
    there = next((place for place in places if place.exists()), None)
    mode, upstream = item.config.getoption("record_mode", None), item.config.getoption("mock_llm_upstream")
    secrets = _secrets(item.config.getoption("mock_llm_secret_env"))
    ignore = _ignored(item.config.getoption("mock_llm_ignore"))
    if mode == "all" or (mode == "once" and there is None):
        if upstream is None:
            raise WrongMark(f"--record-mode={mode} needs --upstream URL, the base URL of the real API")
        return Plan(there or places[0], upstream, mode == "all", secrets, ignore)
    if there is None:
        looked = " and ".join(dict.fromkeys(map(str, places)))
        raise WrongMark(
            f'@pytest.mark.recording("{mark.args[0]}"): the file does not exist. Looked for {looked}. '
            "Record it: pytest --record-mode=once --upstream URL"
        )
    return Plan(there, secrets=secrets, ignore=ignore)


@contextmanager
def recording_session(plan: Plan | None, llm: "MockLLM", host: "Host", passed: Callable[[], bool]) -> Iterator[None]:
    """Replay the recording, or record everything that is asked until the block ends, and keep it if the test passed.

    Raises:
        WrongUpstream: the address cannot be an upstream.
        ScenarioErrors: the file has mistakes.
        OSError: the file cannot be read.
    """
    if plan is None or plan.upstream is None:
        if plan is not None:
            llm.load(plan.file, secrets=plan.secrets, ignore=plan.ignore)
        yield
        return
    from mockserver.server.proxy import recording_if

    options = {"secrets": plan.secrets, "ignore": plan.ignore}
    with recording_if(passed, host, plan.upstream, plan.file, anew=plan.anew, **options):
        yield


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


def _ignored(items: Sequence[str]) -> tuple[str, ...]:
    from mockserver.scenario.ignored_parts import checked_item

    try:
        return tuple(checked_item(item) for item in items)
    except ValueError as error:
        raise WrongMark(f"--mock-llm-ignore: {error}") from None


def _secrets(names: Sequence[str]) -> tuple[str, ...]:
    if missing := [name for name in names if not os.environ.get(name)]:
        raise WrongMark(f"--secret-env {missing[0]}: the variable is not set, or empty")
    return tuple(os.environ[name] for name in names)
