"""The function-calling document's conversation, end to end, through the official SDK in all its ways of asking."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

from mockserver import MockLLM
from tests.stories.conftest import CITIES, TEMPERATURES, locations, with_results

EXAMPLE = Path(__file__).with_name("seed_example.py")


def client(llm: MockLLM) -> OpenAI:
    return OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=0)


def says_every_temperature(text: str | None) -> bool:
    return all(str(temperature) in (text or "") for temperature in TEMPERATURES.values())


def test_the_documents_own_example_prints_three_calls(llm: MockLLM) -> None:
    ran = subprocess.run([sys.executable, EXAMPLE, llm.base_url], capture_output=True, text=True, check=True)

    calls = json.loads(ran.stdout)
    arguments = [json.loads(call["function"]["arguments"]) for call in calls]
    assert [call["function"]["name"] for call in calls] == ["get_current_weather"] * 3
    assert all(city in given["location"] for city, given in zip(CITIES, arguments, strict=True))
    assert len({call["id"] for call in calls}) == 3


def test_the_four_steps_end_in_a_summary_of_the_results(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai:
        choice = openai.chat.completions.create(**asked).choices[0]
        messages = with_results(asked["messages"], choice.message.tool_calls)
        summary = openai.chat.completions.create(**{**asked, "messages": messages}).choices[0]

    assert (choice.finish_reason, summary.finish_reason) == ("tool_calls", "stop")
    assert locations(choice.message.tool_calls) == list(CITIES)
    assert says_every_temperature(summary.message.content)


def test_the_message_can_be_appended_as_it_came(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai:
        message = openai.chat.completions.create(**asked).choices[0].message
        results = with_results([], message.tool_calls)[1:]
        answer = openai.chat.completions.create(**{**asked, "messages": [*asked["messages"], message, *results]})

    assert says_every_temperature(answer.choices[0].message.content)


def test_the_stream_says_what_the_plain_answer_says(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai:
        plain = openai.chat.completions.create(**asked).choices[0].message.tool_calls or []
        arguments: dict[int, str] = {}
        finish = None
        for chunk in openai.chat.completions.create(**asked, stream=True):
            choice = chunk.choices[0]
            finish = choice.finish_reason or finish
            for piece in choice.delta.tool_calls or []:
                assert piece.function is not None
                arguments[piece.index] = arguments.get(piece.index, "") + (piece.function.arguments or "")

    assert list(arguments.values()) == [call.function.arguments for call in plain]
    assert finish == "tool_calls"


def test_the_four_steps_streamed_end_in_a_summary(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai:
        with openai.chat.completions.stream(**asked) as stream:
            message = stream.get_final_completion().choices[0].message
        asked["messages"] = with_results(asked["messages"], message.tool_calls)
        with openai.chat.completions.stream(**asked, stream_options={"include_usage": True}) as stream:
            summary = stream.get_final_completion()

    assert locations(message.tool_calls) == list(CITIES)
    assert says_every_temperature(summary.choices[0].message.content)
    assert summary.usage is not None


def test_the_stream_helper_tells_when_each_calls_arguments_are_done(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai, openai.chat.completions.stream(**asked) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]

    assert [json.loads(event.arguments)["location"][:7] for event in done] == [city[:7] for city in CITIES]


async def test_the_asynchronous_client_gets_the_same(llm: MockLLM, asked: dict[str, Any]) -> None:
    async with AsyncOpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=0) as openai:
        message = (await openai.chat.completions.create(**asked)).choices[0].message
        asked["messages"] = with_results(asked["messages"], message.tool_calls)
        stream = await openai.chat.completions.create(**asked, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert locations(message.tool_calls) == list(CITIES)
    assert says_every_temperature(text)


async def test_a_blocking_client_in_an_asynchronous_test_does_not_hang(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai:
        assert openai.chat.completions.create(**asked).choices[0].message.tool_calls


def test_several_choices_have_ids_of_their_own(llm: MockLLM, asked: dict[str, Any]) -> None:
    with client(llm) as openai:
        choices = openai.chat.completions.create(**asked, n=2).choices

    ids = {call.id for choice in choices for call in choice.message.tool_calls or []}
    assert [choice.index for choice in choices] == [0, 1]
    assert len(ids) == 6


def test_a_question_that_no_tool_fits_is_answered_with_text(llm: MockLLM, asked: dict[str, Any]) -> None:
    asked["messages"] = [{"role": "user", "content": "Tell me a joke about cats."}]

    with client(llm) as openai:
        choice = openai.chat.completions.create(**asked).choices[0]

    assert choice.message.tool_calls is None
    assert choice.message.content


def test_the_address_without_v1_works_as_the_documents_provider_does(llm: MockLLM, asked: dict[str, Any]) -> None:
    with OpenAI(base_url=llm.base_url.removesuffix("/v1"), api_key="any") as openai:
        assert openai.chat.completions.create(**asked).choices[0].message.tool_calls


def test_models_are_listed_and_found_by_ids_with_slashes(llm: MockLLM) -> None:
    with client(llm) as openai:
        listed = [model.id for model in openai.models.list()]
        found = openai.models.retrieve("openai/gpt-4.1-2025-04-14")

    assert {"gpt-4o", "claude-3-5-sonnet-20240620", found.id} <= set(listed)


@pytest.mark.parametrize("stream", [False, True])
def test_a_wrong_request_raises_what_the_sdk_raises_for_the_real_api(
    llm: MockLLM, asked: dict[str, Any], stream: bool
) -> None:
    import openai

    asked["messages"].append({"role": "tool", "tool_call_id": "call_1", "content": "21"})

    with client(llm) as sdk, pytest.raises(openai.BadRequestError) as refused:
        sdk.chat.completions.create(**asked, stream=stream)

    assert refused.value.param == "messages.[2].role"
    assert refused.value.request_id is not None
