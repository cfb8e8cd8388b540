"""State of a watched test: its MockLLM, its fault, what it tried to reach; and what that adds to the report."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.conduct import Finding
    from mockserver.pytest_plugin.egress import Egress
    from mockserver.pytest_plugin.marks import Case
    from mockserver.server.mock_llm import MockLLM
    from mockserver.server.thread import Host


@dataclass
class Watched:
    """A test's MockLLM, and the fault under which the test runs. `wrong` says what is wrong with the test's marks.

    `recorded` is the file into which the test's session is recorded, `passed` whether the test itself went well.
    """

    llm: "MockLLM"
    wrong: str | None = None
    case: "Case | None" = None
    recorded: "Path | None" = None
    passed: bool = False

    def findings(self) -> "list[Finding]":
        """What fails the test by itself. Under a fault, what the application does about it is the test's own affair."""
        found = self.llm.findings()
        if self.case is None:
            return found
        struck = self._struck()
        return [
            finding
            for finding in found
            if finding.kind == "conflict" or (finding.kind == "protocol" and min(finding.exchanges) < struck)
        ]

    def misses_its_fault(self) -> str | None:
        """Why the fault of this run was never seen, None when it was."""
        if self.case is None or self.case.fault is None or self._struck() <= self.llm.journal.written:
            return None
        return f"the fault {self.case.name} does not apply: no answer of this test could show it"

    def survival(self) -> dict[str, str] | None:
        """What became of the application under the fault of this run."""
        if self.case is None or self.case.fault is None:
            return None
        fault = self.case.fault
        row = {"fault": self.case.name, "category": fault.fault.category, "verdict": "", "said": "", "evidence": ""}
        judged = [found for found in self.llm.conduct if fault.name in found.faults]
        if judged:
            row |= {"verdict": judged[0].verdict, "said": judged[0].said, "evidence": judged[0].evidence}
        return row

    def _struck(self) -> int:
        """The number of the first exchange that showed the fault; one that there never was when none did."""
        journal = self.llm.journal
        name = self.case.fault.name if self.case is not None and self.case.fault is not None else None
        return next((exchange.id for exchange in journal if name in exchange.faults), journal.written + 1)


WATCHED = pytest.StashKey[Watched]()
EGRESS: "pytest.StashKey[Egress]" = pytest.StashKey()
HOST: "pytest.StashKey[Host]" = pytest.StashKey()


def keeps_in(item: pytest.Item) -> bool:
    """Whether a test must not leave loopback."""
    if item.get_closest_marker("no_egress") is not None:
        return True
    return bool(item.config.getoption("mock_llm_no_egress")) and "mock_llm" in getattr(item, "fixturenames", ())


def forget(item: pytest.Item) -> None:
    """Keep nothing of a test that is over: a long run would keep the conversations of all its tests."""
    if WATCHED in item.stash:
        del item.stash[WATCHED]
    if EGRESS in item.stash:
        del item.stash[EGRESS]


def keep_outcome(item: pytest.Item, *, passed: bool) -> None:
    """Whether the test went well, for those who tidy up after it."""
    if WATCHED in item.stash:
        item.stash[WATCHED].passed = passed


def wrong_marks(item: pytest.Item) -> str | None:
    """What is wrong with a test's marks, None when nothing is."""
    if WATCHED in item.stash:
        return item.stash[WATCHED].wrong
    for mark in item.own_markers:
        if mark.name in ("scenario", "faults") and mark.args and all(isinstance(name, str) for name in mark.args):
            return f"@pytest.mark.{mark.name}: the test must take the fixture mock_llm as an argument"
    return None


def skips(item: pytest.Item) -> str | None:
    """Why a run under a fault that came with a category counts for nothing, None when it counts."""
    watched = item.stash.get(WATCHED, None)
    if watched is None or watched.case is None or not watched.case.picked or not len(watched.llm.journal):
        return None
    return watched.misses_its_fault()


def reasons(item: pytest.Item) -> str | None:
    """Why a test fails although it passed, None when it does not."""
    found = []
    if WATCHED in item.stash and item.stash[WATCHED].wrong is None:
        from mockserver.conduct import reasons as told

        watched = item.stash[WATCHED]
        if findings := watched.findings():
            found.append(told(findings))
        if missed := watched.misses_its_fault():
            found.append(missed)
    if EGRESS in item.stash:
        found += item.stash[EGRESS].tried
    return "\n".join(dict.fromkeys(found)) or None


def sections(item: pytest.Item, failure: pytest.ExceptionInfo[BaseException] | None) -> list[tuple[str, str]]:
    """The sections of a failing report: what is wrong beside the test's own failure, and the conversation."""
    found = reasons(item)
    told = failure is None or str(failure.value) == found
    beside = [("mock_llm", found)] if found is not None and not told else []
    watched = item.stash.get(WATCHED, None)
    journal = watched.llm.told_journal if watched is not None else ()
    file = watched.recorded if watched is not None and watched.wrong is None else None
    unkept = [("recording", f"not kept, as the test failed: {file} is as it was before")] if file is not None else []
    return [*beside, *([("conversation", str(journal))] if len(journal) else []), *unkept]


def notes(item: pytest.Item) -> list[tuple[str, str]]:
    """The section of a passing report: what is worth knowing and no failure."""
    watched = item.stash.get(WATCHED, None)
    told = watched.llm.notes() if watched is not None and watched.wrong is None else []
    return [("mock_llm", "\n".join(told))] if told else []
