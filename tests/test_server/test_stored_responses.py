"""Responses and conversations that the server keeps, asked with the official SDK."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from mockserver import MockLLM, Reply, Timing
from mockserver.wire.identity import Identity
from mockserver.wire.responses.item_ids import ResponseIds
from mockserver.wire.responses.stored import ResponseStore
from tests.sdk_clients import kept
from tests.test_wire.responses.requests import WEATHER, parsed

HELD = """
scenario: held
turns:
  - when: {user_says: weather}
    calls: [{call: get_current_weather, with: {location: Oslo}}]
  - when: {tool_results: 1}
    text: Cold.
  - when: {user_says: bye}
    text: Good bye.
"""
MODEL: Any = "gpt-4o"
TOOLS: Any = [{**WEATHER, "strict": False}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "held.yaml"
    path.write_text(HELD)
    return path


@pytest.fixture
def llm(file: Path) -> Iterator[MockLLM]:
    with MockLLM(file, fallback="error") as llm:
        yield llm


def client(llm: MockLLM) -> OpenAI:
    return kept(OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=0))


def result(response: Any) -> Any:
    """The input that brings the result of a response's only call."""
    return [{"type": "function_call_output", "call_id": response.output[0].call_id, "output": "3"}]


def asked(sdk: OpenAI, input: Any = "The weather?", **more: Any) -> Any:
    return sdk.responses.create(model=MODEL, input=input, tools=TOOLS, **more)


def test_a_conversation_goes_on_by_the_id_of_the_previous_response(llm: MockLLM) -> None:
    sdk = client(llm)
    first = asked(sdk)
    second = asked(sdk, result(first), previous_response_id=first.id)
    third = asked(sdk, "Bye", previous_response_id=second.id)

    assert (second.output_text, third.output_text) == ("Cold.", "Good bye.")
    assert [item.type for item in sdk.responses.input_items.list(third.id, order="asc")] == [
        "message", "function_call", "function_call_output", "message", "message",
    ]  # fmt: skip
    request = llm.journal[2].request
    assert request is not None
    assert [message.role for message in request.messages] == ["user", "assistant", "tool", "assistant", "user"]


def test_instructions_are_not_carried_over(llm: MockLLM) -> None:
    sdk = client(llm)
    first = asked(sdk, instructions="Be brief.")
    asked(sdk, result(first), previous_response_id=first.id)

    assert llm.journal[1].request is not None
    assert all(message.role != "system" for message in llm.journal[1].request.messages)


def test_a_missing_result_of_a_held_call_is_refused(llm: MockLLM) -> None:
    sdk = client(llm)
    first = asked(sdk)
    with pytest.raises(BadRequestError, match="No tool output found for function call call_"):
        asked(sdk, "Well?", previous_response_id=first.id)


def test_a_conversation_goes_on_after_a_restart_by_the_place_in_its_id(file: Path) -> None:
    with MockLLM(file, fallback="error") as before:
        first = asked(client(before))
    with MockLLM(file, fallback="error") as after:
        sdk = client(after)
        second = asked(sdk, result(first), previous_response_id=first.id)
        assert second.output_text == "Cold."
        with pytest.raises(BadRequestError, match="Previous response with id"):
            asked(sdk, "Bye", previous_response_id=second.id)


@pytest.mark.parametrize("seed", [None, "another"])
def test_an_id_that_was_changed_or_is_of_another_seed_is_not_found(file: Path, seed: str | None) -> None:
    with MockLLM(file, fallback="error") as before:
        first = asked(client(before))
    own = first.id if seed else f"{first.id[:-1]}{'0' if first.id[-1] != '0' else '1'}"
    with (
        MockLLM(file, seed=seed, fallback="error") as after,
        pytest.raises(BadRequestError, match="Previous response with id") as refused,
    ):
        asked(client(after), result(first), previous_response_id=own)
    assert refused.value.code == "previous_response_not_found"


@pytest.mark.parametrize("way", ["deleted", "not stored"])
def test_what_is_not_kept_is_not_found(llm: MockLLM, way: str) -> None:
    sdk = client(llm)
    first = asked(sdk, store=way == "deleted")
    if way == "deleted":
        sdk.responses.delete(first.id)

    with pytest.raises(NotFoundError):
        sdk.responses.retrieve(first.id)
    with pytest.raises(BadRequestError, match="not found"):
        asked(sdk, result(first), previous_response_id=first.id)


