"""Anthropic's own SDK, unmodified: messages, the stream helper, the tool runner, errors, and recordings."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, Reply, call, refuse
from mockserver.server.proxy import recording
from mockserver.server.thread import Host
from tests.sdk_clients import kept

anthropic: Any = pytest.importorskip("anthropic")

MODEL = "claude-opus-5-5"
QUESTION = "Temperature of New York, San Francisco, and Chicago?"
CITIES = ("New York, NY", "San Francisco, CA", "Chicago, IL")
SUMMARY = "Mild in New York, cool in San Francisco, windy in Chicago."
TOOL = {
    "name": "get_current_weather",
    "description": "Get the current weather in a given location",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["location"],
    },
}
CALLS = [call("get_current_weather", location=city) for city in CITIES]


@pytest.fixture
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


def client(url: str, **more: Any) -> Any:
    return kept(anthropic.Anthropic(base_url=url.removesuffix("/v1"), api_key="mock", **more))


def asked(sdk: Any, messages: list[Any], *, stream: bool, **more: Any) -> Any:
    """One message, plain or through the stream helper."""
    wanted = {"model": MODEL, "max_tokens": 1024, "messages": messages, "tools": [TOOL], **more}
    if not stream:
        return sdk.messages.create(**wanted)
    with sdk.messages.stream(**wanted) as events:
        return events.get_final_message()


def four_steps(url: str, *, stream: bool, **more: Any) -> list[Any]:
    """The question, three parallel calls, a local function, the summary."""
    sdk = client(url)
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    first = asked(sdk, messages, stream=stream, **more)
    uses = [block for block in first.content if block.type == "tool_use"]
    results = [
        {"type": "tool_result", "tool_use_id": use.id, "content": json.dumps({"location": use.input["location"]})}
        for use in uses
    ]
    content = [block.model_dump(exclude_none=True, exclude={"parsed_output"}) for block in first.content]
    messages += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]
    return [first, asked(sdk, messages, stream=stream, **more)]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_the_four_steps_with_three_parallel_calls(llm: MockLLM, stream: bool) -> None:
    llm.script(CALLS, SUMMARY)

    first, last = four_steps(llm.base_url, stream=stream)

    assert [block.input["location"] for block in first.content] == list(CITIES)
    assert (first.stop_reason, last.stop_reason, last.content[0].text) == ("tool_use", "end_turn", SUMMARY)
    llm.verify()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_the_simulated_model_answers_the_four_steps(llm: MockLLM, stream: bool) -> None:
    first, last = four_steps(llm.base_url, stream=stream)

    assert len(first.content) == 3
    assert "New York" in last.content[0].text


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_the_simulated_model_thinks_where_it_is_asked_to(llm: MockLLM, stream: bool) -> None:
    first, last = four_steps(llm.base_url, stream=stream, thinking={"type": "adaptive"})

    assert first.content[0].thinking == "I need get_current_weather for this."
    assert last.content[0].thinking == "The results are in, and I can sum them up."


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_thinking_goes_out_and_comes_back(llm: MockLLM, stream: bool) -> None:
    llm.script(Reply("Let me see.", CALLS, thinking="Three cities."), Reply(SUMMARY, thinking="I know all."))

    first, last = four_steps(llm.base_url, stream=stream, thinking={"type": "adaptive"})

    assert [block.type for block in first.content] == ["thinking", "text", *["tool_use"] * 3]
    assert last.content[0].thinking == "I know all."
    assert llm.journal[1].request is not None
    assert llm.journal[1].request.messages[1].thinking == "Three cities."


def test_the_tool_runner_goes_on_without_a_thread(llm: MockLLM) -> None:
    llm.script(CALLS, SUMMARY)
    llm.allow("protocol")
    seen: list[str] = []

    def get_current_weather(location: str) -> str:
        """Get the current weather in a given location.

        Args:
            location: The city and state.
        """
        seen.append(location)
        return "21"

    runnable = anthropic.beta_tool(get_current_weather)
    runner = client(llm.base_url).beta.messages.tool_runner(
        model=MODEL,
        max_tokens=1024,
        tools=[runnable],
        messages=[{"role": "user", "content": QUESTION}],
    )
    last = runner.until_done()

    assert (sorted(seen), last.content[0].text) == (sorted(CITIES), SUMMARY)


def test_an_overloaded_service_is_tried_again(llm: MockLLM) -> None:
    llm.script(refuse(529), refuse(429, retry_after=0), "Hello.")

    message = asked(client(llm.base_url, max_retries=2), [{"role": "user", "content": "Hi"}], stream=False)

    assert message.content[0].text == "Hello."
    assert [getattr(exchange.reply, "status", 200) for exchange in llm.journal] == [529, 429, 200]


def test_an_error_of_ours_is_raised_at_once_with_its_words(llm: MockLLM) -> None:
    llm.when(user_says="something else").reply("x")
    llm.allow("unscripted")

    with pytest.raises(anthropic.UnprocessableEntityError, match="Nothing is scripted for this request"):
        asked(client(llm.base_url), [{"role": "user", "content": "Hi"}], stream=True)
    assert len(llm.journal) == 1


def test_an_error_in_the_middle_of_a_stream_is_raised(llm: MockLLM) -> None:
    llm.script("One two three four five.")
    llm.fault("error_event", message="Overloaded")

    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        asked(client(llm.base_url), [{"role": "user", "content": "Hi"}], stream=True)


def test_tokens_and_models(llm: MockLLM) -> None:
    sdk = client(llm.base_url)

    assert sdk.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "Hi"}]).input_tokens > 0
    assert MODEL in [model.id for model in sdk.models.list()]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_a_session_is_recorded_and_replayed(llm: MockLLM, tmp_path: Path, stream: bool) -> None:
    llm.script(Reply("Let me see.", CALLS, thinking="Three cities."), SUMMARY)
    host, file = Host(), tmp_path / "session.yaml"
    thinking = {"type": "adaptive"}
    try:
        with recording(host, llm.base_url.removesuffix("/v1"), file):
            recorded = four_steps(host.url, stream=stream, thinking=thinking)
    finally:
        host.close()

    with MockLLM(file) as replay:
        again = four_steps(replay.base_url, stream=stream, thinking=thinking)

    assert [message.content for message in again] == [message.content for message in recorded]
    assert "api: messages" in file.read_text()
    assert "raw" not in file.read_text()


def test_one_scenario_says_the_same_in_both_apis(llm: MockLLM) -> None:
    openai: Any = pytest.importorskip("openai")
    llm.when(user_says="temperature").reply(CALLS)
    llm.allow("protocol")
    function = {"name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["input_schema"]}

    message = asked(client(llm.base_url), [{"role": "user", "content": QUESTION}], stream=False)
    completion = kept(openai.OpenAI(base_url=llm.base_url, api_key="mock")).chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": QUESTION}],
        tools=[{"type": "function", "function": function}],
    )

    said = [
        (each.function.name, json.loads(each.function.arguments)) for each in completion.choices[0].message.tool_calls
    ]
    assert [(block.name, block.input) for block in message.content] == said


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_a_recording_of_messages_answers_chat_completions(llm: MockLLM, tmp_path: Path, stream: bool) -> None:
    openai: Any = pytest.importorskip("openai")
    llm.script(Reply("Let me see.", CALLS, thinking="Three cities."))
    llm.allow("protocol")
    host, file = Host(), tmp_path / "session.yaml"
    try:
        with recording(host, llm.base_url.removesuffix("/v1"), file):
            asked(client(host.url), [{"role": "user", "content": QUESTION}], stream=stream)
    finally:
        host.close()

    function = {"name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["input_schema"]}
    with MockLLM(file, provider="deepseek") as replay:
        replay.allow("protocol")
        completion = kept(openai.OpenAI(base_url=replay.base_url, api_key="mock")).chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": QUESTION}],
            tools=[{"type": "function", "function": function}],
        )

    message = completion.choices[0].message
    assert [json.loads(each.function.arguments)["location"] for each in message.tool_calls] == list(CITIES)
    assert (message.content, completion.choices[0].finish_reason) == ("Let me see.", "tool_calls")
