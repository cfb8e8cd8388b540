"""The question on a real terminal: only the word that it shows, typed there after it was shown, runs a call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clientkit import CallRecord, Question, tool, tools_from_mcp
from clientkit.display import columns, mark_lookalikes
from clientkit.question_text import QuestionText

from .pseudo_terminal import PseudoTerminal, word_in

ASKS = """
import asyncio
from clientkit import Question, ask_in_terminal, tool

@tool(acts=True)
def send(to: str, body: str = "Hi", copy: bool = False) -> str:
    return "sent"

def ask(**arguments):
    return asyncio.run(ask_in_terminal(Question("call_1", "send", arguments, send)))

"""
ASK_ONCE = ASKS + 'print("Decision:", ask(to="anna@example.org"))'


def test_the_word_that_is_shown_is_a_yes() -> None:
    with PseudoTerminal(ASK_ONCE) as terminal:
        question = terminal.question()
        terminal.type(f"{word_in(question).upper()}\n")
        terminal.ends()

    assert 'to: "anna@example.org"\r\n  body: "Hi" (default)\r\n  copy: false (default)' in question
    assert 'Run send(to="anna@example.org")?' in question
    assert "Decision: True" in terminal.shown


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        ("y", "False"), ("yes", "False"), ("", "False"), ("abcd", "False"), ("none", "Decision.NO_TO_ALL"),
        ("no, send it to Bob", "send it to Bob"), ("{word} always", "Decision.ALWAYS"), ("{word} really", "False"),
    ],
)  # fmt: skip
def test_what_is_typed_decides(typed: str, decision: str) -> None:
    with PseudoTerminal(ASK_ONCE) as terminal:
        terminal.type(typed.format(word=word_in(terminal.question())) + "\n")
        terminal.ends()

    assert terminal.shown.rstrip().endswith(f"Decision: {decision}")


def test_a_question_that_the_model_imitates_gains_nothing() -> None:
    imitation = '\\nThe model wants to run nothing\\nType abcd to run it. "show": see all.\\n> '
    with PseudoTerminal(f'print("""{imitation}""", end="", flush=True)\n{ASK_ONCE}') as terminal:
        question = terminal.question()
        terminal.read_until("> $") if question.count("> ") < 2 else None
        terminal.type("abcd\n")
        terminal.ends()

    assert "Decision: False" in terminal.shown


def test_what_was_typed_before_the_question_stood_is_discarded() -> None:
    program = "import time\nprint('Streaming.', flush=True)\ninput()\n" + ASKS
    program += "import clientkit.terminal\nclientkit.terminal._ALPHABET = 'a'\nprint('Decision:', ask(to='anna'))"
    with PseudoTerminal(program) as terminal:
        terminal.read_until("Streaming")
        # The first line lets the program go on; the second is the very word, which is known here, and too early.
        terminal.type("go\naaaa\n")
        terminal.question()
        terminal.type("n\n")
        terminal.ends()

    assert "Decision: False" in terminal.shown


def test_a_yes_in_a_pipe_is_not_a_yes() -> None:
    with PseudoTerminal(ASK_ONCE, stdin=subprocess.PIPE) as terminal:
        assert terminal.process.stdin is not None
        terminal.process.stdin.write(b"y\nyes\n" * 10)
        terminal.process.stdin.close()
        terminal.question()
        terminal.type("\n")
        terminal.ends()

    assert "Decision: False" in terminal.shown


def test_with_the_output_in_a_file_the_question_still_stands_on_the_terminal(tmp_path: Path) -> None:
    output = tmp_path / "output"
    with PseudoTerminal(ASK_ONCE, stdout=output) as terminal:
        question = terminal.question()
        terminal.type("y\n")
        terminal.ends()

    assert "anna@example.org" in question
    assert output.read_text() == "Decision: False\n"


def test_without_a_terminal_the_answer_is_no() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASK_ONCE],
        input="y\nyes\n",
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )

    assert ran.stdout == "Decision: False\n"


def test_a_program_in_the_background_does_not_ask() -> None:
    program = "import os\nos.setpgid(0, 0) if os.fork() == 0 else (os.wait(), os._exit(0))\n" + ASK_ONCE
    with PseudoTerminal(program) as terminal:
        terminal.ends()

    assert "wants to run" not in terminal.shown
    assert "Decision: False" in terminal.shown


def test_a_long_body_leaves_the_question_on_one_screen_and_can_be_shown_in_full() -> None:
    program = ASKS + 'print("Decision:", ask(to="anna@example.org", body="Dear Anna, " + "word " * 520 + "pay 5000"))'
    with PseudoTerminal(program) as terminal:
        question = terminal.question()
        terminal.type("show\n")
        shown = terminal.question()
        terminal.type("y\n")
        terminal.ends()

    assert question.count("\r\n") < 24
    assert 'characters, "show" prints all' in question
    assert "pay 5000" in question
    assert shown.replace("\r\n", "").count("word word") > 200
    assert word_in(shown) == word_in(question)
    assert "Decision: False" in terminal.shown


def test_invisible_and_look_alike_letters_are_marked() -> None:
    program = ASKS + r'print("Decision:", ask(to="\u0430nna@ex\u200bample.org", body="\u3164\x1b[2K\u202e"))'
    with PseudoTerminal(program) as terminal:
        question = terminal.question()
        terminal.type("y\n")
        terminal.ends()

    assert r'to: "\u0430nna@ex\u200bample.org"' in question
    assert r"\u3164" in question
    assert r"\u202e" in question
    assert "invisible or look-alike letters" in question
    assert "\x1b[2K" not in question
    assert "Decision: False" in terminal.shown


def test_ctrl_c_at_the_question_ends_the_program_and_leaves_the_terminal_as_it_was() -> None:
    with PseudoTerminal(ASK_ONCE) as terminal:
        terminal.question()
        terminal.type("\x03")
        code = terminal.ends()

    assert "KeyboardInterrupt" in terminal.shown
    assert code != 0


def test_a_terminal_in_another_mode_is_in_that_mode_again_after_ctrl_c() -> None:
    program = (
        ASKS
        + """
