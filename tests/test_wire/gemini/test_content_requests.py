"""Requests of Gemini: what is understood of them, and what is refused in the service's words."""

import json
from typing import Any

import pytest

from mockserver.chat import Tool, ToolCall
from mockserver.wire.gemini.parse import GeminiRequest, parse
from mockserver.wire.gemini.signatures import signature_of
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Occasion
from mockserver.wire.refusal import Refused

FLASH = "/v1beta/models/gemini-2.5-flash:generateContent"
NEWEST = "/v1beta/models/gemini-3-pro-preview:generateContent"
WEATHER = {
    "name": "get_weather",
    "description": "The weather.",
    "parameters": {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING", "nullable": True}},
        "required": ["city"],
    },
}
OSLO = {"functionCall": {"name": "get_weather", "args": {"city": "Oslo"}}}
PARIS = {"functionCall": {"name": "get_weather", "args": {"city": "Paris"}}}


def user(*parts: Any) -> Any:
    return {"role": "user", "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def model(*parts: Any) -> Any:
    return {**user(*parts), "role": "model"}


def result(value: Any, name: str = "get_weather") -> Any:
    return {"functionResponse": {"name": name, "response": value}}


def read(data: Any, path: str = FLASH, query: str = "", *, strict: bool = True) -> GeminiRequest:
    occasion = Occasion(path, {}, Identity("", b""), query=query)
    return parse(json.dumps(data).encode(), strict=strict, occasion=occasion)


def refusal(data: Any, path: str = FLASH) -> str:
    with pytest.raises(Refused) as refused:
        read(data, path)
    assert refused.value.error.status == 400
    return refused.value.error.message


@pytest.mark.parametrize(
    ("path", "name", "streams"),
    [
        (FLASH, "gemini-2.5-flash", False),
        ("/v1/models/gemini-2.5-flash%3AstreamGenerateContent", "gemini-2.5-flash", True),
        ("/v1beta1/projects/p/locations/l/publishers/google/models/gemini-3:generateContent", "gemini-3", False),
        ("/v1beta/tunedModels/mine:generateContent", "tunedModels/mine", False),
    ],
)
def test_the_path_names_the_model_and_the_stream(path: str, name: str, streams: bool) -> None:
    request = read({"contents": [user("Hi")]}, path).request

    assert (request.model, request.stream, request.api) == (name, streams, "gemini")


def test_the_query_asks_for_events() -> None:
    asked = {"contents": [user("Hi")]}

    assert read(asked, query="key=k&alt=sse").sse
    assert not read(asked, query="key=k").sse


def test_names_of_fields_may_be_in_snake_case_but_for_the_application_s_own() -> None:
    tool = {"function_declarations": [{"name": "put", "parameters_json_schema": {"properties": {"my_key": {}}}}]}
    called = {"function_call": {"name": "put", "args": {"my_key": 1}}}
    told = {"function_response": {"name": "put", "response": {"my_key": 2}}}
    request = read({
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "contents": [user("Put it"), model(called), user(told)],
        "tools": [tool],
        "generation_config": {"max_output_tokens": 9},
    }).request  # fmt: skip

    assert request.tools == (Tool("put", "", {"properties": {"my_key": {}}}),)
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "tool"]
    assert request.messages[2].tool_calls[0].arguments == '{"my_key": 1}'
    assert request.messages[3].content == '{"my_key": 2}'
    assert request.options == {"max_tokens": 9}


def test_a_schema_becomes_json_schema() -> None:
    request = read({"contents": [user("Hi")], "tools": [{"functionDeclarations": [WEATHER]}]}).request

    assert request.tools[0].parameters == {
        "type": "object",
        "properties": {"city": {"type": ["string", "null"]}},
        "required": ["city"],
    }


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        (None, ("auto", None, False)),
        ({"mode": "VALIDATED"}, ("auto", None, False)),
        ({"mode": "NONE"}, ("none", None, False)),
        ({"mode": "ANY"}, ("required", None, False)),
        ({"mode": "any", "allowedFunctionNames": ["get_weather"]}, ("required", ("get_weather",), True)),
    ],
)
def test_the_mode_is_the_tool_choice(config: Any, choice: Any) -> None:
    asked = {"contents": [user("Hi")], "tools": [{"functionDeclarations": [WEATHER]}]}
    found = read({**asked, "toolConfig": {"functionCallingConfig": config}} if config else asked).request.tool_choice

    assert (found.mode, found.only, found.named) == choice


