"""A request to the Responses API is read into the neutral request, or refused in the API's words."""

from typing import Any

import pytest

from mockserver.chat import ChatRequest, Message, Tool, ToolCall, ToolChoice
from mockserver.wire.dialect import Held
from mockserver.wire.refusal import Refused
from mockserver.wire.responses.encrypted_content import opened, sealed
from mockserver.wire.responses.parse import parse
from tests.test_wire.responses.requests import GREP, HELLO, SCHEMA, WEATHER, body, called, parsed, result


def request(**changes: Any) -> ChatRequest:
    return parsed(**changes).request


def test_a_string_is_a_message_of_the_user() -> None:
    assert request(instructions="Be brief.").messages == (Message("system", "Be brief."), Message("user", "Hello"))


def test_output_items_between_two_inputs_are_one_message_of_the_model() -> None:
    items = [
        HELLO,
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": sealed("Two calls.")},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Let me check."}]},
        called("call_1", id="fc_1", status="completed"),
        called("call_2"),
        result("call_1"),
        result("call_2", [{"type": "input_text", "text": "22"}, {"type": "input_text", "text": "C"}]),
        {"role": "developer", "content": "Now answer."},
    ]

    calls = (ToolCall("get_current_weather", "{}", "call_1"), ToolCall("get_current_weather", "{}", "call_2"))
    _, model, first, second, last = request(input=items).messages
    assert (model.role, model.content, model.tool_calls) == ("assistant", "Let me check.", calls)
    assert model.thinking == "Two calls."
    assert (first.role, first.tool_call_id, first.content) == ("tool", "call_1", "21")
    assert second.content == "22\nC"
    assert last == Message("developer", "Now answer.")


def test_tools_are_flat_and_hosted_ones_are_left_alone() -> None:
    grammar = {"type": "grammar", "syntax": "regex", "definition": "a+"}
    offered = [WEATHER, {**GREP, "format": grammar}, {"type": "web_search"}, {"type": "mcp", "server_label": "x"}]
    group = {"type": "namespace", "name": "more", "tools": [{**WEATHER, "name": "inner"}]}

    tools = request(tools=[*offered, group]).tools
    assert tools[0] == Tool("get_current_weather", "", SCHEMA)
    assert tools[1] == Tool("grep", kind="custom", format={"syntax": "regex", "definition": "a+"})
    assert [tool.name for tool in tools] == ["get_current_weather", "grep", "inner"]


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        (..., ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "name": "get_current_weather"}, ToolChoice("required", ("get_current_weather",), True)),
        ({"type": "custom", "name": "grep"}, ToolChoice("required", ("grep",), True)),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "grep"}]},
            ToolChoice("auto", ("grep",)),
        ),
        ({"type": "web_search"}, ToolChoice()),
    ],
    ids=["absent", "none", "required", "function", "custom", "allowed", "hosted"],
)
def test_every_form_of_tool_choice_is_read(given: Any, choice: ToolChoice) -> None:
    assert request(tools=[WEATHER, GREP, {"type": "web_search"}], tool_choice=given).tool_choice == choice


def test_options_have_the_names_of_chat_completions() -> None:
    form = {"type": "json_schema", "name": "n", "schema": {"type": "object"}}
    found = request(max_output_tokens=20, text={"format": form}, reasoning={"effort": "low"}, metadata={"a": "b"})

    assert found.options["max_completion_tokens"] == 20
    assert found.options["response_format"]["json_schema"] == {"name": "n", "schema": {"type": "object"}}
    assert found.options["reasoning_effort"] == "low"
    assert found.api == "responses"


def test_lenient_checks_answer_an_empty_body() -> None:
    assert parse(b"{}", strict=False).request.messages == ()


def test_what_a_request_leaves_to_the_server_is_told() -> None:
    assert parsed(previous_response_id="resp_1").held == Held("resp_1")
    assert parsed(conversation={"id": "conv_1"}).held == Held(None, "conv_1")
    assert parsed(input=[HELLO, {"type": "item_reference", "id": "msg_1"}]).held == Held()
    assert parsed().held is None


