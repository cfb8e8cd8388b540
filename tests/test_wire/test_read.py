"""Requests as the API reads them, and as it refuses them."""

import json
from typing import Any

import pytest

from mockserver.chat import Message, Tool, ToolCall, ToolChoice
from mockserver.wire import Refused, read

ASK: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CALLED: dict[str, Any] = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
        {"id": "call_b", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
    ],
}


def body(**changes: Any) -> bytes:
    return json.dumps({key: value for key, value in {**ASK, **changes}.items() if value is not ...}).encode()


def result(call_id: str) -> dict[str, str]:
    return {"role": "tool", "tool_call_id": call_id, "content": "21"}


def refusal(raw: bytes) -> tuple[str, str | None, str | None]:
    with pytest.raises(Refused) as refused:
        read(raw)
    error = refused.value.error
    assert (error.status, error.type) == (400, "invalid_request_error")
    return error.message, error.param, error.code


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


def test_streaming_does_not_make_another_request_of_it() -> None:
    plain, streamed = read(body()), read(body(stream=True, stream_options={"include_usage": True}))

    assert plain.fingerprint == streamed.fingerprint != read(body(model="gpt-4")).fingerprint


@pytest.mark.parametrize(
    ("raw", "message", "param", "code"),
    [
        (b"{", "We could not parse the JSON body of your request. (HINT: ", None, None),
        (b"", "We could not parse the JSON body of your request. (HINT: ", None, None),
        (b"[]", "We could not parse the JSON body of your request. (HINT: ", None, None),
        (b'{"model": NaN}', "We could not parse the JSON body of your request. (HINT: ", None, None),
        (b"[" * 100_000, "We could not parse the JSON body of your request. (HINT: ", None, None),
        (body(model=...), "you must provide a model parameter", None, None),
        (body(model=7), "model parameter must be a string", None, None),
        (body(messages=...), "Missing required parameter: 'messages'.", "messages", "missing_required_parameter"),
        (body(foo=1), "Unrecognized request argument supplied: foo", None, None),
        (
            body(messages="hi"),
            "Invalid type for 'messages': expected an array of objects, but got a string instead.",
            "messages",
            "invalid_type",
        ),
        (
            body(messages=[]),
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "messages",
            "empty_array",
        ),
        (
            body(messages=[{"role": "robot", "content": "x"}]),
            "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
            "'developer'.",
            "messages[0].role",
            "invalid_value",
        ),
        (
            body(messages=[{"role": "user", "content": 7}]),
            "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer "
            "instead.",
            "messages[0].content",
            "invalid_type",
        ),
        (
            body(messages=[{"role": "user", "content": None}]),
            "Invalid value for 'content': expected a string, got null.",
            "messages[0].content",
            None,
        ),
        (
            body(temperature=200),
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 200 instead.",
            "temperature",
            "decimal_above_max_value",
        ),
        (
            body(temperature=2.5),
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
            "temperature",
            "decimal_above_max_value",
        ),
        (
            body(n=0),
            "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
            "n",
            "integer_below_min_value",
        ),
        (
            body(stream="yes"),
            "Invalid type for 'stream': expected a boolean, but got a string instead.",
            "stream",
            "invalid_type",
        ),
        (
            body(stream_options={"include_usage": True}),
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
            None,
        ),
        (
            body(tool_choice="auto"),
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
            "tool_choice",
            None,
        ),
        (
            body(tools=[WEATHER], tool_choice="always"),
            "Invalid value: 'always'. Supported values are: 'none', 'auto', and 'required'.",
            "tool_choice",
            "invalid_value",
        ),
        (
            body(tools=[WEATHER], tool_choice={"type": "function"}),
            "Missing required parameter: 'tool_choice.function'.",
            "tool_choice.function",
            "missing_required_parameter",
        ),
        (
            body(tools=[{"type": "function", "function": {"name": "get weather"}}]),
            "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the "
            "pattern '^[a-zA-Z0-9_-]+$'.",
            "tools[0].function.name",
            "invalid_value",
        ),
        (
            body(tools=[{"type": "function", "function": {"name": "x" * 71}}]),
            "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a "
            "string with length 71 instead.",
            "tools[0].function.name",
            "string_above_max_length",
        ),
        (
            body(tools=[WEATHER] * 150),
            "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length "
            "150 instead.",
            "tools",
            "array_above_max_length",
        ),
        (
            body(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "string"}}}]),
            "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got 'type: "
            '"string"\'.',
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            body(messages=[*ASK["messages"], result("call_a")]),
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
            "'tool_calls'.",
            "messages.[1].role",
            None,
        ),
        (
            body(messages=[*ASK["messages"], CALLED, result("call_a"), *ASK["messages"]]),
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: call_b",
            "messages.[3].role",
            None,
        ),
        (
            body(messages=[*ASK["messages"], CALLED]),
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: call_a, call_b",
            "messages.[2].role",
            None,
        ),
        (
            body(messages=[*ASK["messages"], CALLED, result("call_a"), result("call_a")]),
            "Invalid parameter: Duplicate value for 'tool_call_id' of 'call_a', in messages[2] and messages[3].",
            "messages.[3].tool_call_id",
            None,
        ),
    ],
)
def test_a_wrong_request_is_refused_in_the_words_of_the_api(
    raw: bytes, message: str, param: str | None, code: str | None
) -> None:
    said, about, kind = refusal(raw)

    assert said.startswith(message)
    assert (about, kind) == (param, code)


@pytest.mark.parametrize(
    "raw",
    [
        body(foo=1),
        body(messages=[]),
        body(messages=[{"role": "robot", "content": 7}]),
        body(messages="hi"),
        body(temperature=200, n=0, tool_choice="always", tools=[]),
        body(messages=[*ASK["messages"], result("call_a")], tools=[{"type": "widget"}, 7]),
    ],
)
def test_lenient_checks_answer_what_can_be_answered(raw: bytes) -> None:
    assert read(raw, strict=False).request.model == "gpt-4o"
