"""Requests as the API reads them, and as it refuses them."""

from typing import Literal

import pytest

from mockserver.chat import Message, Tool, ToolCall, ToolChoice
from mockserver.wire import read
from tests.requests import ASK, GREP, SCHEMA, WEATHER, body, called, result

CALLED = called("call_a", "call_b")


def test_a_request_is_understood() -> None:
    asked = read(body(tools=[WEATHER], tool_choice="required", stream=True, temperature=0.5)).request

    assert asked.model == "gpt-4o"
    assert asked.messages == (Message("user", "Hello"),)
    assert asked.tools == (Tool("weather", parameters={"type": "object", "properties": {}}),)
    assert asked.tool_choice == ToolChoice("required")
    assert asked.stream
    assert asked.options == {"temperature": 0.5}


def test_a_history_with_calls_and_results_is_understood() -> None:
    messages = [*ASK["messages"], CALLED, result("call_b"), result("call_a")]

    asked = read(body(messages=messages, tools=[WEATHER])).request

    assert asked.messages[1].tool_calls == (ToolCall("weather", "{}", "call_a"), ToolCall("weather", "{}", "call_b"))
    assert [message.tool_call_id for message in asked.results] == ["call_b", "call_a"]


def test_text_parts_are_joined_by_a_newline() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]

    assert read(body(messages=[{"role": "user", "content": parts}])).request.user_text == "one\ntwo"


def test_what_an_sdk_sends_back_from_a_response_is_accepted() -> None:
    calls = [{**call, "index": 0} for call in CALLED["tool_calls"][:1]]
    said = {**CALLED, "tool_calls": calls, "refusal": None, "annotations": [], "audio": None, "function_call": None}

    assert read(body(messages=[*ASK["messages"], said, result("call_a")], tools=[WEATHER])).request.results


def test_null_is_as_good_as_absent() -> None:
    absent = dict.fromkeys(["tools", "tool_choice", "n", "stop", "stream", "stream_options", "functions"])

    assert read(body(**absent)).request == read(body()).request


def test_a_named_tool_choice_is_understood() -> None:
    choice = {"type": "function", "function": {"name": "weather"}}

    asked = read(body(tools=[WEATHER], tool_choice=choice)).request

    assert asked.tool_choice == ToolChoice("required", ("weather",), named=True)


def test_a_custom_tool_may_be_named_too() -> None:
    asked = read(body(tools=[GREP], tool_choice={"type": "custom", "custom": {"name": "grep"}})).request

    assert asked.tools == (Tool("grep", "Search with a pattern.", kind="custom"),)
    assert asked.tool_choice == ToolChoice("required", ("grep",), named=True)


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_allowed_tools_bound_the_choice(mode: Literal["auto", "required"]) -> None:
    allowed = {"mode": mode, "tools": [{"type": "function", "function": {"name": "weather"}}]}

    asked = read(body(tools=[WEATHER, GREP], tool_choice={"type": "allowed_tools", "allowed_tools": allowed})).request

    assert asked.tool_choice == ToolChoice(mode, ("weather",))


def test_the_grammar_of_a_custom_tool_is_kept() -> None:
    grammar = {"syntax": "regex", "definition": "[a-z]+"}
    custom = {"name": "grep", "format": {"type": "grammar", "grammar": grammar}}

    assert read(body(tools=[{"type": "custom", "custom": custom}])).request.tools[0].format == grammar


def test_functions_are_the_older_form_of_tools() -> None:
    functions = [{"name": "weather", "parameters": SCHEMA}]

    asked = read(body(functions=functions, function_call={"name": "weather"})).request

    assert asked.legacy
    assert asked.tools == (Tool("weather", parameters=SCHEMA),)
    assert asked.tool_choice == ToolChoice("required", ("weather",), named=True)
    assert not asked.parallel_tool_calls


def test_a_function_call_of_the_history_is_a_call_without_an_id() -> None:
    said = {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}}
    messages = [*ASK["messages"], said, {"role": "function", "name": "weather", "content": "21"}]

    asked = read(body(messages=messages, functions=[{"name": "weather"}])).request

    assert asked.messages[1].tool_calls == (ToolCall("weather", "{}"),)
    assert asked.results == (Message("function", "21", name="weather"),)


def test_a_custom_call_of_the_history_holds_its_input() -> None:
    custom = {"id": "call_a", "type": "custom", "custom": {"name": "grep", "input": "x+"}}
    said = {"role": "assistant", "content": None, "tool_calls": [custom]}

    asked = read(body(messages=[*ASK["messages"], said, result("call_a")], tools=[GREP])).request

    assert asked.messages[1].tool_calls == (ToolCall("grep", "x+", "call_a", kind="custom"),)


def test_streaming_does_not_make_another_request_of_it() -> None:
    plain, streamed = read(body()), read(body(stream=True, stream_options={"include_usage": True}))

    assert plain.fingerprint == streamed.fingerprint != read(body(model="gpt-4")).fingerprint


@pytest.mark.parametrize(
    "raw",
    [
        body(foo=1),
        body(messages=[]),
        body(messages=[{"role": "robot", "content": 7}]),
        body(messages="hi"),
        body(temperature=200, n=0, tool_choice="always", tools=[]),
        body(functions=[{"name": "weather"}], tools=[WEATHER], max_tokens=0),
        body(messages=[*ASK["messages"], result("call_a")], tools=[{"type": "widget"}, 7]),
    ],
)
def test_lenient_checks_answer_what_can_be_answered(raw: bytes) -> None:
    assert read(raw, strict=False).request.model == "gpt-4o"
