"""What became of an application under faults: gathered over a run, told at its end, written to a file on demand."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.pytest_plugin.watching import WATCHED

SUFFIXES = (".json", ".html")
_ATTRIBUTE = "mock_llm_survival"
_NOT_APPLICABLE = "not applicable"
Row = dict[str, Any]


class Survival:
    """Gathers a row for each run under a fault; reports carry it, so that it comes from worker processes, too."""

    def __init__(self, config: pytest.Config) -> None:
        given = config.getoption("fault_report")
        self._file = Path(given) if given is not None else None
        self._writes = self._file is not None and not hasattr(config, "workerinput")
        self._rows: list[Row] = []
        if self._file is not None and self._file.suffix not in SUFFIXES:
            raise pytest.UsageError(f"--fault-report {given}: expected a file that ends in {' or '.join(SUFFIXES)}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note on the report what the application did."""
        report = yield
        if report.when == "call" and WATCHED in item.stash and item.stash[WATCHED].case is not None:
            row = item.stash[WATCHED].survival()
            if row is not None:
                setattr(report, _ATTRIBUTE, {"test": item.nodeid.partition("[")[0], **row, "outcome": report.outcome})
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take up what became of a test."""
        row = getattr(report, _ATTRIBUTE, None)
        if row is not None:
            self._rows.append(row)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The survival table."""
        if not self._rows:
            return
        terminalreporter.section("faults: what the application did")
        for line in table(self._rows):
            terminalreporter.line(line)
        if self._file is not None and self._writes:
            from mockserver.pytest_plugin.fault_report import written

            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(written(self._rows, self._file.suffix), encoding="utf-8")
            terminalreporter.line(f"written to {self._file}")


def table(rows: list[Row]) -> Iterator[str]:
    """The table's lines: each fault with each verdict on it, and how the tests ended."""
    told = [row for row in rows if row["outcome"] != "skipped"]
    width = max([len(row["fault"]) for row in told], default=0)
    category = None
    for fault in dict.fromkeys((row["category"], row["fault"]) for row in sorted(told, key=_order)):
        if fault[0] != category:
            category = fault[0]
            yield str(category)
        for said in dict.fromkeys(row["said"] for row in told if row["fault"] == fault[1]):
            same = [row for row in told if (row["fault"], row["said"]) == (fault[1], said)]
            yield f"  {fault[1]:<{width}}  {said:<27} {_outcomes(same)}"
    left_out = dict.fromkeys(row["fault"] for row in rows if row["outcome"] == "skipped")
    if left_out:
        yield f"{_NOT_APPLICABLE} here: {', '.join(left_out)}"
    survived = sum(row["outcome"] == "passed" for row in told)
    yield f"survived {survived} of {len(told)}"


def _outcomes(rows: list[Row]) -> str:
    failed = [row["test"] for row in rows if row["outcome"] == "failed"]
    passed = len(rows) - len(failed)
    parts = [f"{passed} passed" if passed else "", f"{len(failed)} failed: {', '.join(failed)}" if failed else ""]
    return ", ".join(part for part in parts if part)


def _order(row: Row) -> tuple[str, str]:
    return row["category"], row["fault"]
