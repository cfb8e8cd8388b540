"""Parts of requests that recordings do not compare: named in the file, on the command line, in Python and in pytest."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.chat import ChatRequest, Message, Reply
from mockserver.cli import main
from mockserver.recording.recording_file import RecordingFile
from mockserver.redaction import Sanitiser
from mockserver.scenario import Turn, load
from tests.test_recording.asking import ask, body
from tests.test_recording.conftest import Record
from tests.test_recording.test_record_options import recorder

OSLO = "Ticket A-17: how warm is it in Oslo?"
RULE = 'ignore: ["/[A-Z]-[0-9]+/", "messages[*].name", options.temperature]'


def asked(text: str, **more: Any) -> dict[str, Any]:
    return body(text) | more


@pytest.fixture
def recorded(record: Record, upstream: MockLLM, file: Path) -> Path:
    upstream.script("Cold.")
    with record():
        assert ask(record.url, asked(OSLO)).text == "Cold."
    return file


def ignoring(file: Path, rule: str) -> Path:
    file.write_text(file.read_text().replace("recording: {format: 1", f"recording: {{format: 1, {rule}"))
    return file


def with_rule(file: Path) -> Path:
    return ignoring(file, RULE)


def status(file: Path, request: dict[str, Any], **more: Any) -> int:
    with MockLLM() as llm:
        llm.load(file, **more)
        return ask(llm.base_url, request).status


@pytest.mark.parametrize(
    "request_",
    [
        asked("Ticket B-204: how warm is it in Oslo?"),
        asked(OSLO, temperature=0.3),
        asked("Ticket C-1: how warm is it in Oslo?", temperature=0),
    ],
    ids=["a pattern", "a path", "both"],
)
def test_what_the_file_ignores_is_not_compared(request_: dict[str, Any], recorded: Path) -> None:
    assert status(recorded, request_) == 422
    assert status(with_rule(recorded), request_) == 200


@pytest.mark.parametrize(
    ("item", "changed"),
    [
        ("messages[0].content", asked("Something else")),
        ("messages[*].content", asked("Something else")),
        ("messages[0]", asked("Something else")),
        ("options.top_p", asked(OSLO, top_p=0.5)),
        ("/A-[0-9]+/", asked("Ticket A-99: how warm is it in Oslo?")),
        ("model", asked(OSLO, model="gpt-4o-mini")),
    ],
)
def test_python_names_what_is_ignored_too(item: str, changed: dict[str, Any], recorded: Path) -> None:
    assert status(recorded, changed) == 422
    assert status(recorded, changed, ignore=[item]) == 200


def test_what_is_not_ignored_is_still_compared(recorded: Path) -> None:
    assert status(with_rule(recorded), asked("Ticket A-17: how warm is it in Rome?")) == 422


def test_a_path_leads_into_results_that_are_json(record: Record, upstream: MockLLM, file: Path) -> None:
    def with_result(number: int, city: str = "Oslo") -> dict[str, Any]:
        call = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
        result = {"role": "tool", "tool_call_id": "call_1", "content": f'{{"took": {number}, "city": "{city}"}}'}
        return asked("x") | {"messages": [{"role": "assistant", "tool_calls": [call]}, result]}

    upstream.script("Cold.")
    with record():
        ask(record.url, with_result(1))

    assert status(file, with_result(2), ignore=["messages[1].content.took"]) == 200
    assert status(file, with_result(2, "Rome"), ignore=["messages[1].content.took"]) == 422


def test_the_recorder_keeps_what_a_person_wrote_there(record: Record, upstream: MockLLM, recorded: Path) -> None:
    upstream.script("Mild.", "Warm.")
    with_rule(recorded)
    for anew in (False, True):
        with record(anew=anew):
            ask(record.url, asked("And Rome?"))

    found = load(recorded).recording
    assert found is not None
    assert found.ignore == ("/[A-Z]-[0-9]+/", "messages[*].name", "options.temperature")


def test_what_is_ignored_is_known_to_the_recorder(upstream: MockLLM, recorded: Path) -> None:
    upstream.reset()
    with recorder(upstream.base_url, recorded, "--ignore", "/[A-Z]-[0-9]+/") as url:
        got = ask(url, asked("Ticket B-2: how warm is it in Oslo?"))

    assert got.text == "Cold."
    assert len(upstream.journal) == 0


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("mesages[0].content", "is not a path in a request. Did you mean `messages`?"),
        ("temperature", "is not a path in a request"),
        ("messages[0].contents", "a message has no `contents` that is compared. Did you mean `content`?"),
        ("messages.content", "after `messages` expected a number or `*` in brackets"),
        ("/(/", "cannot be used"),
    ],
)
def test_a_path_that_no_request_has_is_a_mistake_of_the_file_and_of_the_command_line(
    item: str, told: str, recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ignoring(recorded, f'ignore: ["{item}"]')

    assert main(["check", str(recorded)]) == 1
    assert told in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(recorded), "--ignore", item])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@contextmanager
def pruning(upstream: str, file: Path) -> Iterator[str]:
    """The base URL of `mockserver record --prune`, which is stopped as a person stops it."""
    command = [sys.executable, "-m", "mockserver", "record", "--upstream", upstream, "--to", str(file), "--port", "0"]
    with subprocess.Popen([*command, "--prune"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[3]
        finally:
            process.terminate()
            process.wait(20)


def test_prune_removes_what_no_request_asked_for(record: Record, upstream: MockLLM, recorded: Path) -> None:
    upstream.script("Mild.", "Warm.", "Hot.")
    with record():
        ask(record.url, asked("And Rome?"))
    with pruning(upstream.base_url, recorded) as url:
        ask(url, asked(OSLO))
        ask(url, asked("And Paris?"))

    heard = {turn.heard.messages[0].content for turn in load(recorded).turns if turn.heard is not None}
    assert heard == {OSLO, "And Paris?"}


def test_prune_removes_nothing_where_nothing_was_asked_for(upstream: MockLLM, recorded: Path) -> None:
    before = recorded.read_text()
    with pruning(upstream.base_url, recorded):
        pass

    assert recorded.read_text() == before


def test_prune_with_several_workers_is_refused(
    upstream: MockLLM, recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["record", "--upstream", upstream.base_url, "--to", str(recorded), "--prune", "--workers", "2"]

    assert main(command) == 2
    assert "record takes no --prune with --workers" in capsys.readouterr().err


def test_a_turn_that_another_recorder_removed_is_passed_over(recorded: Path) -> None:
    kept = Turn(Reply("Mild."), heard=ChatRequest("m", (Message("user", "Rome?"),)))
    gone = load(recorded).turns
    RecordingFile(recorded, Sanitiser()).add([kept])
    first, second = (RecordingFile(recorded, Sanitiser()) for _ in range(2))

    first.remove(gone)
    second.remove(gone)

    assert [turn.say for turn in load(recorded).turns] == [Reply("Mild.")]


def test_the_last_exchange_of_a_recording_stays(recorded: Path) -> None:
    RecordingFile(recorded, Sanitiser()).remove(load(recorded).turns)

    assert len(load(recorded).turns) == 1
