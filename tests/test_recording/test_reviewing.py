"""The commands for reviewers, as users run them: diff, scan, drift, import, generalise."""

import base64
import gzip
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver import MockLLM, call
from mockserver.cli import main
from mockserver.scenario import load
from tests.planted import KNOWN, SECRETS
from tests.test_recording.asking import TOOLS, ask, body
from tests.test_recording.conftest import Record


class Ran(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, as `main` does it for a shell."""

    def running(*arguments: str | Path) -> Ran:
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return running


@pytest.fixture
def recorded(record: Record, upstream: MockLLM, file: Path) -> Path:
    """A call, and an answer in words."""
    upstream.script(call("look_up", city="Oslo"), "Cold.")
    with record():
        ask(record.url, body("Oslo?", tools=TOOLS))
        ask(record.url, body("And Paris?"))
    return file


def test_diff_says_what_changed_in_meaning(run: Run, recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = (
        recorded.read_text()
        .replace("Cold.", "Mild.")
        .replace("recorded: 2", "recorded: 3")
        .replace("gaps: ", "gaps: 9")
    )
    other.write_text(text)

    ran = run("diff", recorded, other)

    assert ran.returncode == 1
    assert ran.stdout.splitlines()[1:] == ["  text", "    - 'Cold.'", "    + 'Mild.'"]
    assert ran.stdout.startswith(f"{other}:")
    assert run("diff", recorded, recorded).returncode == 0


def test_diff_pairs_a_changed_request_with_the_one_before(run: Run, recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(recorded.read_text().replace("And Paris?", "And Paris!"))

    ran = run("diff", recorded, other)

    assert "and-paris: the request differs\n  messages[0].content\n    - 'And Paris?'\n    + 'And Paris!'" in ran.stdout


def test_scan_says_where_a_secret_stands_and_not_what_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text(f"fine: text\nkey: {SECRETS[0]}\npassword: hunter2hunter2\nknown: {KNOWN}\n")

    monkeypatch.setenv("MINE", KNOWN)
    ran = run("scan", file, "--secret-env", "MINE")

    assert ran.returncode == 1
    assert [line.split(": ")[0] for line in ran.stdout.splitlines()] == [f"{file}:{n}" for n in ("2:6", "3:11", "4:8")]
    assert not any(secret in ran.stdout for secret in (SECRETS[0], KNOWN, "hunter2"))


def test_scan_finds_nothing_in_a_recording_of_ours(run: Run, recorded: Path) -> None:
    assert run("scan", recorded) == Ran(0, "", "")


def test_check_reads_recordings_too(run: Run, recorded: Path) -> None:
    assert run("check", recorded).stdout == ""


def test_drift_is_quiet_while_the_api_answers_in_the_same_form(run: Run, recorded: Path, upstream: MockLLM) -> None:
    upstream.reset()
    upstream.when(user_says="Oslo").reply(call("look_up", city="Somewhere else"))
    upstream.when(user_says="Paris").reply("In other words.")

    ran = run("drift", recorded, "--upstream", upstream.base_url)

    assert (ran.stdout, ran.returncode) == ("", 0)
    assert ran.stderr == "2 of 2 exchanges asked again\n"


def test_drift_tells_what_an_application_would_fail_over(run: Run, recorded: Path, upstream: MockLLM) -> None:
    upstream.reset()
    upstream.when(user_says="Oslo").reply("In words.")
    upstream.when(user_says="Paris").reply("In other words.")

    ran = run("drift", recorded, "--upstream", upstream.base_url, "--max-requests", "2")

    assert ran.returncode == 1
    assert "breaks: oslo: the model called tools, and does not now\n" in ran.stdout


def test_drift_keeps_to_its_budget(run: Run, recorded: Path, upstream: MockLLM) -> None:
    asked = len(upstream.journal)
    run("drift", recorded, "--upstream", upstream.base_url, "--max-requests", "1")

    assert len(upstream.journal) == asked + 1


MESSAGES: list[Any] = [
    {"role": "user", "content": "Oslo?"},
    {"role": "assistant", "content": None, "tool_calls": [
        {"id": "call_a", "type": "function", "function": {"name": "look_up", "arguments": '{"city":"Oslo"}'}}]},
    {"role": "tool", "tool_call_id": "call_a", "content": f"7, and the key is {SECRETS[0]}"},
    {"role": "assistant", "content": "Cold."},
]  # fmt: skip
COMPLETION = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Cold."}, "finish_reason": "stop"}],
}  # fmt: skip
PAIR = {"request": body("Oslo?"), "response": COMPLETION}
CASSETTE = """interactions:
- request:
    uri: https://api.example.com/v1/models
    method: GET
    body: null
    headers: {}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: '{}'}}
