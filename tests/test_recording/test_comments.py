"""Comments that a person wrote in a recording stay there when the recorder adds to it."""

from pathlib import Path

import pytest

from mockserver import MockLLM
from mockserver.recording.comments import comments_of, with_comments
from mockserver.scenario import load
from tests.test_recording.asking import ask, body
from tests.test_recording.conftest import Record


def annotated(file: Path) -> None:
    """Writes comments into a recording: at the top, before a turn's text and behind it."""
    text = file.read_text().replace("    text: One.\n", "    # The short answer.\n    text: One.  # reviewed by Ann\n")
    file.write_text(f"# Do not edit by hand.\n{text}# the end\n")


@pytest.mark.parametrize("anew", [False, True])
def test_comments_stay_where_they_were(anew: bool, record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("One.", *(["One."] if anew else []), "Two # two.", "Three.")
    with record():
        ask(record.url, body("first"))
    annotated(file)
    with record(anew=anew):
        for text in ("first", "second", "third"):
            ask(record.url, body(text))

    text = file.read_text()
    assert "    # The short answer.\n    text: One.  # reviewed by Ann\n" in text
    assert text.startswith("# Do not edit by hand.\n")
    assert text.count("# the end") == 1
    assert len(load(file).turns) == 3


def test_a_secret_in_a_comment_is_taken_out(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("One.", "Two.")
    with record():
        ask(record.url, body("first"))
    file.write_text(f"# key: sk-proj-{'a1B2' * 12}\n{file.read_text()}")
    with record():
        ask(record.url, body("second"))

    assert file.read_text().startswith("# key: <secret>\n")


def test_a_number_sign_in_a_value_is_not_a_comment() -> None:
    text = "a: 'x # y'\nb: |\n  # text\nc: z#1 # real\n\"d # e\": 1\n"

    assert [(comment.line, comment.text) for comment in comments_of(text)] == [(3, "# real")]


def test_comments_whose_lines_are_gone_are_kept_as_well() -> None:
    before = "scenario: x\nturns:\n  # about the turn\n  - text: Old.  # trailing\n"
    text = "scenario: x\nturns:\n  - text: New.\n"

    placed = with_comments(text, before, comments_of(before))

    assert {comment.text for comment in comments_of(placed)} == {"# about the turn", "# trailing"}
