"""What the plugin keeps for a test that it watches, and what it says of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.pytest_plugin.egress import Egress
    from mockserver.server.host import Host
    from mockserver.server.mock_llm import MockLLM


@dataclass
class Watched:
    """A test's MockLLM. `wrong` says what is wrong with the test's marks: it must not run."""

    llm: "MockLLM"
    wrong: str | None = None


WATCHED = pytest.StashKey[Watched]()
EGRESS: "pytest.StashKey[Egress]" = pytest.StashKey()
HOST: "pytest.StashKey[Host]" = pytest.StashKey()


def keeps_in(item: pytest.Item) -> bool:
    """Whether a test must not leave loopback."""
    if item.get_closest_marker("no_egress") is not None:
        return True
    return bool(item.config.getoption("mock_llm_no_egress")) and "mock_llm" in getattr(item, "fixturenames", ())


def reasons(item: pytest.Item) -> str | None:
    """Why a test fails although it passed, None when it does not."""
    found = []
    if WATCHED in item.stash and item.stash[WATCHED].wrong is None:
        from mockserver.conduct import reasons as told

        if findings := item.stash[WATCHED].llm.findings():
            found.append(told(findings))
    if EGRESS in item.stash:
        found += item.stash[EGRESS].tried
    return "\n".join(dict.fromkeys(found)) or None


def sections(item: pytest.Item, failure: pytest.ExceptionInfo[BaseException] | None) -> list[tuple[str, str]]:
    """The sections of a failing report: what is wrong beside the test's own failure, and the conversation."""
    found = reasons(item)
    told = failure is None or str(failure.value) == found
    beside = [("mock_llm", found)] if found is not None and not told else []
    journal = item.stash[WATCHED].llm.journal if WATCHED in item.stash else ()
    return [*beside, *([("conversation", str(journal))] if len(journal) else [])]