def test_a_stored_response_and_its_events_come_again(llm: MockLLM) -> None:
    sdk = client(llm)
    first = asked(sdk)

    assert sdk.responses.retrieve(first.id) == first
    numbers = [event.sequence_number for event in sdk.responses.retrieve(first.id, stream=True, starting_after=3)]
    assert numbers == list(range(4, numbers[-1] + 1))


def test_a_response_in_the_background_is_queued_in_progress_and_completed() -> None:
    with MockLLM(time_scale=1) as llm:
        llm.script(Reply("Done.", timing=Timing(first_token=60)), Reply("Done."), Reply("Done.", timing=Timing(60)))
        sdk = client(llm)
        slow, quick, dropped = (asked(sdk, background=True) for _ in range(3))

        assert [each.status for each in (slow, quick, dropped)] == ["queued"] * 3
        assert sdk.responses.retrieve(slow.id).status == "in_progress"
        assert sdk.responses.retrieve(quick.id).output_text == "Done."
        assert sdk.responses.cancel(dropped.id).status == "cancelled"
        assert sdk.responses.cancel(quick.id).status == "completed"


def test_only_a_response_in_the_background_is_cancelled(llm: MockLLM) -> None:
    sdk = client(llm)
    with pytest.raises(BadRequestError, match="Cannot cancel a synchronous response"):
        sdk.responses.cancel(asked(sdk).id)


def test_a_conversation_grows_when_a_response_completes(llm: MockLLM) -> None:
    sdk = client(llm)
    held = sdk.conversations.create(metadata={"topic": "weather"})
    first = asked(sdk, conversation=held.id)
    second = asked(sdk, result(first), conversation={"id": held.id})

    items = [*sdk.conversations.items.list(held.id, order="asc")]
    assert [item.type for item in items] == ["message", "function_call", "function_call_output", "message"]
    assert second.conversation is not None
    assert second.conversation.id == held.id
    sdk.conversations.items.delete(str(items[3].id), conversation_id=held.id)
    assert len([*sdk.conversations.items.list(held.id)]) == 3
    assert sdk.conversations.update(held.id, metadata={"topic": "x"}).metadata == {"topic": "x"}
    assert sdk.conversations.delete(held.id).deleted


def test_an_unknown_conversation_is_refused(llm: MockLLM) -> None:
    sdk = client(llm)
    with pytest.raises(BadRequestError, match="Conversation with id 'conv_x' not found"):
        asked(sdk, conversation="conv_x")
    with pytest.raises(NotFoundError):
        sdk.conversations.retrieve("conv_x")


def test_tokens_are_counted_and_a_conversation_is_compacted(llm: MockLLM) -> None:
    sdk = client(llm)
    first = asked(sdk)

    assert sdk.responses.input_tokens.count(model="gpt-4o", input="Hello").input_tokens == 8
    short = sdk.responses.compact(model=MODEL, previous_response_id=first.id)
    assert [item.type for item in short.output] == ["message", "compaction"]


def test_a_reset_forgets_what_is_stored(llm: MockLLM) -> None:
    sdk = client(llm)
    first = asked(sdk)
    llm.reset()
    with pytest.raises(NotFoundError):
        sdk.responses.retrieve(first.id)


def test_the_oldest_response_makes_room() -> None:
    store = ResponseStore(kept=2)
    asked_once = parsed()
    identities = [Identity("0", asked_once.fingerprint, "session", attempt) for attempt in (1, 2, 3)]
    for identity in identities:
        store.keep((Reply("Hi."),), asked_once, identity)

    kept = [store.get(ResponseIds(identity, asked_once).response) is not None for identity in identities]
    assert kept == [False, True, True]


def test_lenient_checks_make_up_what_an_id_of_another_form_stands_for() -> None:
    with MockLLM(checks="lenient") as llm:
        sdk = client(llm)

        assert sdk.responses.retrieve("resp_677efb51").status == "completed"
        assert sdk.responses.cancel("resp_677efb51").status == "completed"
        assert sdk.conversations.retrieve("conv_123").id == "conv_123"
        assert asked(sdk, "Hello", previous_response_id="resp_677efb51").output_text
        with pytest.raises(NotFoundError):
            sdk.responses.retrieve(f"resp_{'0' * 50}")
