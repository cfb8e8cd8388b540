"""The official SDK parses every form of reply and stream that the wire has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai import APIError, BadRequestError, OpenAI
from pydantic import BaseModel

from mockserver import MockLLM, Reply, call

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
PARAMETERS: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION: Any = {"name": "weather", "description": "Weather of a city", "parameters": PARAMETERS}
WEATHER: Any = {"type": "function", "function": FUNCTION}
GREP: Any = {"type": "custom", "custom": {"name": "grep", "description": "Search the source code"}}


class Person(BaseModel):
    """What is extracted."""

    name: str
    age: int


@pytest.fixture
def client(llm: MockLLM) -> Iterator[OpenAI]:
    with OpenAI(base_url=llm.base_url, api_key=llm.api_key, max_retries=0) as opened:
        yield opened


def test_a_legacy_function_call_and_its_result(llm: MockLLM, client: OpenAI) -> None:
    llm.script(call("weather", city="Oslo"), "Cold in Oslo.")

    asked = client.chat.completions.create(model="gpt-4o", messages=HELLO, functions=[FUNCTION])
    made = asked.choices[0].message.function_call
    assert made is not None
    history = [*HELLO, asked.choices[0].message, {"role": "function", "name": made.name, "content": "3"}]
    told = client.chat.completions.create(model="gpt-4o", messages=history, functions=[FUNCTION])

    assert (made.name, json.loads(made.arguments)) == ("weather", {"city": "Oslo"})
    assert (asked.choices[0].finish_reason, asked.choices[0].message.tool_calls) == ("function_call", None)
    assert told.choices[0].message.content == "Cold in Oslo."


def test_a_streamed_legacy_function_call(llm: MockLLM, client: OpenAI) -> None:
    llm.script(call("weather", city="Oslo"))

    chunks = list(client.chat.completions.create(model="gpt-4o", messages=HELLO, functions=[FUNCTION], stream=True))

    pieces = [chunk.choices[0].delta.function_call for chunk in chunks]
    assert "".join(piece.name or "" for piece in pieces if piece) == "weather"
    assert json.loads("".join(piece.arguments or "" for piece in pieces if piece)) == {"city": "Oslo"}
    assert chunks[-1].choices[0].finish_reason == "function_call"


def test_a_custom_tool_call_and_its_result(llm: MockLLM, client: OpenAI) -> None:
    llm.script(call("grep", arguments="x+"), "Found it.")

    asked = client.chat.completions.create(model="gpt-4o", messages=HELLO, tools=[GREP])
    [made] = asked.choices[0].message.tool_calls or []
    result = {"role": "tool", "tool_call_id": made.id, "content": "main.py:3"}
    history: list[Any] = [*HELLO, asked.choices[0].message, result]
    told = client.chat.completions.create(model="gpt-4o", messages=history, tools=[GREP])

    assert made.type == "custom"
    assert (made.custom.name, made.custom.input) == ("grep", "x+")
    assert told.choices[0].message.content == "Found it."


def test_several_choices_with_log_probabilities(llm: MockLLM, client: OpenAI) -> None:
    llm.script("Good morning.")

    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, n=3, logprobs=True, top_logprobs=2)

    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    for choice in answer.choices:
        assert choice.logprobs is not None
        assert "".join(token.token for token in choice.logprobs.content or []) == "Good morning."


def test_a_parsed_answer_of_the_simulated_model(client: OpenAI) -> None:
    asked: list[Any] = [{"role": "user", "content": "Ada Lovelace is 36 years old."}]

    person = client.chat.completions.parse(model="gpt-4o", messages=asked, response_format=Person)

    assert person.choices[0].message.parsed == Person(name="Ada Lovelace", age=36)


def test_a_stream_of_everything(llm: MockLLM, client: OpenAI) -> None:
    llm.script(Reply("Let me look.", [call("weather", city=city) for city in ("Oslo", "Paris")]))
    options: Any = {"include_usage": True, "include_obfuscation": True}

    with client.chat.completions.stream(
        model="gpt-4o", messages=HELLO, tools=[WEATHER], stream_options=options, logprobs=True
    ) as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_completion()

    assert answer.choices[0].message.content == "Let me look."
    made = answer.choices[0].message.tool_calls or []
    assert [json.loads(one.function.arguments) for one in made] == [{"city": "Oslo"}, {"city": "Paris"}]
    assert kinds.count("tool_calls.function.arguments.done") == 2
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None


def test_a_refusal_plain_and_streamed(llm: MockLLM, client: OpenAI) -> None:
    llm.script(Reply(refusal="I will not."), Reply(refusal="I will not."))

    plain = client.chat.completions.create(model="gpt-4o", messages=HELLO).choices[0].message
    with client.chat.completions.stream(model="gpt-4o", messages=HELLO) as stream:
        streamed = stream.get_final_completion().choices[0].message

    assert (plain.refusal, plain.content) == (streamed.refusal, streamed.content) == ("I will not.", None)


def test_a_cut_answer_ends_with_length(llm: MockLLM, client: OpenAI) -> None:
    llm.script("one two three four five six")

    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, max_tokens=2)

    assert (answer.choices[0].message.content or "").rstrip() == "one two"
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 2


def test_an_error_in_the_midst_of_a_stream_is_raised(llm: MockLLM, client: OpenAI) -> None:
    llm.script(Reply("one two three", fault="error_event"))

    stream = client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)
    first = next(stream)
    with pytest.raises(APIError) as raised:
        list(stream)

    assert first.choices[0].delta.role == "assistant"
    assert raised.value.type == "server_error"


def test_an_error_found_before_the_stream_is_an_ordinary_one(llm: MockLLM, client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as raised:
        client.chat.completions.create(model="gpt-4o", messages=[], stream=True)

    assert raised.value.response.headers["content-type"] == "application/json"
    assert raised.value.status_code == 400


def test_the_choice_of_a_named_function_and_its_result(llm: MockLLM, client: OpenAI) -> None:
    named: Any = {"type": "function", "function": {"name": "weather"}}

    asked = client.chat.completions.create(model="gpt-4o", messages=HELLO, tools=[WEATHER], tool_choice=named)
    with client.chat.completions.stream(model="gpt-4o", messages=HELLO, tools=[WEATHER], tool_choice=named) as stream:
        streamed = stream.get_final_completion()

    for choice in (asked.choices[0], streamed.choices[0]):
        assert choice.finish_reason == "stop"
        assert [made.type for made in choice.message.tool_calls or []] == ["function"]


def test_a_legacy_call_that_is_demanded(llm: MockLLM, client: OpenAI) -> None:
    asked = client.chat.completions.create(
        model="gpt-4o", messages=HELLO, functions=[FUNCTION], function_call={"name": "weather"}
    )

    assert asked.choices[0].finish_reason == "stop"
    assert asked.choices[0].message.function_call is not None


def test_the_sdk_reads_the_id_of_the_request(llm: MockLLM, client: OpenAI) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO)

    assert (answer._request_id or "").startswith("req_")
