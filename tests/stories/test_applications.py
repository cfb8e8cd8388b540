"""Five applications built with the client kit, and an approval in another process, each run as a program of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, call
from tests.test_clientkit.pseudo_terminal import PseudoTerminal, word_in

APPLICATIONS = Path(__file__).parent / "applications"
PATIENCE = 60


def run(llm: MockLLM, name: str, *arguments: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [sys.executable, APPLICATIONS / name, *arguments]
    return subprocess.run(
        command,
        input=typed,
        env={**os.environ, **llm.env},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def said_to_the_model(llm: MockLLM) -> list[str]:
    """The results of calls in the latest request."""
    request = list(llm.journal)[-1].request
    assert request is not None
    return [str(message.content) for message in request.messages if message.role == "tool"]


@pytest.mark.parametrize("path", sorted(APPLICATIONS.glob("*.py")), ids=lambda path: str(path.stem))
def test_each_application_is_shorter_than_sixty_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 60


def test_the_mail_assistant_sends_after_the_word_was_typed(
    llm: MockLLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = tmp_path / "outbox"
    llm.script(
        call("find_address", name="Anna"),
        call("send_email", to="anna@example.org", body="Lunch?"),
        "Sent.\x1b[2K",
        call("send_email", to="eve@example.org", body="Lunch?"),
        "Not sent.",
    )
    for name, value in llm.env.items():
        monkeypatch.setenv(name, value)
    program = f"import runpy, sys\nsys.argv = ['mail', {str(outbox)!r}]\n"
    program += f"runpy.run_path({str(APPLICATIONS / 'terminal_mail.py')!r}, run_name='__main__')"

    with PseudoTerminal(program) as terminal:
        terminal.type("Ask Anna for lunch\n")
        question = terminal.question()
        terminal.type(f"{word_in(question)}\n")
        terminal.read_until(r"Sent\.\\x1b\[2K")
        terminal.type("And Eve\n")
        terminal.question()
        terminal.type("yes\n")
        terminal.read_until(r"Not sent\.\r\n")
        terminal.type("\n")
        terminal.ends()

    assert 'Run send_email(to="anna@example.org", body="Lunch?")?' in question
    assert outbox.read_text() == "anna@example.org: Lunch?\n"


def test_the_database_is_read_freely_and_changed_row_by_row(llm: MockLLM, tmp_path: Path) -> None:
    database = tmp_path / "shop.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE item (id INTEGER, price INTEGER)")
        connection.executemany("INSERT INTO item VALUES (?, ?)", [(1, 10), (2, 20)])
    llm.script(
        [
            call("read", sql="SELECT * FROM item"),
            call("write", sql="UPDATE item SET price = 0"),
            call("write", sql="UPDATE item SET price = 11 WHERE id = 1"),
            call("write", sql="DROP TABLE item"),
        ],
        "Item 1 costs 11 now.",
    )

    ran = run(llm, "sql_shell.py", database, "Make item 1 dearer")

    assert ran.stdout.splitlines() == [
        "Item 1 costs 11 now.", "read: ran", "write: declined", "write: ran", "write: declined"
    ], ran.stderr  # fmt: skip
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT price FROM item").fetchall() == [(11,), (20,)]
    assert "name the row by its id" in said_to_the_model(llm)[1]


@contextmanager
def web_chat(llm: MockLLM) -> Iterator[int]:
    """The port of the running chat."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command: list[str | Path] = [sys.executable, APPLICATIONS / "web_chat.py"]
    environment = {**os.environ, **llm.env, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("======== Running")
        try:
            yield port
        finally:
            process.terminate()


def post(port: int, body: object) -> tuple[int, list[dict[str, Any]]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with closing(connection):
        connection.request("POST", "/chat/ada", json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        content = response.read()
    return response.status, [json.loads(line) for line in content.splitlines()] if response.status == 200 else []


def test_the_web_chat_acts_when_a_later_request_says_yes(llm: MockLLM) -> None:
    llm.script(call("send_email", to="anna@example.org", body="Lunch?"), "Anna has it.")

    with web_chat(llm) as port:
        _, asked = post(port, {"text": "Ask Anna for lunch"})
        [question] = asked[-1]["confirm"]
        _, answered = post(port, {"approved": {question["key"]: True}})
        again, _ = post(port, {"approved": {question["key"]: True}})

    assert question["arguments"] == {"to": "anna@example.org", "body": "Lunch?"}
    assert "".join(line["text"] for line in answered) == "Anna has it."
    assert again == 409
    assert said_to_the_model(llm) == ["sent to anna@example.org: Lunch?"]


def test_invoices_are_extracted_and_what_does_not_fit_is_corrected(llm: MockLLM) -> None:
    good = {
        "number": "A-7",
        "day": "2026-11-30",
        "items": [{"what": "tea", "price": "3.50"}, {"what": "cup", "price": 9}],
    }
    llm.script(json.dumps({**good, "number": "7"}), json.dumps(good), *["There is no invoice."] * 3)

    found = run(llm, "extractor.py", typed="Invoice A-7: tea and a cup\n")
    none = run(llm, "extractor.py", typed="The weather is fine\n")

    assert found.stdout == "A-7 of 30.11.2026: 12.50\n", found.stderr
    assert none.stdout.startswith("no invoice: The model still called tools after 3 rounds"), none.stderr


def test_the_long_agent_goes_on_where_ctrl_c_stopped_it_and_publishes_once(llm: MockLLM, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    llm.script(
        call("crawl", pages=2), call("publish", title="Report"),
        call("publish", title="Report"), "It may be published already: please look.",
    )  # fmt: skip
    command: list[str | Path] = [sys.executable, "-u", APPLICATIONS / "long_agent.py", state, "30"]
    with subprocess.Popen(command, env={**os.environ, **llm.env}, stdout=subprocess.PIPE, text=True) as agent:
        deadline = time.monotonic() + PATIENCE
        while not state.with_suffix(".ledger").exists():
            assert time.monotonic() < deadline
            os.sched_yield()
        agent.send_signal(signal.SIGINT)
        shown, _ = agent.communicate(timeout=PATIENCE)

    ran = run(llm, "long_agent.py", state, "0")

    assert "  page 2 of 2\n" in shown
    assert "crawl: ran\npublish: unknown\n" in shown
    assert "It may be published already: please look.\npublish: declined\n" in ran.stdout, ran.stderr
    assert state.with_suffix(".ledger").read_text() == "Report\n"


@pytest.mark.parametrize(("decision", "ledger"), [("yes", "Anna 25.0 EUR\n"), ("no", "")])
def test_a_payment_is_approved_in_another_process(llm: MockLLM, tmp_path: Path, decision: str, ledger: str) -> None:
    state, paid = tmp_path / "waiting.json", tmp_path / "ledger"
    llm.script(call("pay", to="Anna", amount=25), "That is settled.")

    asked = run(llm, "approval.py", "ask", state, paid)
    decided = run(llm, "approval.py", decision, state, paid)

    assert asked.stdout == "pay({'to': 'Anna', 'amount': 25})\n", asked.stderr
    assert decided.stdout == "That is settled.\n", decided.stderr
    assert (paid.read_text() if paid.exists() else "") == ledger
    assert said_to_the_model(llm) == ["paid"] or "too much" in said_to_the_model(llm)[0]
