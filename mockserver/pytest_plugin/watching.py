"""What the plugin keeps for a test that uses mock_llm, and what it says of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.server.host import Host
    from mockserver.server.mock_llm import MockLLM


@dataclass
class Watched:
    """A test's MockLLM. `wrong` says what is wrong with the test's marks: it must not run."""

    llm: "MockLLM"
    wrong: str | None = None

    def reasons(self) -> str | None:
        """Why the test fails although it passed, None when it does not."""
        from mockserver.conduct import reasons

        found = self.llm.findings()
        return reasons(found) if found else None

    def sections(self, failure: pytest.ExceptionInfo[BaseException] | None) -> list[tuple[str, str]]:
        """The sections of a failing report: what else is wrong, and the conversation."""
        found = self.reasons() if failure is not None and self.wrong is None else None
        told = failure is not None and str(failure.value) == found
        journal = self.llm.journal
        beside = [("mock_llm", found)] if found is not None and not told else []
        return [*beside, *([("conversation", str(journal))] if len(journal) else [])]


WATCHED = pytest.StashKey[Watched]()
HOST: "pytest.StashKey[Host]" = pytest.StashKey()
