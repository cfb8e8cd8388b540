"""The page about the wire and the tests go together: what it names is there, and what is about the wire is named."""

import ast
import re
from pathlib import Path

from tests.refusals import ROWS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "wire.md"
TEXT = PAGE.read_text(encoding="utf-8")
WIRE = ROOT / "tests" / "test_wire"
WITH_A_PAGE_OF_THEIR_OWN = {"test_providers.py"}
TEST = re.compile(r"`(tests/[a-z_/]+\.py)::([a-z_0-9]+)`")
ROW = re.compile(r"`tests/refusals\.py\[([^]]+)\]`")
LEFT_OUT = re.compile(r"left out: \w+")


def names_in(path: Path) -> set[str]:
    """The names of a file's tests; none when there is no such file."""
    if not path.is_file():
        return set()
    parts = ast.parse(path.read_text(encoding="utf-8")).body
    functions = [part for part in parts if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {function.name for function in functions if function.name.startswith("test_")}


def statements() -> list[str]:
    """The rows of the page's tables, without their heads."""
    rows = [line for line in TEXT.splitlines() if line.startswith("|")]
    rules = [place for place, line in enumerate(rows) if line.startswith("|---")]
    heads = {*rules, *(place - 1 for place in rules)}
    return [line for place, line in enumerate(rows) if place not in heads]


def test_every_statement_is_shown_by_a_test_or_left_out_for_a_reason() -> None:
    unshown = [line for line in statements() if not (TEST.search(line) or ROW.search(line) or LEFT_OUT.search(line))]

    assert len(statements()) > 150
    assert unshown == []


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(TEST.findall(TEXT))
    there = {(file, name) for file in {file for file, _ in named} for name in names_in(ROOT / file)}

    assert named - there == set(), f"{PAGE.name} names tests that are not there"
    assert set(ROW.findall(TEXT)) - ROWS.keys() == set(), (
        f"{PAGE.name} names refusals that are not in tests/refusals.py"
    )


def test_every_test_of_the_wire_is_on_the_page() -> None:
    files = [path for path in WIRE.glob("test_*.py") if path.name not in WITH_A_PAGE_OF_THEIR_OWN]
    there = {(path.relative_to(ROOT).as_posix(), name) for path in files for name in names_in(path)}

    assert there - set(TEST.findall(TEXT)) == set(), f"say in docs/{PAGE.name} which statement these tests show"
    assert ROWS.keys() - set(ROW.findall(TEXT)) == set(), f"say in docs/{PAGE.name} which statement these rows show"
