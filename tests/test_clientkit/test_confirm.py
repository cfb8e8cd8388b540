"""A yes holds for one call with exactly these arguments, and nothing else is a yes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from clientkit import LATER, CallRecord, Question, tool
from clientkit.confirm import Agreement, Confirm, Decision, allow_only, deny_all, fingerprint, remember, verdict_on

MAIL = {"body": "Hi", "to": "anna@example.org"}


@tool(acts=True)
def send(to: str, body: str, copy: bool = False, limit: float = float("inf")) -> str:
    return f"sent to {to}"


QUESTION = Question("call_1", "send", MAIL, send)


def test_the_fingerprint_is_of_the_call_and_not_of_its_spelling() -> None:
    assert fingerprint("f", {"a": 1, "b": 2}) == fingerprint("f", {"b": 2, "a": 1})
    assert len({fingerprint("f", {"a": 1}), fingerprint("g", {"a": 1}), fingerprint("f", {"a": "1"})}) == 3


def test_arguments_stand_in_the_order_of_the_signature_with_the_defaults() -> None:
    assert list(QUESTION.bound.items()) == [
        ("to", "anna@example.org"), ("body", "Hi"), ("copy", False), ("limit", "the function's own default")
    ]  # fmt: skip
    assert QUESTION.fingerprint == replace(QUESTION, arguments={**MAIL, "copy": False}).fingerprint


def test_an_agreement_covers_exactly_what_was_shown() -> None:
    agreed = Agreement(QUESTION.fingerprint)

    assert agreed.covers("send", QUESTION.bound)
    assert not agreed.covers("send", {**QUESTION.bound, "to": "eve@example.org"})
    assert not agreed.covers("delete", QUESTION.bound)


@pytest.mark.parametrize("answer", [True, False, "too expensive", {"to": "bob"}, LATER, Decision.NO_TO_ALL])
async def test_a_decision_is_passed_on_as_it_is(answer: Any) -> None:
    assert await verdict_on(lambda question: answer, QUESTION) == answer


@pytest.mark.parametrize("answer", [None, 1, 0, [True], b"yes", object()])
async def test_anything_else_is_a_type_error(answer: Any) -> None:
    with pytest.raises(TypeError, match="return True or False, a text"):
        await verdict_on(lambda question: answer, QUESTION)


async def test_without_a_confirm_function_the_answer_is_no() -> None:
    assert await verdict_on(None, QUESTION) is False


async def test_an_async_function_can_be_asked() -> None:
    async def confirm(question: Question) -> bool:
        await asyncio.sleep(0)
        return question.name == "send"

    assert await verdict_on(confirm, QUESTION) is True


async def test_the_older_form_gets_name_and_arguments() -> None:
    asked: list[object] = []

    def confirm(name: str, arguments: dict[str, Any]) -> bool:
        asked.append((name, dict(arguments)))
        return True

    def forgetful(name: str, arguments: dict[str, Any]) -> Any:
        """Returns nothing, which was a no."""

    assert await verdict_on(confirm, QUESTION) is True
    assert asked == [("send", MAIL)]
    assert await verdict_on(forgetful, QUESTION) is False


async def test_the_function_that_is_asked_cannot_change_the_call() -> None:
    def confirm(question: Question) -> bool:
        question.arguments["to"] = "eve@example.org"
        return True

    await verdict_on(confirm, QUESTION)

    assert QUESTION.arguments == {"body": "Hi", "to": "anna@example.org"}


def _ask(answer: Any) -> Confirm:
    return lambda question: answer


async def test_the_ready_made_functions_do_what_they_say() -> None:
    unsure = replace(QUESTION, earlier=(CallRecord("call_0", "send", MAIL, "unknown", ""),))

    assert await verdict_on(allow_only("send", "post"), QUESTION) is True
    assert await verdict_on(allow_only("post"), QUESTION) is False
    assert await verdict_on(allow_only("send"), unsure) is False
    assert await verdict_on(deny_all, QUESTION) is False
    assert await verdict_on(remember(_ask(True)), QUESTION) is Decision.ALWAYS
    assert await verdict_on(remember(_ask("no")), QUESTION) == "no"
