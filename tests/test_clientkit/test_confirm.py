"""A yes is a yes to one call, and nothing else is a yes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clientkit import allow_only, ask_in_terminal, deny_all
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


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y", True), (" YES ", True), ("", False), ("n", False), ("yep", False), (None, False)]
)
async def test_the_terminal_shows_the_call_and_takes_only_a_plain_yes(
    typed: str | None, agreed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def read_line(question: str) -> str:
        shown.append(question)
        if typed is None:
            raise EOFError
        return typed

    monkeypatch.setattr("builtins.input", read_line)

    assert await ask_in_terminal("send\x07", MAIL) is agreed
    assert shown == [
        "\nThe model wants to run send\\x07 with"
        '\n  to: "anna@example.org"\n  body: "Hi\\u001b[2K\\u202eevil"'
        "\nRun it? [y/N] "
    ]
