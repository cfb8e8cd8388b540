"""The environment that points to the mock: for one test (fixture mock_llm), or for a whole run (--mock-llm-env)."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from mockserver.chat.printable import printable
from mockserver.pytest_plugin.item_state import HOST, WATCHED, Watched
from mockserver.pytest_plugin.marks import (
    Case,
    Plan,
    WrongMark,
    recording_plan,
    recording_session,
    scenario_files,
)
from mockserver.scenario import ScenarioErrors
from mockserver.server.client_environment import CLEARED, KEYS
from mockserver.server.mock_llm import MockLLM
from mockserver.server.thread import NO_TEST_RUNNING, CannotServe, Host, OutsideTests, check_sockets

OUTSIDE = pytest.StashKey[OutsideTests]()


@contextmanager
def served(request: pytest.FixtureRequest, options: Mapping[str, Any], case: Case | None) -> Iterator[MockLLM]:
    """The MockLLM of one test, watched until the test is over."""
    llm = _mock_llm(options)
    try:
        host = running_host(request.config)
    except CannotServe as error:
        pytest.fail(str(error), pytrace=False)
    watched = request.node.stash[WATCHED] = Watched(llm, case=case)
    llm.start(host)
    try:
        with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
            plan = _plan(request.node, watched)
            for name in CLEARED:
                patched.delenv(name, raising=False)
            for name, value in llm.env.items():
                if plan is None or name not in plan.keeps:
                    patched.setenv(name, value)
            try:
                watched.recorded = plan.file if plan is not None and plan.upstream is not None else None
                stack.enter_context(recording_session(plan, llm, host, lambda: watched.passed))
                for file in scenario_files(request.node):
                    llm.load(file)
                _inject(llm, request.node, case)
            except (WrongMark, ScenarioErrors, ValueError, OSError) as error:
                watched.wrong = watched.wrong or str(error)
            yield llm
    finally:
        llm.stop()
        if OUTSIDE in request.config.stash:
            request.config.stash[OUTSIDE].serve(host)


def running_host(config: pytest.Config) -> Host:
    """The server of this process; a forked one needs its own, since threads stay behind.

    Raises:
        CannotServe: it cannot start, or may have no sockets now.
    """
    host = config.stash.get(HOST, None)
    if host is None or host.process != os.getpid():
        host = config.stash[HOST] = Host()
    else:
        check_sockets()
    return host


_SENT = "mock_llm_outside"


class Environment:
    """Sets the variables when pytest configures; tells at the end of the run which requests came outside a test.

    Raises:
        pytest.UsageError: the server cannot start.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._patched = pytest.MonkeyPatch()
        self._of_workers: Counter[str] = Counter()
        self._outside = config.stash[OUTSIDE] = OutsideTests()
        try:
            host = running_host(config)
        except CannotServe as error:
            raise pytest.UsageError(f"--mock-llm-env: {error}") from error
        named = MockLLM().start(host).env
        self._outside.serve(host)
        recording = config.getoption("mock_llm_upstream") is not None
        for name in CLEARED:
            self._patched.delenv(name, raising=False)
        for name, value in named.items():
            if not (recording and name in KEYS and os.environ.get(name)):
                self._patched.setenv(name, value)

    def pytest_sessionfinish(self) -> None:
        """A worker process hands on what it counted."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_SENT] = self._outside.counts

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take up what a worker process counted."""
        self._of_workers.update(getattr(node, "workeroutput", {}).get(_SENT, {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what came outside a test; it fails nothing."""
        came = self._of_workers + Counter(self._outside.counts)
        if came:
            terminalreporter.section("mock_llm: requests outside a test")
            for asked, times in sorted(came.items()):
                terminalreporter.line(f"{printable(asked)}: {times} {'request' if times == 1 else 'requests'}")
            terminalreporter.line(f"refused with 503 {NO_TEST_RUNNING}: only a test that takes mock_llm has answers")

    def pytest_unconfigure(self) -> None:
        """The environment is as it was."""
        self._patched.undo()


def _plan(item: pytest.Item, watched: Watched) -> Plan | None:
    try:
        return recording_plan(item)
    except WrongMark as error:
        watched.wrong = str(error)
        return None


def _inject(llm: MockLLM, item: pytest.Item, case: Case | None) -> None:
    if case is None:
        if item.get_closest_marker("faults") is not None:
            raise WrongMark("@pytest.mark.faults: the test must take the fixture mock_llm as an argument")
    elif case.fault is None:
        raise WrongMark(case.wrong or "")
    else:
        llm.fault(case.fault)


def _mock_llm(options: Mapping[str, Any]) -> MockLLM:
    wanted = "the fixture mock_llm_options returns a dict of MockLLM's keywords"
    if not isinstance(options, Mapping):
        pytest.fail(f"{wanted}, not {options!r}", pytrace=False)
    chosen = {"fallback": "error", **options}
    scenario = chosen.pop("scenario", None)
    try:
        llm = MockLLM(**chosen)
        if scenario is not None:
            llm.load(scenario, optional=True)
        return llm
    except Exception as error:  # whatever it is, it is about what the fixture returned
        pytest.fail(f"{wanted}: {str(error).removeprefix('MockLLM.__init__() ')}", pytrace=False)