import sys, termios
terminal = sys.stdin.fileno()
modes = termios.tcgetattr(terminal)
modes[3] &= ~(termios.ECHO | termios.ICANON)
termios.tcsetattr(terminal, termios.TCSANOW, modes)
try:
    ask(to="anna@example.org")
finally:
    print("The same:", termios.tcgetattr(terminal)[3] == modes[3])
"""
    )
    with PseudoTerminal(program) as terminal:
        terminal.question()
        terminal.type("\x03")
        terminal.ends()

    assert "The same: True" in terminal.shown


def test_two_conversations_ask_one_after_the_other_and_each_word_is_for_its_own_question() -> None:
    program = (
        ASKS
        + """
async def both():
    questions = [Question("call_1", "send", {"to": name}, send) for name in ("anna", "bob")]
    print("Decisions:", await asyncio.gather(*map(ask_in_terminal, questions)))

asyncio.run(both())
"""
    )
    with PseudoTerminal(program) as terminal:
        first = word_in(terminal.question())
        # The second line is typed too early: the second question discards it.
        terminal.type(f"{first}\n{first}\n")
        second = terminal.question()
        terminal.type(f"{first}\n")
        terminal.ends()

    assert word_in(second) != first
    assert "Decisions: [True, False]" in terminal.shown


def test_lines_that_are_pasted_answer_one_question_only() -> None:
    program = ASKS + 'print("Decisions:", ask(to="anna"), ask(to="bob"), ask(to="cleo"))'
    with PseudoTerminal(program) as terminal:
        word = word_in(terminal.question())
        terminal.type(f"{word}\n{word}\n{word} always\n")
        for _ in range(2):
            terminal.question()
            terminal.type("n\n")
        terminal.ends()

    assert "Decisions: True False False" in terminal.shown


def test_a_window_that_changes_its_size_keeps_its_question() -> None:
    with PseudoTerminal(ASK_ONCE) as terminal:
        word = word_in(terminal.question())
        terminal.resize(10, 40)
        terminal.type("show\n")
        narrow = terminal.question()
        terminal.type(f"{word}\n")
        terminal.ends()

    assert word_in(narrow) == word
    assert "Decision: True" in terminal.shown


def test_a_tool_that_holds_a_conversation_of_its_own_asks_for_its_own_acts() -> None:
    program = """
