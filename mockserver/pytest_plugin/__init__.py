"""The pytest plugin: fixtures, marks and options. Whatever is heavy is imported when a test first uses it."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_plugin.watching import HOST, WATCHED

if TYPE_CHECKING:
    from mockserver.server.mock_llm import MockLLM

MARKS = (
    'scenario("file.yaml", ...): what mock_llm says in this test; paths are looked up beside the test file, then from '
    "the root directory",
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if one was started."""
    if (host := config.stash.get(HOST, None)) is not None:
        host.close()


@pytest.fixture
def mock_llm_options() -> dict[str, Any]:
    """MockLLM's keywords for every test; override it to change the model, checks, provider or seed of a whole suite."""
    return {}


@pytest.fixture
def mock_llm(request: pytest.FixtureRequest, mock_llm_options: dict[str, Any]) -> Iterator["MockLLM"]:
    """A model that calls tools, without the model: a real server that the environment variables point to.

    The test fails by itself when something was asked that nobody scripted, a turn was never asked for, a script
    contradicts a request, or the application broke the protocol of tool calls.
    """
    from mockserver.pytest_plugin.serving import serving

    with serving(request, mock_llm_options) as llm:
        yield llm


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A wrong mark fails the test before it runs; what mock_llm found fails it afterwards."""
    if WATCHED in item.stash and (wrong := item.stash[WATCHED].wrong) is not None:
        pytest.fail(wrong, pytrace=False)
    result = yield
    if WATCHED in item.stash and (found := item.stash[WATCHED].reasons()):
        pytest.fail(found, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing report shows the conversation, and what mock_llm found beside the test's own failure."""
    report = yield
    if report.failed and WATCHED in item.stash:
        report.sections += item.stash[WATCHED].sections(call.excinfo)
    return report
