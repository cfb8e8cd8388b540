"""The commands record and replay at their start: what they refuse, and in which words."""

from pathlib import Path

import pytest

from mockserver.cli import main
from tests.test_recording.asking import ask, body
from tests.test_recording.conftest import Record

BROKEN = "scenario: x\nturns:\n  - text: [broken\n"
NEWER = "recording: {format: 2}\nturns: []\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BROKEN, ":3:"),
        (NEWER, ":1:21: recording.format: this recording has format 2, and this version reads formats up to 1"),
        ("turns:\n  - text: Hello.\n", ":1:1: this is a scenario and no recording"),
    ],
)
def test_record_leaves_a_file_alone_that_it_cannot_add_to(
    text: str, told: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)

    assert main(["record", "--upstream", "http://127.0.0.1:9/v1", "--to", str(file), "--port", "0"]) == 1

    assert capsys.readouterr().err.startswith(f"{file}{told}")
    assert file.read_text() == text


def test_replay_tells_a_mistake_by_its_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(BROKEN)

    assert main(["replay", str(file), "--port", "0"]) == 1
    assert capsys.readouterr().err.startswith(f"{file}:3:")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://api.example.com", "is not an upstream: expected a base URL such as https://api.example.com/v1"),
        ("api.example.com/v1", "is not an upstream: expected a base URL"),
        ("http://api.example.com/v1", "would see the key unencrypted: use https"),
        ("http://169.254.169.254/v1", "would see the key unencrypted: use https"),
        ("http://[::ffff:10.0.0.1]/v1", "would see the key unencrypted: use https"),
        ("http://localhost.example.com/v1", "would see the key unencrypted: use https"),
        ("https://user:word@api.example.com/v1", "holds a user or a password"),
        ("https://api.example.com/v1#models", "has a fragment"),
    ],
)
def test_an_upstream_that_would_be_unsafe_is_refused(
    url: str, told: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "--upstream", url, "--to", str(file), "--port", "0"]) == 2

    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1
    assert "user:word" not in error


def test_a_variable_that_is_not_set_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--upstream", "http://127.0.0.1:9/v1", "--to", str(file), "--secret-env", "NO_SUCH_VARIABLE"]

    assert main(["record", *arguments]) == 2
    assert "--secret-env NO_SUCH_VARIABLE: the variable is not set" in capsys.readouterr().err


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_a_web_page_cannot_spend_the_key(headers: dict[str, str], record: Record, file: Path) -> None:
    with record() as journal:
        got = ask(record.url, body(), **headers)

    assert got.status == 403
    assert len(journal) == 0
    assert not file.exists()


def test_a_folder_that_is_not_there_is_told_at_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "nowhere" / "session.yaml"

    assert main(["record", "--upstream", "http://127.0.0.1:9/v1", "--to", str(file), "--port", "0"]) == 2
    assert capsys.readouterr().err == f"mockserver: there is no folder {file.parent} to write session.yaml into\n"