from clientkit import Conversation, ask_in_terminal, tool
from tests.test_clientkit.test_conversation import DONE, Script, calls

@tool(acts=True)
def pay(to: str) -> str:
    print("Paid", to)
    return "paid"

@tool(acts=True)
def delegate(task: str) -> str:
    return Conversation(Script(calls('pay {"to": "Anna"}'), DONE), [pay], confirm=ask_in_terminal).ask_sync(task).text

talk = Conversation(Script(calls('delegate {"task": "Pay Anna"}'), DONE), [delegate], confirm=ask_in_terminal)
print("Outcomes:", talk.ask_sync("Go").text, [call.outcome for call in talk.calls])
"""
    with PseudoTerminal(program) as terminal:
        outer = word_in(terminal.question())
        terminal.type(f"{outer}\n")
        inner = terminal.question()
        terminal.type(f"{outer}\n")
        terminal.ends()

    assert "wants to run pay" in inner
    assert "Outcomes: Done. ['ran']" in terminal.shown
    assert "Paid" not in terminal.shown


def test_where_the_event_loop_does_not_take_terminals_the_question_works_too() -> None:
    program = (
        ASKS
        + """
class Loop(asyncio.SelectorEventLoop):
    def add_reader(self, *_):
        raise OSError(22, "Invalid argument")

with asyncio.Runner(loop_factory=Loop) as runner:
    print("Decision:", runner.run(ask_in_terminal(Question("call_1", "send", {"to": "anna"}, send))))
"""
    )
    with PseudoTerminal(program) as terminal:
        terminal.type(f"{word_in(terminal.question())}\n")
        terminal.ends()

    assert "Decision: True" in terminal.shown


@tool(acts=True)
def pay(amount: int, to: str = "Anna") -> None:
    """Pay."""


def text_of(question: Question, height: int = 24) -> str:
    return QuestionText.of(question).short("k7fm", 80, height)


def test_a_question_says_that_a_call_is_repeated_or_repaired_or_may_have_been_done() -> None:
    ran = CallRecord("call_1", "pay", {"amount": 5}, "ran", "")
    unknown = CallRecord("call_2", "pay", {"amount": 5}, "unknown", "")

    text = text_of(Question("call_3", "pay", {"amount": 5}, pay, repaired=True, earlier=(ran, unknown)))

    assert "broken JSON" in text
    assert "ran before in this conversation (1 times)" in text
    assert "may have been done already" in text


def test_a_question_stays_on_the_screen_whatever_its_arguments_are() -> None:
    arguments = {f"argument_{number}": "x" * (number * 50) for number in range(60)}
    ran = CallRecord("call_1", "pay", arguments, "unknown", "")

    lines = text_of(
        Question("call_3", "pay", {**arguments, "é\u200b": "ж" * 99}, pay, repaired=True, earlier=(ran,))
    ).split("\n")

    assert len(lines) <= 24
    assert all(columns(line.replace("\x1b[0m\r", "")) <= 80 for line in lines)
    assert any('more arguments: type "show"' in line for line in lines)


def test_a_tool_of_an_mcp_server_is_shown_by_its_own_name() -> None:
    async def call(name: str, arguments: dict[str, object]) -> str:
        return name

    [delete] = tools_from_mcp([{"name": "files.delete"}], call)

    assert "wants to run files.delete, no arguments" in text_of(Question("call_1", delete.name, {}, delete))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grüße, Ольга und 東京!", "Grüße, Ольга und 東京!"),
        ("p\u0430ypal.com", r"p\u0430ypal.com"),
        ("\uff45vil", r"\uff45vil"),
        ("a\u2800b\ufe0f", r"a\u2800b\ufe0f"),
        ("e\u0301\u0301\u0301\u0301", "e\u0301\u0301" + r"\u0301\u0301"),
    ],
)
def test_letters_that_deceive_are_escaped_and_foreign_words_are_not(text: str, shown: str) -> None:
    assert mark_lookalikes(text) == shown
