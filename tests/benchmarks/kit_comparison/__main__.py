"""Compares the client kit with the Agents SDK, pydantic-ai and the bare SDK, each in the same application.

    python -m tests.benchmarks.kit_comparison PYTHON

PYTHON is an interpreter with `openai-agents` and `pydantic-ai-slim[openai]`; the kit runs with this one. The user
agrees to whatever is shown. Prints the tables that stand in `docs/client-kit.md`: answers in one piece, and streams,
which faults of the stream itself can strike too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mockserver import MockLLM
from mockserver.faults import CATALOGUE

HERE = Path(__file__).parent
MAIL = ["anna@example.org", "Lunch", 1]
CATEGORIES = ("args_schema", "args_text", "name", "envelope", "callset", "text_call")
LIBRARIES = {
    "with_kit": "client kit",
    "with_agents_sdk": "Agents SDK",
    "with_pydantic_ai": "pydantic-ai",
    "with_bare_sdk": "bare SDK",
}


def faults(categories: Sequence[str]) -> list[str]:
    """The faults of these categories, in the turn that sends the mail."""
    return [f"{name}:turn=2" for name, fault in CATALOGUE.items() if fault.category in categories]


def lines(path: Path) -> int:
    """Lines of an application that are neither blank nor its docstring."""
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines()) - 1


def run(llm: MockLLM, python: str, name: str, named: list[str]) -> list[dict[str, Any]]:
    """What came of each trial of an application."""
    command: list[str | Path] = [python, HERE / "trial.py", HERE / "applications" / f"{name}.py", llm.base_url, *named]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def verdict(trial: dict[str, Any]) -> str:
    """One of "not shown", "right", "wrong mail", "twice", "lost"."""
    if trial["end"] == "NOT_SHOWN":
        return "not shown"
    if any(mail != MAIL for mail in trial["sent"]):
        return "wrong mail"
    if len(trial["sent"]) > 1:
        return "twice"
    return "lost" if trial["end"] in {"hangs", "empty answer"} else "right"


def row(name: str, ending: str, trials: list[dict[str, Any]], shown: set[str]) -> str:
    """The row of the table for one library."""
    counted = Counter(verdict(trial) for trial in trials if trial["fault"] in shown)
    sound = next(trial for trial in trials if trial["fault"] == "none")
    assert sound["sent"] == [MAIL], f"{name} does not work without a fault: {sound}"
    wrong = [trial["fault"].partition(":")[0] for trial in trials if verdict(trial) == "wrong mail"]
    cells = [
        LIBRARIES[name],
        lines(HERE / "applications" / f"{name}{ending}.py"),
        counted["right"],
        counted["wrong mail"],
    ]
    cells += [counted["twice"], counted["lost"], ", ".join(f"`{fault}`" for fault in wrong) or "none"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def compare(python: str, ending: str, categories: Sequence[str]) -> None:
    """Run every library against every fault of these categories and print the table."""
    named = ["none", *faults(categories)]
    with MockLLM(HERE / "scenario.yaml", fallback="error") as llm:
        results = {
            name: run(llm, sys.executable if name == "with_kit" else python, name + ending, named) for name in LIBRARIES
        }
    shown = {trial["fault"] for trial in results["with_kit"] if verdict(trial) != "not shown"} - {"none"}
    print(f"{len(shown)} faults\n")
    print("| library | lines | right | wrong mail sent | sent twice | hangs or says nothing | wrong mail under |")
    print("|---|---|---|---|---|---|---|")
    for name, trials in results.items():
        print(row(name, ending, trials, shown))


def main(python: str) -> None:
    """Print both tables."""
    print("Answers in one piece:", end=" ")
    compare(python, "", CATEGORIES)
    print("\nStreams:", end=" ")
    compare(python, "_streamed", (*CATEGORIES, "stream"))


if __name__ == "__main__":
    main(sys.argv[1])
