"""A yes is a yes to one call, and nothing else is a yes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest

from clientkit import allow_only, deny_all
from clientkit.confirm import agreement, fingerprint

MAIL = {"to": "anna@example.org", "body": "Hi\x1b[2K\u202eevil"}


def test_the_fingerprint_is_of_the_call_and_not_of_its_spelling() -> None:
    assert fingerprint("f", {"a": 1, "b": 2}) == fingerprint("f", {"b": 2, "a": 1})
    assert len({fingerprint("f", {"a": 1}), fingerprint("g", {"a": 1}), fingerprint("f", {"a": "1"})}) == 3


async def test_a_yes_covers_exactly_what_was_asked() -> None:
    agreed = await agreement(lambda *_: True, "send", MAIL)

    assert agreed is not None
    assert agreed.covers("send", dict(MAIL))
    assert not agreed.covers("send", {**MAIL, "to": "eve@example.org"})
    assert not agreed.covers("delete", MAIL)


@pytest.mark.parametrize("answer", [False, None, "no", "yes", 1, [True]])
async def test_only_true_is_a_yes(answer: Any) -> None:
    assert await agreement(lambda *_: answer, "send", MAIL) is None


async def test_nobody_to_ask_is_a_no() -> None:
    assert await agreement(None, "send", MAIL) is None


async def test_an_async_function_can_be_asked() -> None:
    async def confirm(name: str, arguments: dict[str, Any]) -> bool:
        await asyncio.sleep(0)
        return name == "send"

    assert await agreement(confirm, "send", MAIL)
    assert await agreement(confirm, "delete", MAIL) is None


async def test_whoever_is_asked_cannot_change_the_call() -> None:
    def confirm(name: str, arguments: dict[str, Any]) -> bool:
        arguments["to"] = "eve@example.org"
        return True

    mail = dict(MAIL)
    agreed = await agreement(confirm, "send", mail)

    assert mail == MAIL
    assert agreed is not None
    assert agreed.covers("send", MAIL)


async def test_the_ready_made_answers_do_what_they_say() -> None:
    assert await agreement(allow_only("send", "post"), "send", MAIL)
    assert await agreement(allow_only("send", "post"), "delete", MAIL) is None
    assert await agreement(deny_all, "send", MAIL) is None


ASKING = """
import asyncio, sys
from clientkit import RepairedArguments, ask_in_terminal

calls = [("send\\x07", {"to": "Änne", "body": "Hi\\x1b[2K\\u202eevil", "a b: c": 1})] * 5
calls += [("send", RepairedArguments(to="Anna")), ("now", {})]
for name, arguments in calls:
    print(asyncio.run(ask_in_terminal(name, arguments)))
"""


def test_the_terminal_shows_the_call_and_takes_only_a_plain_yes() -> None:
    typed = "y\n YES \n\nn\nyep\ny\n"

    asked = subprocess.run(
        [sys.executable, "-c", ASKING],
        input=typed,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )

    *first, repaired, at_the_end = asked.stdout.removeprefix("\n").split("\n\n")
    assert [question.rpartition("[y/N] ")[2] for question in first] == ["True", "True", "False", "False", "False"]
    assert first[0].partition("[y/N] ")[0] == (
        "The model wants to run send\\x07 with"
        '\n  to: "\\xc4nne"\n  body: "Hi\\u001b[2K\\u202eevil"\n  "a b: c": 1'
        "\nRun it? "
    )
    assert "broken JSON" in repaired
    assert repaired.endswith("True")
    assert at_the_end == "The model wants to run now with no arguments\nRun it? [y/N] False\n"
