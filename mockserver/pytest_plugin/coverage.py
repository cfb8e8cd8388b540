"""Scenario coverage: the turns and rules of the files in use that no test of a run played."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from mockserver.pytest_plugin.item_state import WATCHED

Key = tuple[str, int, str]
_ATTRIBUTE = "mock_llm_played"


class Coverage:
    """Gathers what the tests of a run played; reports carry it, so that it comes from worker processes, too."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self._wanted: float = config.getoption("scenario_coverage")
        self._played: dict[Key, bool] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note on the report what the test played."""
        report = yield
        if report.when == "call" and WATCHED in item.stash:
            setattr(report, _ATTRIBUTE, [list(part) for part in item.stash[WATCHED].llm.played()])
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take up what a test played."""
        for file, line, what, played in getattr(report, _ATTRIBUTE, ()):
            key = self._shown(file), line, what
            self._played[key] = played or self._played.get(key, False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Fail a run that played less than was wanted."""
        if session.exitstatus == pytest.ExitCode.OK and self._short():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List what was never played."""
        terminalreporter.section("scenario coverage")
        for file in sorted({file for file, _, _ in self._played}):
            parts = {key: played for key, played in self._played.items() if key[0] == file}
            terminalreporter.line(f"{file}: {sum(parts.values())} of {len(parts)} turns and rules played")
            for _, line, what in sorted(key for key, played in parts.items() if not played):
                terminalreporter.line(f"  never played: {file}:{line} {what}")
        if not self._played:
            terminalreporter.line("no test used a scenario file")
        elif self._wanted:
            told = f"{self._percent():.0f} % played, {self._wanted:g} % wanted"
            terminalreporter.line(told, red=self._short(), green=not self._short())

    def _percent(self) -> float:
        return 100 * sum(self._played.values()) / len(self._played) if self._played else 100.0

    def _short(self) -> bool:
        return self._percent() < self._wanted

    def _shown(self, file: str) -> str:
        return os.path.relpath(file, self._root) if Path(file).is_absolute() else file
