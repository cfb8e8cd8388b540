"""--mock-llm-env: the environment points to the mock from the start of the run, for clients built at import time."""

import os
from collections import Counter
from typing import Any

import pytest

from mockserver.chat.printable import printable
from mockserver.pytest_plugin.recordings import KEYS
from mockserver.pytest_plugin.serving import OUTSIDE, PROXIES, running_host
from mockserver.server.mock_llm import MockLLM
from mockserver.server.outside import CODE, Outside
from mockserver.server.thread import CannotServe

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
        self._outside = config.stash[OUTSIDE] = Outside()
        try:
            host = running_host(config)
        except CannotServe as error:
            raise pytest.UsageError(f"--mock-llm-env: {error}") from error
        named = MockLLM().start(host).env
        self._outside.serve(host)
        recording = config.getoption("mock_llm_upstream") is not None
        for name in PROXIES:
            self._patched.delenv(name, raising=False)
            self._patched.delenv(name.lower(), raising=False)
        for name, value in named.items():
            if not (recording and name in KEYS and os.environ.get(name)):
                self._patched.setenv(name, value)

    def pytest_sessionfinish(self) -> None:
        """A worker process hands on what it counted."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_SENT] = self._outside.came

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take up what a worker process counted."""
        self._of_workers.update(getattr(node, "workeroutput", {}).get(_SENT, {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what came outside a test; it fails nothing."""
        came = self._of_workers + Counter(self._outside.came)
        if came:
            terminalreporter.section("mock_llm: requests outside a test")
            for asked, times in sorted(came.items()):
                terminalreporter.line(f"{printable(asked)}: {times} {'request' if times == 1 else 'requests'}")
            terminalreporter.line(f"refused with 503 {CODE}: only a test that takes mock_llm has answers")

    def pytest_unconfigure(self) -> None:
        """The environment is as it was."""
        self._patched.undo()
