"""The pytest plugin: fixtures, marks and options. Heavy modules are imported when a test first uses them."""

import argparse
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_plugin.item_state import (
    EGRESS,
    HOST,
    forget,
    keep_outcome,
    keeps_in,
    notes,
    reasons,
    sections,
    skips,
    wrong_marks,
)
from mockserver.pytest_plugin.run_reports import Survival

if TYPE_CHECKING:
    from mockserver.pytest_plugin.marks import Case
    from mockserver.server.mock_llm import MockLLM

MARKS = (
    'scenario("file.yaml", ...): what mock_llm says in this test; paths are looked up beside the test file, then from '
    "the root directory",
    'recording("file.yaml"): mock_llm replays this recording; with --record-mode=once or all it is recorded first',
    'faults("name", "category", ...): run the test under each of these faults; "all" are those that fit the tools',
    "no_egress: the test must not reach further than loopback, in its process and all threads",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("mock_llm", "a model that calls tools, without the model")
    group.addoption(
        "--mock-llm-no-egress",
        action="store_true",
        help="tests that use mock_llm must not reach further than loopback (for one test: the mark no_egress)",
    )
    group.addoption(
        "--mock-llm-env",
        action="store_true",
        help="point the environment variables to mock_llm before anything is imported, for clients built at import "
        "time; requests outside a test are refused with 503 no_test_running and told at the end of the run",
    )
    _add_record_mode(group)
    group.addoption(
        "--upstream",
        dest="mock_llm_upstream",
        metavar="URL",
        help="for --record-mode: the base URL of the real API, /v1 included",
    )
    group.addoption(
        "--secret-env",
        dest="mock_llm_secret_env",
        action="append",
        default=[],
        metavar="NAME",
        help="for the mark recording: environment variable with a secret, to keep out of recordings; repeatable",
    )
    group.addoption(
        "--mock-llm-ignore",
        dest="mock_llm_ignore",
        action="append",
        default=[],
        metavar="ITEM",
        help="for the mark recording: part of requests not to compare, a path as a miss prints it or /RE2/; repeatable",
    )
    group.addoption(
        "--fault-report",
        metavar="FILE",
        help="write the survival table of the mark faults to this file, as .json or as .html",
    )
    group.addoption(
        "--scenario-coverage",
        nargs="?",
        type=percentage,
        const=0.0,
        metavar="PERCENT",
        help="list the turns and rules of scenario files that no test played; fail below so many percent",
    )


def _add_record_mode(group: pytest.OptionGroup) -> None:
    """The option that other plugins for recordings have, too: two of them would keep pytest from starting."""
    if find_spec("pytest_recording") is not None:
        return
    with suppress(ValueError):
        group.addoption(
            "--record-mode",
            choices=("none", "once", "all"),
            help="for the mark recording: none replays (the default), once records what is not there, all records anew",
        )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    config.pluginmanager.register(Survival(config), "mock_llm_survival")
    if config.getoption("mock_llm_env"):
        from mockserver.pytest_plugin.environment import Environment

        config.pluginmanager.register(Environment(config), "mock_llm_environment")
    if config.getoption("scenario_coverage") is not None:
        from mockserver.pytest_plugin.run_reports import Coverage

        config.pluginmanager.register(Coverage(config), "mock_llm_coverage")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if one was started."""
    if (host := config.stash.get(HOST, None)) is not None:
        host.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run of the test for each fault that its mark names."""
    marks = [*metafunc.definition.iter_markers("faults")]
    if marks and "mock_llm_fault" in metafunc.fixturenames:
        from mockserver.pytest_plugin.marks import cases

        found = cases(marks)
        metafunc.parametrize("mock_llm_fault", found, ids=[case.name for case in found], indirect=True)


def percentage(text: str) -> float:
    """A number from 0 to 100."""
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a percentage: write --scenario-coverage=80, or the paths first"
        )
    return number


@pytest.fixture
def mock_llm_options() -> dict[str, Any]:
    """MockLLM's keywords for every test; override it to change the model, checks, provider or seed of a whole suite."""
    return {}


@pytest.fixture
def mock_llm_fault(request: pytest.FixtureRequest) -> "Case | None":
    """The fault under which the test runs, as the mark `faults` says."""
    case: Case | None = getattr(request, "param", None)
    return case


@pytest.fixture
def mock_llm(
    request: pytest.FixtureRequest, mock_llm_options: dict[str, Any], mock_llm_fault: "Case | None"
) -> Iterator["MockLLM"]:
    """A model that calls tools, without the model: a real server that the environment variables point to.

    The test fails by itself when a request was not scripted, a turn was never requested, a script contradicts a
    request, or the application broke the protocol of tool calls.
    """
    from mockserver.pytest_plugin.environment import served

    with served(request, mock_llm_options, mock_llm_fault) as llm:
        yield llm


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Forbid the test to leave loopback, where an option or a mark says so; afterwards, keep nothing of it."""
    try:
        if not keeps_in(item):
            return (yield)
        from mockserver.pytest_plugin.egress import no_egress

        with no_egress() as egress:
            item.stash[EGRESS] = egress
            return (yield)
    finally:
        forget(item)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A wrong mark fails the test before it runs; what mock_llm found fails it afterwards."""
    if wrong := wrong_marks(item):
        pytest.fail(wrong, pytrace=False)
    try:
        result = yield
    except (Exception, pytest.fail.Exception):
        if missed := skips(item):
            pytest.skip(missed)
        raise
    if missed := skips(item):
        pytest.skip(missed)
    if found := reasons(item):
        pytest.fail(found, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing report shows the conversation, and what mock_llm found beside the test's own failure.

    A passing one shows what is worth knowing.
    """
    report = yield
    if call.when == "call":
        keep_outcome(item, passed=report.passed)
    if report.failed:
        report.sections += sections(item, call.excinfo)
    elif call.when == "call":
        report.sections += notes(item)
    return report
