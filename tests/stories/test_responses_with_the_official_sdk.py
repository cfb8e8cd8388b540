"""The seed's four steps over the Responses API, with OpenAI's SDK and its agents SDK, both unmodified."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from openai import APIError, BadRequestError, OpenAI
from openai.types.responses import Response
from pydantic import BaseModel

from mockserver import MockLLM, Reply, call, refuse
from mockserver.server.proxy import recording
from mockserver.server.thread import Host
from tests.sdk_clients import kept

APPLICATION = Path(__file__).with_name("agents_application.py")
AGENTS = os.environ.get("AGENTS_PYTHON") or (sys.executable if find_spec("agents") is not None else None)
"""The Python of an environment with `openai-agents`; without one its stories are skipped."""

MODEL: Any = "gpt-4o"
QUESTION = "Temperature of New York, San Francisco, and Chicago?"
CITIES = ("New York, NY", "San Francisco, CA", "Chicago, IL")
SUMMARY = "Mild in New York, cool in San Francisco, windy in Chicago."
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
    "required": ["location"],
}
FUNCTION = {"name": "get_current_weather", "description": "Get the current weather", "parameters": SCHEMA}
TOOLS: Any = [{"type": "function", **FUNCTION, "strict": False}]


def client(llm: MockLLM, **more: Any) -> OpenAI:
    return kept(OpenAI(base_url=llm.base_url, api_key=llm.api_key, **more))


def asked(sdk: OpenAI, *, stream: bool, **wanted: Any) -> Response:
    """One response, plain or through the stream helper."""
    asking: dict[str, Any] = {"model": MODEL, "tools": TOOLS, **wanted}
    if not stream:
        plain: Response = sdk.responses.create(**asking)
        return plain
    with sdk.responses.stream(**asking) as events:
        for _ in events:
            pass
        final: Response = events.get_final_response()
        return final


def results(response: Response) -> list[Any]:
    """The outputs of a local function, for each call."""
    return [
        {
            "type": "function_call_output",
            "call_id": item.call_id,
            "output": json.dumps({"location": json.loads(item.arguments)["location"], "temperature": 21}),
        }
        for item in response.output
        if item.type == "function_call"
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("way", ["whole history", "previous_response_id"])
def test_the_four_steps_with_three_parallel_calls(llm: MockLLM, way: str, stream: bool) -> None:
    llm.script([call("get_current_weather", location=city) for city in CITIES], SUMMARY)
    sdk = client(llm)
    question: Any = [{"role": "user", "content": QUESTION}]

    first = asked(sdk, stream=stream, input=question)
    answers = results(first)
    if way == "whole history":
        history = [*question, *[item.model_dump(exclude_none=True) for item in first.output], *answers]
        second = asked(sdk, stream=stream, input=history)
    else:
        second = asked(sdk, stream=stream, input=answers, previous_response_id=first.id)

    assert [json.loads(one["output"])["location"] for one in answers] == [*CITIES]
    assert len({one["call_id"] for one in answers}) == 3
    assert second.output_text == SUMMARY
    assert second.usage is not None


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_the_simulated_model_says_the_same_as_over_chat_completions(stream: bool) -> None:
    with MockLLM() as llm:
        sdk = client(llm)
        tools: Any = [{"type": "function", "function": FUNCTION}]
        chat = sdk.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}], tools=tools)
        response = asked(sdk, stream=stream, input=QUESTION)

        calls: Any = chat.choices[0].message.tool_calls
        said = [(one.function.name, one.function.arguments) for one in calls]
        assert len(said) == 3
        assert [(one.name, one.arguments) for one in response.output if one.type == "function_call"] == said
        again = asked(sdk, stream=stream, input=results(response), previous_response_id=response.id)
        history: Any = [{"role": "user", "content": QUESTION}, chat.choices[0].message.model_dump(exclude_none=True)]
        history += [
            {"role": "tool", "tool_call_id": one.id, "content": result["output"]}
            for one, result in zip(calls, results(response), strict=True)
        ]
        summary = sdk.chat.completions.create(model=MODEL, messages=history, tools=tools)
        assert again.output_text == summary.choices[0].message.content


class Weather(BaseModel):
    city: str
    unit: Literal["celsius", "fahrenheit"]


def test_an_answer_is_parsed_into_a_class(llm: MockLLM) -> None:
    llm.script('{"city": "Oslo", "unit": "celsius"}')
    parsed = client(llm).responses.parse(model=MODEL, input="The weather?", text_format=Weather)

    assert parsed.output_parsed == Weather(city="Oslo", unit="celsius")


def test_thinking_is_a_reasoning_item_that_comes_back(llm: MockLLM) -> None:
    llm.script(Reply("Done.", thinking="Two and two."), "Again.")
    sdk = client(llm)
    asking: Any = {"model": "gpt-5", "store": False, "include": ["reasoning.encrypted_content"]}
    first = sdk.responses.create(input="Hello", reasoning={"summary": "auto"}, **asking)
    assert first.output[0].type == "reasoning"
    assert first.output[0].summary[0].text == "Two and two."

    items: Any = [item.model_dump(exclude_none=True) for item in first.output]
    sdk.responses.create(
        input=[{"role": "user", "content": "Hello"}, *items, {"role": "user", "content": "?"}], **asking
    )
    request = llm.journal[1].request
    assert request is not None
    assert request.messages[1].thinking == "Two and two."


def test_a_cut_answer_is_incomplete(llm: MockLLM) -> None:
    llm.script("word " * 40)
    response = client(llm).responses.create(model=MODEL, input="Hello", max_output_tokens=16)

    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


def test_errors_are_those_of_the_api(llm: MockLLM) -> None:
    llm.script(refuse(429, retry_after=0), "Fine.")
    assert client(llm, max_retries=1).responses.create(model=MODEL, input="Hello").output_text == "Fine."
    with pytest.raises(BadRequestError, match="this parameter has moved to 'input'"):
        client(llm).responses.create(model=MODEL, extra_body={"messages": []})


def test_an_error_within_a_stream_is_raised(llm: MockLLM) -> None:
    llm.script("One two three four.")
    llm.fault("error_event")
    with pytest.raises(APIError, match="The server had an error"):
        for _ in client(llm, max_retries=0).responses.create(model=MODEL, input="Hello", stream=True):
            pass


@pytest.mark.skipif(AGENTS is None, reason="needs openai-agents: set AGENTS_PYTHON to the Python of its environment")
@pytest.mark.parametrize("way", ["plain", "stream", "chain"])
def test_the_agents_sdk_with_its_defaults(llm: MockLLM, way: str) -> None:
    llm.script([call("get_current_weather", location=city) for city in CITIES], SUMMARY)
    environment = {**os.environ, **llm.env}
    command = [str(AGENTS), str(APPLICATION), way]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert (ran.returncode, ran.stdout) == (0, f"{SUMMARY}\n"), ran.stderr
    assert [exchange.api for exchange in llm.journal] == ["responses", "responses"]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("way", ["whole history", "previous_response_id"])
def test_a_session_is_recorded_and_replayed(llm: MockLLM, tmp_path: Path, way: str, stream: bool) -> None:
    llm.script([call("get_current_weather", location=city) for city in CITIES], SUMMARY)
    host, file = Host(), tmp_path / "session.yaml"
    try:
        with recording(host, llm.base_url.removesuffix("/v1"), file), OpenAI(base_url=host.url, api_key="any") as sdk:
            recorded = both(sdk, way, stream=stream)
    finally:
        host.close()
    with MockLLM(file, fallback="error") as replay, client(replay) as sdk:
        again = both(sdk, way, stream=stream)

    assert [said(one) for one in again] == [said(one) for one in recorded]
    assert [exchange.match for exchange in replay.journal] == ["recording:session#turn1", "recording:session#turn2"]
    assert "api: responses" in file.read_text()


def both(sdk: OpenAI, way: str, *, stream: bool) -> list[Response]:
    """The two responses of the four steps."""
    question: Any = [{"role": "user", "content": QUESTION}]
    first = asked(sdk, stream=stream, input=question)
    if way == "previous_response_id":
        return [first, asked(sdk, stream=stream, input=results(first), previous_response_id=first.id)]
    history = [*question, *[item.model_dump(exclude_none=True) for item in first.output], *results(first)]
    return [first, asked(sdk, stream=stream, input=history)]


def said(response: Response) -> Any:
    """What a response says, without ids."""
    output = [item.model_dump(exclude={"id", "call_id"}) for item in response.output]
    return output, response.status, response.usage
