"""Reports of a run: the survival table of the mark `faults`, and the coverage of scenario files."""

import html
import json
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.pytest_plugin.item_state import WATCHED

SUFFIXES = (".json", ".html")
_ATTRIBUTE = "mock_llm_survival"
_NOT_APPLICABLE = "not applicable"
Row = dict[str, Any]
Key = tuple[str, int, str]
_PLAYED = "mock_llm_played"

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c2430; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .5rem 0; color: #566; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid #d9dee5; vertical-align: top; }
thead th { position: sticky; top: 0; background: #fff; }
tbody th { font-weight: normal; font-family: ui-monospace, monospace; }
.passed { color: #1b6b3a; } .failed { color: #a11a1a; font-weight: 600; } .skipped { color: #778; }
@media (prefers-color-scheme: dark) {
  body, thead th { background: #14181e; color: #e4e8ee; } th, td { border-color: #333b46; }
  .passed { color: #6cc28e; } .failed { color: #ff8f8f; }
}
"""


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
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(report_text(self._rows, self._file.suffix), encoding="utf-8")
            terminalreporter.line(f"written to {self._file}")


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
            setattr(report, _PLAYED, [list(part) for part in item.stash[WATCHED].llm.played()])
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take up what a test played."""
        for file, line, what, played in getattr(report, _PLAYED, ()):
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


def table(rows: list[Row]) -> Iterator[str]:
    """The table's lines: each fault with each verdict on it, and how the tests ended."""
    judged = [row for row in rows if row["outcome"] != "skipped"]
    width = max([len(row["fault"]) for row in judged], default=0)
    category = None
    for fault in dict.fromkeys((row["category"], row["fault"]) for row in sorted(judged, key=_order)):
        if fault[0] != category:
            category = fault[0]
            yield str(category)
        for verdict in dict.fromkeys(row["said"] for row in judged if row["fault"] == fault[1]):
            same = [row for row in judged if (row["fault"], row["said"]) == (fault[1], verdict)]
            yield f"  {fault[1]:<{width}}  {verdict:<27} {_outcomes(same)}"
    left_out = dict.fromkeys(row["fault"] for row in rows if row["outcome"] == "skipped")
    if left_out:
        yield f"{_NOT_APPLICABLE} here: {', '.join(left_out)}"
    survived = sum(row["outcome"] == "passed" for row in judged)
    yield f"survived {survived} of {len(judged)}"


def report_text(rows: list[Row], suffix: str) -> str:
    """The text of the file."""
    ordered = sorted(rows, key=lambda row: (row["category"], row["fault"], row["test"]))
    return _html(ordered) if suffix == ".html" else _json(ordered)


def summary(rows: list[Row]) -> dict[str, int]:
    """How many runs ended in which way."""
    outcomes = [row["outcome"] for row in rows]
    counted = {outcome: outcomes.count(outcome) for outcome in ("passed", "failed")}
    return {**counted, "not_applicable": outcomes.count("skipped")}


def _outcomes(rows: list[Row]) -> str:
    failed = [row["test"] for row in rows if row["outcome"] == "failed"]
    passed = len(rows) - len(failed)
    parts = [f"{passed} passed" if passed else "", f"{len(failed)} failed: {', '.join(failed)}" if failed else ""]
    return ", ".join(part for part in parts if part)


def _order(row: Row) -> tuple[str, str]:
    return row["category"], row["fault"]


def _json(rows: list[Row]) -> str:
    return json.dumps({"summary": summary(rows), "faults": rows}, ensure_ascii=False, indent=2) + "\n"


def _html(rows: list[Row]) -> str:
    counted = summary(rows)
    caption = f"{counted['passed']} survived, {counted['failed']} did not, {counted['not_applicable']} do not apply"
    lines = "\n".join(_html_row(row) for row in rows)
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Fault", "Category", "What the application did", "Test")
    )
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Faults: what the application did</title><style>{_STYLE}</style></head>
<body>
<h1>Faults: what the application did</h1>
<table>
<caption>{caption}</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{lines}
</tbody>
</table>
</body>
</html>
"""


def _html_row(row: Row) -> str:
    verdict = "does not apply" if row["outcome"] == "skipped" else f"{row['said']}: {row['evidence']}"
    outcome = "not applicable" if row["outcome"] == "skipped" else row["outcome"]
    test = f'<span class="{row["outcome"]}">{outcome}</span> {html.escape(row["test"])}'
    cells = [html.escape(row["category"]), html.escape(verdict), test]
    head = f'<th scope="row">{html.escape(row["fault"])}</th>'
    return f"<tr>{head}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
