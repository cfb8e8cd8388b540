"""Requests as the API reads them, and as it refuses them."""

from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from mockserver.chat import Message, Tool, ToolCall, ToolChoice
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.chat_completions.parse import KNOWN, parse
from tests.requests import ASK, GREP, SCHEMA, WEATHER, body, called, result

CALLED = called("call_a", "call_b")


def test_a_request_is_understood() -> None:
    asked = parse(body(tools=[WEATHER], tool_choice="required", stream=True, temperature=0.5)).request

    assert asked.model == "gpt-4o"
    assert asked.messages == (Message("user", "Hello"),)
    assert asked.tools == (Tool("weather", parameters={"type": "object", "properties": {}}),)
    assert asked.tool_choice == ToolChoice("required")
    assert asked.stream
    assert asked.options == {"temperature": 0.5}


def test_a_history_with_calls_and_results_is_understood() -> None:
    messages = [*ASK["messages"], CALLED, result("call_b"), result("call_a")]

    asked = parse(body(messages=messages, tools=[WEATHER])).request

    assert asked.messages[1].tool_calls == (ToolCall("weather", "{}", "call_a"), ToolCall("weather", "{}", "call_b"))
    assert [message.tool_call_id for message in asked.results] == ["call_b", "call_a"]


def test_text_parts_are_joined_by_a_newline() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]

    assert parse(body(messages=[{"role": "user", "content": parts}])).request.user_text == "one\ntwo"


def test_what_an_sdk_sends_back_from_a_response_is_accepted() -> None:
    calls = [{**call, "index": 0} for call in CALLED["tool_calls"][:1]]
    said = {**CALLED, "tool_calls": calls, "refusal": None, "annotations": [], "audio": None, "function_call": None}

    assert parse(body(messages=[*ASK["messages"], said, result("call_a")], tools=[WEATHER])).request.results


@pytest.mark.parametrize("key", sorted(KNOWN - {"model", "messages"}))
def test_null_is_as_good_as_absent(key: str) -> None:
    given, absent = parse(body(**{key: None})), parse(body())

    assert given.request == absent.request
    assert given.fingerprint == absent.fingerprint


AT_ITS_BOUND: dict[str, tuple[Any, ...]] = {
    "temperature": (0, 2, 0.7),
    "top_p": (0, 1),
    "n": (1, 128),
    "stop": ("x", ["a"], list("abcd")),
    "max_tokens": (1, 16_384),
    "max_completion_tokens": (1, 16_384),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "logit_bias": ({}, {"50256": -100, "198": 100}),
    "seed": (0, -(2**63), 2**63 - 1),
    "user": ("u", ""),
    "safety_identifier": ("x" * 64,),
    "prompt_cache_key": ("k",),
    "metadata": ({str(number): "x" * 512 for number in range(16)}, {"k" * 64: "x"}),
    "store": (True, False),
    "modalities": (["text"],),
    "audio": ({"voice": "alloy", "format": "wav"},),
    "prediction": (
        {"type": "content", "content": "x"},
        {"type": "content", "content": [{"type": "text", "text": "x"}]},
    ),
    "response_format": (
        {"type": "text"},
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
    ),
    "web_search_options": ({}, {"search_context_size": "low", "user_location": {"type": "approximate"}}),
    "moderation": ({"model": "omni-moderation-latest"},),
    "stream_options": ({"include_usage": True, "include_obfuscation": False}, {}, {"include_usage": None}),
    "top_logprobs": (0, 20),
    "parallel_tool_calls": (True, False),
}


@pytest.mark.parametrize("key", AT_ITS_BOUND)
def test_a_value_just_within_its_bounds_is_taken(key: str) -> None:
    beside = {"stream": True, "logprobs": True, "tools": [WEATHER]}

    for value in AT_ITS_BOUND[key]:
        asked = parse(body(**beside, **{key: value})).request
        assert key == "parallel_tool_calls" or asked.options[key] == value


def test_every_parameter_of_the_sdk_and_each_of_its_words_is_taken() -> None:
    for key, kind in get_type_hints(CompletionCreateParamsBase).items():
        assert key in KNOWN
        words = [word for part in (kind, *get_args(kind)) if get_origin(part) is Literal for word in get_args(part)]
        for word in words if key in PARAMETERS else ():
            assert parse(body(**{key: word})).request.options[key] == word


MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief.", "name": "s"},
    {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
    {"role": "developer", "content": "Be brief.", "name": "d"},
    {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
    {"role": "user", "content": "Hello", "name": "u"},
    {"role": "user", "content": [{"type": "text", "text": "What is this?"},
                                 {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}]},
    {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}]},
    {"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]},
    {"role": "user", "content": ""},
    {"role": "assistant", "content": "Hi", "name": "a", "refusal": None, "annotations": [], "audio": None},
    {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
    {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    {"role": "assistant", "content": None, "refusal": "No."},
    {"role": "assistant", "refusal": "No."},
    {"role": "assistant", "audio": {"id": "audio_1"}},
    {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
    {"role": "function", "name": "f", "content": "21"},
    {"role": "function", "name": "f", "content": None},
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: "-".join(map(str, message)))
def test_each_role_takes_the_content_that_is_its_own(message: dict[str, Any]) -> None:
    asked = parse(body(messages=[message, *ASK["messages"]])).request

    assert asked.messages[0].role == message["role"]


def test_the_result_of_a_call_may_be_text_parts() -> None:
    parts = {**result("call_a"), "content": [{"type": "text", "text": "21"}, {"type": "text", "text": "degrees"}]}

    assert parse(body(messages=[*ASK["messages"], called("call_a"), parts])).request.results[0].content == "21\ndegrees"


def test_a_history_from_elsewhere_has_ids_of_its_own() -> None:
    messages = [*ASK["messages"], called("", "toolu_01/é 7"), result("toolu_01/é 7"), result("")]

    assert len(parse(body(messages=messages)).request.results) == 2


def test_a_later_turn_calls_again_and_may_use_an_id_again() -> None:
    turn = [called("call_a"), result("call_a")]

    assert len(parse(body(messages=[*ASK["messages"], *turn, *turn, *ASK["messages"], *turn])).request.messages) == 8


@pytest.mark.parametrize(
    ("given", "tools", "choice"),
    [
        (None, [WEATHER], ToolChoice("auto")),
        (None, None, ToolChoice("none")),
        ("auto", [WEATHER], ToolChoice("auto")),
        ("none", [WEATHER], ToolChoice("none")),
        ("required", [WEATHER], ToolChoice("required")),
    ],
)
def test_a_choice_is_one_of_three_words_and_has_a_default(given: Any, tools: Any, choice: ToolChoice) -> None:
    assert parse(body(tools=tools, tool_choice=given)).request.tool_choice == choice


def test_parallel_calls_are_allowed_unless_they_are_not_wanted() -> None:
    assert parse(body(tools=[WEATHER])).request.parallel_tool_calls
    assert not parse(body(tools=[WEATHER], parallel_tool_calls=False)).request.parallel_tool_calls


@pytest.mark.parametrize("format", [None, {"type": "text"}])
def test_a_custom_tool_without_a_grammar_takes_any_text(format: Any) -> None:
    custom = {"name": "grep", "format": format}

    assert parse(body(tools=[{"type": "custom", "custom": custom}])).request.tools == (Tool("grep", kind="custom"),)


def test_a_strict_tool_is_known_as_one() -> None:
    closed = {
        **SCHEMA,
        "properties": {"a": {"type": ["string", "null"]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    function = {"name": "f", "description": "F", "parameters": closed, "strict": True}

    asked = parse(body(tools=[{"type": "function", "function": function}])).request

    assert asked.tools == (Tool("f", "F", closed, strict=True),)


def test_as_many_tools_as_are_allowed() -> None:
    tools = [{"type": "function", "function": {"name": f"{number:x>64}"}} for number in range(128)]

    assert len(parse(body(tools=tools)).request.tools) == 128


def test_a_named_tool_choice_is_understood() -> None:
    choice = {"type": "function", "function": {"name": "weather"}}

    asked = parse(body(tools=[WEATHER], tool_choice=choice)).request

    assert asked.tool_choice == ToolChoice("required", ("weather",), named=True)


def test_a_custom_tool_may_be_named_too() -> None:
    asked = parse(body(tools=[GREP], tool_choice={"type": "custom", "custom": {"name": "grep"}})).request

    assert asked.tools == (Tool("grep", "Search with a pattern.", kind="custom"),)
    assert asked.tool_choice == ToolChoice("required", ("grep",), named=True)


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_allowed_tools_bound_the_choice(mode: Literal["auto", "required"]) -> None:
    allowed = {"mode": mode, "tools": [{"type": "function", "function": {"name": "weather"}}]}

    asked = parse(body(tools=[WEATHER, GREP], tool_choice={"type": "allowed_tools", "allowed_tools": allowed})).request

    assert asked.tool_choice == ToolChoice(mode, ("weather",))


def test_the_grammar_of_a_custom_tool_is_kept() -> None:
    grammar = {"syntax": "regex", "definition": "[a-z]+"}
    custom = {"name": "grep", "format": {"type": "grammar", "grammar": grammar}}

    assert parse(body(tools=[{"type": "custom", "custom": custom}])).request.tools[0].format == grammar


def test_functions_are_the_older_form_of_tools() -> None:
    functions = [{"name": "weather", "parameters": SCHEMA}]

    asked = parse(body(functions=functions, function_call={"name": "weather"})).request

    assert asked.legacy
    assert asked.tools == (Tool("weather", parameters=SCHEMA),)
    assert asked.tool_choice == ToolChoice("required", ("weather",), named=True)
    assert not asked.parallel_tool_calls


def test_a_function_call_of_the_history_is_a_call_without_an_id() -> None:
    said = {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}}
    messages = [*ASK["messages"], said, {"role": "function", "name": "weather", "content": "21"}]

    asked = parse(body(messages=messages, functions=[{"name": "weather"}])).request

    assert asked.messages[1].tool_calls == (ToolCall("weather", "{}"),)
    assert asked.results == (Message("function", "21", name="weather"),)


def test_a_custom_call_of_the_history_holds_its_input() -> None:
    custom = {"id": "call_a", "type": "custom", "custom": {"name": "grep", "input": "x+"}}
    said = {"role": "assistant", "content": None, "tool_calls": [custom]}

    asked = parse(body(messages=[*ASK["messages"], said, result("call_a")], tools=[GREP])).request

    assert asked.messages[1].tool_calls == (ToolCall("grep", "x+", "call_a", kind="custom"),)


def test_streaming_does_not_make_another_request_of_it() -> None:
    plain, streamed = parse(body()), parse(body(stream=True, stream_options={"include_usage": True}))

    assert plain.fingerprint == streamed.fingerprint != parse(body(model="gpt-4")).fingerprint


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
    assert parse(raw, strict=False).request.model == "gpt-4o"