- request:
    uri: https://api.example.com/v1/chat/completions
    method: POST
    body: '%s'
    headers: {authorization: ["Bearer %s"]}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Encoding: [gzip], Content-Type: [application/json]}
    body:
      string: !!binary |
        %s
version: 1
"""


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("list.json", json.dumps(MESSAGES), 2),
        ("lists.jsonl", f"{json.dumps({'model': 'gpt-4o', 'messages': MESSAGES})}\n{json.dumps(MESSAGES[:2])}\n", 3),
        ("pairs.jsonl", f"{json.dumps(PAIR)}\n{json.dumps(PAIR)}\n", 2),
        (
            "cassette.yaml",
            CASSETTE
            % (
                json.dumps(body("Oslo?")),
                SECRETS[1],
                base64.b64encode(gzip.compress(json.dumps(COMPLETION).encode())).decode(),
            ),
            1,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and len(value) < 20 else "",
)
def test_what_others_wrote_down_becomes_a_recording(run: Run, name: str, text: str, count: int, file: Path) -> None:
    (file.parent / name).write_text(text)

    ran = run("import", file.parent / name, "--to", file)

    assert (ran.returncode, ran.stderr) == (0, f"{count} exchange{'s' * (count > 1)} imported into {file}\n")
    assert not any(secret in file.read_text() for secret in SECRETS)
    with MockLLM(file) as replay:
        got = ask(replay.base_url, body("Oslo?"))
    assert got.headers["x-mock-match"].startswith("recording:")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "entry 1 cannot be understood: ValueError: neither a list of messages nor a request with its response"),
        ('{"a": 1}\n{broken\n', "line 2 is not JSON"),
        ("[]", "there is no answer of a model in it"),
        ("a: [", "neither JSON, nor JSON Lines, nor YAML"),
    ],
)
def test_what_cannot_be_imported_is_told(run: Run, text: str, told: str, tmp_path: Path, file: Path) -> None:
    (tmp_path / "odd").write_text(text)

    ran = run("import", tmp_path / "odd", "--to", file)

    assert ran.returncode == 1
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not file.exists()


def test_generalise_prints_a_script_that_passes_the_check(run: Run, recorded: Path, tmp_path: Path) -> None:
    ran = run("generalise", recorded, "--to", tmp_path / "script.yaml")

    assert ran.returncode == 0
    assert "oslo: a rule: 'Oslo' is {capture.city}" in ran.stderr
    assert run("check", tmp_path / "script.yaml").stdout == ""
    assert stat.S_IMODE((tmp_path / "script.yaml").stat().st_mode) == 0o600
    assert len(load(tmp_path / "script.yaml").rules) == 2


@pytest.mark.parametrize("command", ["generalise", "diff", "drift"])
def test_a_scenario_that_is_no_recording_is_told(run: Run, command: str, tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text("turns:\n  - text: Hello.\n")
    more: list[str | Path] = []
    if command != "generalise":
        more = [tmp_path / "plain.yaml"] if command == "diff" else ["--upstream", "http://127.0.0.1:9/v1"]

    ran = run(command, tmp_path / "plain.yaml", *more)

    assert ran.returncode == 2
    assert ran.stderr == f"mockserver: {tmp_path / 'plain.yaml'} is not a recording: it lacks the key `recording:`\n"
