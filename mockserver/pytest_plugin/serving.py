"""mock_llm for one test: a fresh MockLLM on the process's one server, and the environment that points to it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from mockserver.pytest_plugin.fault_marks import Case
from mockserver.pytest_plugin.marks import WrongMark, scenario_files
from mockserver.pytest_plugin.recordings import Plan, carried_out, planned
from mockserver.pytest_plugin.watching import HOST, WATCHED, Watched
from mockserver.scenario import ScenarioErrors
from mockserver.server.host import Host
from mockserver.server.mock_llm import MockLLM
from mockserver.server.outside import Outside
from mockserver.server.thread import CannotServe, check_sockets

OUTSIDE = pytest.StashKey[Outside]()
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@contextmanager
def serving(request: pytest.FixtureRequest, options: Mapping[str, Any], case: Case | None) -> Iterator[MockLLM]:
    """The MockLLM of one test, watched until the test is over."""
    llm = _made(options)
    try:
        host = running_host(request.config)
    except CannotServe as error:
        pytest.fail(str(error), pytrace=False)
    watched = request.node.stash[WATCHED] = Watched(llm, case=case)
    llm.start(host)
    try:
        with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
            plan = _plan(request.node, watched)
            for name in PROXIES:
                patched.delenv(name, raising=False)
                patched.delenv(name.lower(), raising=False)
            for name, value in llm.env.items():
                if plan is None or name not in plan.keeps:
                    patched.setenv(name, value)
            try:
                watched.recorded = plan.file if plan is not None and plan.upstream is not None else None
                stack.enter_context(carried_out(plan, llm, host, lambda: watched.passed))
                for file in scenario_files(request.node):
                    llm.load(file)
                _go_wrong(llm, request.node, case)
            except (WrongMark, ScenarioErrors, ValueError, OSError) as error:
                watched.wrong = watched.wrong or str(error)
            yield llm
    finally:
        llm.stop()
        if OUTSIDE in request.config.stash:
            request.config.stash[OUTSIDE].serve(host)


def _plan(item: pytest.Item, watched: Watched) -> Plan | None:
    try:
        return planned(item)
    except WrongMark as error:
        watched.wrong = str(error)
        return None


def _go_wrong(llm: MockLLM, item: pytest.Item, case: Case | None) -> None:
    if case is None:
        if item.get_closest_marker("faults") is not None:
            raise WrongMark("@pytest.mark.faults: the test must take the fixture mock_llm as an argument")
    elif case.fault is None:
        raise WrongMark(case.wrong or "")
    else:
        llm.fault(case.fault)


def _made(options: Mapping[str, Any]) -> MockLLM:
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
