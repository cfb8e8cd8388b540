"""More than yes and no: reasons, edits, decisions that come later, in this process or another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from clientkit import LATER, Answer, ClientKitError, Conversation, Pending, Question, converse, tool
from clientkit.answer import OpenCall
from clientkit.confirm import Decision, remember
from clientkit.errors import ApprovalError
from clientkit.tools import AnyTool

from .test_conversation import DONE, Script, calls, every_call_has_one_result


class Outbox(list[str]):
    """Tools of a mail program, and what they did."""

    def __init__(self) -> None:
        super().__init__()

        @tool(acts=True)
        def send(to: str, urgent: bool = False) -> str:
            self.append(f"{to}!" if urgent else to)
            return f"sent to {to}"

        @tool
        def find(name: str) -> str:
            return f"{name}@example.org"

        self.tools: list[AnyTool] = [send, find]


def to(name: str, **more: Any) -> str:
    return f"send {json.dumps({'to': name, **more})}"


async def outcome(decide: Callable[[Question], Any], *named: str) -> tuple[Outbox, Answer[Any]]:
    outbox = Outbox()
    answer = await converse(Script(calls(*(named or (to("Anna"),))), DONE), "Go", outbox.tools, confirm=decide)
    return outbox, answer


async def test_a_text_is_a_no_and_its_reason_is_told_to_the_model() -> None:
    outbox, answer = await outcome(lambda question: "Anna is on holiday")

    assert outbox == []
    assert answer.calls[0].outcome == "declined"
    assert "The reason: Anna is on holiday" in answer.calls[0].content


async def test_a_dict_is_the_call_as_the_user_wants_it() -> None:
    outbox, answer = await outcome(lambda question: {**question.arguments, "to": "Bob"})

    assert outbox == ["Bob"]
    assert (answer.calls[0].edited, answer.calls[0].arguments) == (True, {"to": "Bob"})
    assert 'It ran with {"to": "Bob"}' in answer.calls[0].content


async def test_an_edit_that_does_not_fit_runs_nothing() -> None:
    outbox, answer = await outcome(lambda question: {"to": 7})

    assert outbox == []
    assert answer.calls[0].outcome == "bad"
    assert "to: got 7" in answer.calls[0].content


async def test_policy_comes_before_the_question_and_judges_an_edit_too() -> None:
    outbox = Outbox()
    asked: list[str] = []

    def confirm(question: Question) -> dict[str, Any]:
        asked.append(question.arguments["to"])
        return {"to": "Eve"}

    def policy(name: str, arguments: dict[str, Any]) -> str | None:
        return "Eve is blocked" if arguments["to"] == "Eve" else None

    script = Script(calls(to("Eve"), to("Anna")), DONE)
    answer = await converse(script, "Go", outbox.tools, confirm=confirm, before_call=policy)

    assert (outbox, asked) == ([], ["Anna"])
    assert [call.content for call in answer.calls] == ["Not run: Eve is blocked"] * 2


async def test_a_no_to_all_declines_the_rest_of_the_reply_and_nothing_of_the_next() -> None:
    answers: Iterator[bool | Decision] = iter([True, Decision.NO_TO_ALL, True])
    outbox = Outbox()
    script = Script(calls(to("Anna"), to("Bob"), to("Cleo")), calls(to("Dora")), DONE)

    decide: Callable[[Question], bool | Decision] = lambda question: next(answers)  # noqa: E731
    await converse(script, "Go", outbox.tools, confirm=decide)

    assert outbox == ["Anna", "Dora"]


async def test_a_yes_that_is_remembered_holds_for_the_same_call_only() -> None:
    outbox = Outbox()
    asked: list[str] = []

    def confirm(question: Question) -> bool:
        asked.append(question.arguments["to"])
        return True

    script = Script(calls(to("Anna")), calls(to("Anna", urgent=False)), calls(to("Bob")), DONE)
    await converse(script, "Go", outbox.tools, confirm=remember(confirm))

    assert outbox == ["Anna", "Anna", "Bob"]
    assert asked == ["Anna", "Bob"]


async def test_a_question_shows_the_others_of_its_reply() -> None:
    batches: list[list[str]] = []

    def confirm(question: Question) -> bool:
        batches.append([each.arguments["to"] for each in question.batch])
        return False

    await outcome(confirm, to("Anna"), 'find {"name": "x"}', to("Bob"))

    assert batches == [["Anna", "Bob"]] * 2


async def test_anything_that_is_not_a_decision_ends_the_question_and_runs_nothing() -> None:
    outbox = Outbox()
    silent: Any = lambda question: None  # noqa: E731  # what the type of a decision does not allow
    talk = Conversation(Script(calls(to("Anna")), DONE), outbox.tools, confirm=silent)

    with pytest.raises(TypeError, match="return True or False"):
        await talk.ask("Go")

    assert outbox == []
    every_call_has_one_result(talk.transcript)


async def waiting(*named: str) -> tuple[Outbox, Conversation, Pending]:
    outbox = Outbox()
    script = Script(calls(*(named or ('find {"name": "Anna"}', to("Anna"), to("Bob")))), DONE)
    talk = Conversation(script, outbox.tools, confirm=lambda question: LATER)
    pending = await talk.ask("Write")
    assert isinstance(pending, Pending)
    return outbox, talk, pending


async def test_later_leaves_acting_calls_open_and_runs_the_others() -> None:
    outbox, talk, pending = await waiting()

    assert outbox == []
    assert [(call.name, call.arguments) for call in pending.open] == [("send", {"to": "Anna"}), ("send", {"to": "Bob"})]
    assert [call.outcome for call in pending.calls] == ["ran"]
    assert [message["role"] for message in pending.transcript] == ["user", "assistant", "tool"]
    every_call_has_one_result(talk.transcript)


async def test_a_decision_goes_on_in_the_same_conversation() -> None:
    outbox, talk, pending = await waiting()

    answer = await talk.resume(pending, {pending.open[0].id: True, pending.open[1].fingerprint: "not Bob"})

    assert (answer.text, outbox) == ("Done.", ["Anna"])
    assert [call.outcome for call in talk.calls] == ["ran", "ran", "declined"]
    every_call_has_one_result(talk.transcript)


async def test_a_decision_goes_on_from_json_in_a_new_conversation() -> None:
    _, _, pending = await waiting()
    outbox, script = Outbox(), Script(DONE)
    talk = Conversation(script, outbox.tools)

    restored = Pending.from_json(pending.to_json())
    answer = await talk.resume(restored, {"call_1": True, "call_2": {"to": "Cleo"}})

    assert restored == replace(pending, calls=restored.calls)
    assert (answer.text, outbox) == ("Done.", ["Anna", "Cleo"])
    every_call_has_one_result(script.requests[0])
    assert [message.get("tool_call_id") for message in script.requests[0][2:]] == ["call_0", "call_1", "call_2"]


async def test_a_call_without_a_decision_and_those_after_it_stay_open() -> None:
    outbox, talk, pending = await waiting()

    still = await talk.resume(pending, {"call_2": True})
    assert isinstance(still, Pending)
    assert (outbox, [call.id for call in still.open]) == ([], ["call_1", "call_2"])

    again = await talk.resume(still, {"call_1": True})
    assert isinstance(again, Pending)
    assert (outbox, [call.id for call in again.open]) == (["Anna"], ["call_2"])


@pytest.mark.parametrize(
    "change",
    [
        lambda call: replace(call, arguments={"to": "Eve"}),
        lambda call: replace(call, name="find", arguments={"name": "x"}),
        lambda call: replace(call, arguments={"to": 7}),
        lambda call: replace(call, fingerprint="0"),
    ],
)
async def test_a_yes_for_arguments_that_changed_is_refused(change: Callable[[OpenCall], OpenCall]) -> None:
    _, _, pending = await waiting(to("Anna"))
    outbox = Outbox()
    forged = replace(pending, open=tuple(change(call) for call in pending.open))

    with pytest.raises(ApprovalError) as caught:
        await Conversation(Script(DONE), outbox.tools).resume(forged, {"call_0": True})

    assert isinstance(caught.value, ClientKitError)
    assert outbox == []


async def test_a_yes_for_a_default_that_changed_is_refused() -> None:
    _, _, pending = await waiting(to("Anna"))
    sent: list[str] = []

    @tool(acts=True)
    def send(to: str, urgent: bool = True) -> None:
        sent.append(to)

    with pytest.raises(ApprovalError, match="is not the one that was shown"):
        await Conversation(Script(DONE), [send]).resume(pending, {"call_0": True})

    assert sent == []


async def test_a_decision_for_no_open_call_is_refused() -> None:
    outbox, talk, pending = await waiting(to("Anna"))

    with pytest.raises(ApprovalError, match="no open call has the id call_7"):
        await talk.resume(pending, {"call_7": True})

    assert (await talk.resume(pending, {"call_0": True})).text == "Done."
    with pytest.raises(ApprovalError, match="decided already"):
        await talk.resume(pending, {"call_0": True})
    assert outbox == ["Anna"]


async def test_another_question_closes_the_open_calls_without_running_them() -> None:
    outbox, talk, _ = await waiting()

    answer = await talk.ask("Never mind")

    assert (answer.text, outbox) == ("Done.", [])
    every_call_has_one_result(talk.transcript)
    assert [call.outcome for call in talk.calls] == ["ran", "skipped", "skipped"]


async def test_a_transcript_with_open_calls_is_never_sent_as_it_is() -> None:
    _, _, pending = await waiting()
    script = Script(DONE)

    await converse(script, [*pending.transcript, {"role": "user", "content": "So?"}])

    every_call_has_one_result(script.requests[0])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 0}', '{"version": 1, "transcript": 7}'])
def test_json_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not what Pending"):
        Pending.from_json(text)