def test_model_contents_in_a_row_are_one_message_and_results_are_told_apart_by_order() -> None:
    told = user(result({"result": 4}), result({"error": "no"}))
    request = read({"contents": [user("Weather?"), model(OSLO, PARIS), model(""), told]}).request
    _, said, first, second = request.messages

    assert [call.arguments for call in said.tool_calls] == ['{"city": "Oslo"}', '{"city": "Paris"}']
    assert [first.tool_call_id, second.tool_call_id] == [call.id for call in said.tool_calls]
    assert (first.content, first.is_error, second.content, second.is_error) == ("4", False, "no", True)


def test_a_content_with_results_and_text_is_the_results_and_a_message() -> None:
    request = read({"contents": [user("Weather?"), model(OSLO), user(result({"result": 4}), "And now?")]}).request

    assert [message.role for message in request.messages] == ["user", "assistant", "tool", "user"]


def test_thoughts_come_back_with_their_signature() -> None:
    thought = {"text": "Hm.", "thought": True}
    signed = {**OSLO, "thoughtSignature": signature_of("Hm.")}
    message = read({"contents": [user("Weather?"), model(thought, signed), user(result({}))]}, NEWEST).request.messages[
        1
    ]

    assert message.thinking == "Hm."
    assert message.thinking is not None
    assert message.thinking.signature == signature_of("Hm.")
    assert message.tool_calls == (ToolCall("get_weather", '{"city": "Oslo"}', "call_1_0"),)


def test_a_schema_for_the_answer_is_a_response_format() -> None:
    config = {"responseMimeType": "application/json", "responseSchema": {"type": "OBJECT"}}
    request = read({"contents": [user("Hi")], "generationConfig": config}).request

    assert request.options["response_format"]["json_schema"]["schema"] == {"type": "object"}


SIGNED = "Function call is missing a thought_signature in functionCall parts."
COUNT = "Please ensure that the number of function response parts is equal to the number of function call parts"
JSON_CALLS = {
    "tools": [{"functionDeclarations": [WEATHER]}],
    "generationConfig": {"responseMimeType": "application/json"},
}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "* GenerateContentRequest.contents: contents is not specified\n"),
        ({"contents": [user("Hi")], "foo": 1}, 'Invalid JSON payload received. Unknown name "foo": Cannot find field.'),
        ({"contents": [{"role": "system", "parts": [{"text": "Hi"}]}]}, "Please use a valid role: user, model."),
        ({"contents": [model(OSLO)]}, "Please ensure that function call turn comes immediately after a user turn"),
        ({"contents": [user(result({}))]}, "Please ensure that function response turn comes immediately"),
        ({"contents": [user("Hi"), model(OSLO, PARIS), user(result({}))]}, COUNT),
        ({"contents": [user("Hi"), model(OSLO), user("Well?")]}, COUNT),
        ({"contents": [user("Hi")], **JSON_CALLS}, "Function calling with a response mime type: 'application/json' is"),
        ({"contents": [user("Hi")], "generationConfig": {"temperature": "hot"}}, "Invalid value at 'generation_con"),
        ({"contents": [user("Hi")], "tools": [{"functionDeclarations": [WEATHER, WEATHER]}]},
         "Duplicate function declaration found: get_weather"),
        ({"contents": [user("Hi")], "tools": [{"functionDeclarations": [{"name": "1st"}]}]},
         "* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name."),
        ({"contents": [user("Hi")], "tools": [{"functionDeclarations": [{"name": "a", "parameters": {"foo": 1}}]}]},
         "Invalid JSON payload received. Unknown name \"foo\" at 'tools[0].function_declarations[0].parameters'"),
        ({"contents": [user("Hi")], "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
         "Function calling config is set without function_declarations."),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_told_in_the_service_s_words(data: Any, text: str) -> None:
    assert refusal(data).startswith(text)


def test_the_newest_models_demand_the_signature_of_this_turn_s_calls() -> None:
    old = [user("Weather?"), model(OSLO), user(result({})), model("Cold.")]

    assert refusal({"contents": [user("Weather?"), model(OSLO), user(result({}))]}, NEWEST).startswith(SIGNED)
    changed = {**OSLO, "thoughtSignature": "AAAA"}
    assert (
        refusal({"contents": [user("Hi"), model(changed), user(result({}))]}, NEWEST) == "Corrupted thought signature."
    )
    assert len(read({"contents": [*old, user("Thanks")]}, NEWEST).request.messages) == 5
    assert len(read({"contents": old[:3]}, NEWEST, strict=False).request.messages) == 3


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"contents": [}', b"\xff"])
def test_what_is_not_an_object_is_refused_under_any_checks(body: bytes) -> None:
    occasion = Occasion(FLASH, {}, Identity("", b""))
    if body:
        with pytest.raises(Refused):
            parse(body, strict=False, occasion=occasion)
    else:
        assert parse(body, strict=False, occasion=occasion).request.messages == ()