def test_sealed_thinking_opens_again_unless_it_was_changed() -> None:
    text = sealed("Ünd so – " * 50)

    assert text.startswith("gAAAAA")
    assert opened(text) == "Ünd so – " * 50
    assert opened(text[:-6] + "AAAAA=") is None
    assert opened("gAAAAABforeign") is None


NOT_IN_TOOLS = "Tool choice 'function' not found in 'tools' parameter."
ASSISTANT_PARTS = "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'."
ROWS: dict[str, tuple[dict[str, Any], str, str | None, str | None]] = {
    "no model": ({"model": ...}, "Missing required parameter: 'model'.", "model", "missing_required_parameter"),
    "no input": (
        {"input": ...},
        "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.",
        "input",
        "missing_required_parameter",
    ),
    "too few tokens": (
        {"max_output_tokens": 10},
        "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 10 instead.",
        "max_output_tokens",
        "integer_below_min_value",
    ),
    "a parameter of chat": ({"stop": "x"}, "Unknown parameter: 'stop'.", "stop", "unknown_parameter"),
    "a nested tool": (
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        "Missing required parameter: 'tools[0].name'.",
        "tools[0].name",
        "missing_required_parameter",
    ),
    "a nested choice": (
        {"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "get_current_weather"}}},
        NOT_IN_TOOLS,
        "tool_choice",
        None,
    ),
    "a role of chat": (
        {"input": [HELLO, {"role": "tool", "content": "21"}]},
        "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
        "input[1].role",
        "invalid_value",
    ),
    "a part of the user's": (
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "a"}]}]},
        ASSISTANT_PARTS,
        "input[0].content[0]",
        "invalid_value",
    ),
    "a call without a result": (
        {"input": [HELLO, called("call_a")]},
        "No tool output found for function call call_a.",
        "input",
        None,
    ),
    "a result without a call": (
        {"input": [HELLO, result("call_a")]},
        "No tool call found for function call output with call_id call_a.",
        "input",
        None,
    ),
    "a long id": (
        {"input": [HELLO, called("c" * 80), result("c" * 80)]},
        "Invalid 'input[1].call_id': string too long. Expected a string with maximum length 64, but got a string with "
        "length 80 instead.",
        "input[1].call_id",
        "string_above_max_length",
    ),
    "an id of another kind": (
        {"input": [HELLO, called("call_a", id="call_a"), result("call_a")]},
        "Invalid 'input[1].id': 'call_a'. Expected an ID that begins with 'fc'.",
        "input[1].id",
        "invalid_value",
    ),
    "reasoning at the end": (
        {"input": [HELLO, {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": sealed("a")}]},
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        "input",
        None,
    ),
    "changed reasoning": (
        {"input": [HELLO, {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAABchanged=="}]},
        "The encrypted content gAAA...ed== could not be verified.",
        None,
        "invalid_encrypted_content",
    ),
    "two conversations": (
        {"previous_response_id": "resp_1", "conversation": "conv_1"},
        "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'previous_response_id' or "
        "'conversation'.",
        None,
        "mutually_exclusive_parameters",
    ),
    "sampling of a reasoning model": (
        {"model": "o3", "temperature": 1},
        "Unsupported parameter: 'temperature' is not supported with this model.",
        "temperature",
        None,
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_mistake_is_refused_in_the_words_of_the_api(row: str) -> None:
    changes, message, param, code = ROWS[row]
    with pytest.raises(Refused) as refused:
        parse(body(**changes))

    error = refused.value.error
    assert (error.status, error.message, error.param, error.code) == (400, message, param, code)
    assert parse(body(**changes), strict=False).request.api == "responses"


@pytest.mark.parametrize(("key", "place"), [("messages", "input"), ("max_tokens", "max_output_tokens")])
def test_a_parameter_of_chat_that_moved_is_told_where(key: str, place: str) -> None:
    with pytest.raises(Refused, match=f"this parameter has moved to '{place}'"):
        parse(body(**{key: [] if key == "messages" else 5}))
