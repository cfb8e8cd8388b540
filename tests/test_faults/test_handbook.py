"""The catalogue as people read it: the table, one fault in full, and the document made from it."""

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.faults import CATALOGUE
from mockserver.handbook import document, page, table
from mockserver.handbook.examples import show

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", "faults", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_the_document_is_made_from_the_catalogue() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: mockserver faults --markdown > docs/faults.md"


def test_the_table_has_every_fault_once() -> None:
    listed = [line.split()[0] for line in table().splitlines() if line.startswith("  ") and not line.startswith("   ")]

    assert sorted(listed) == sorted(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_fault_is_shown_in_an_example_and_says_where_it_was_seen_and_what_to_do(name: str) -> None:
    fault = CATALOGUE[name]

    assert any(show(fault, stream=stream) is not None for stream in (False, True))
    assert fault.source
    assert fault.robust.endswith(".")
    assert fault.definition.endswith(".")
    assert name in page(fault)


def test_one_fault_in_full_shows_what_changes_plain_and_on_the_wire() -> None:
    told = run("enum_violation").stdout

    assert '- get_current_weather({"location": "New York"})' in told
    assert '+ get_current_weather({"location": "New York", "unit": "kelvin"})' in told
    assert "Example, plain" in told
    assert 'data: {"choices"' in told


def test_an_unknown_fault_is_an_error_that_names_the_nearest() -> None:
    ran = run("enum_violatoin")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("mockserver: No fault is called 'enum_violatoin'. Nearest: enum_violation, ")


def test_the_command_prints_the_table_and_the_document() -> None:
    assert run().stdout == table() + "\n"
    assert run("--markdown").stdout == document()
