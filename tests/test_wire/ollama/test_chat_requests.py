"""Requests of Ollama: what is understood of them, and what is refused in the server's words."""

import json
from typing import Any

import pytest

from mockserver.chat import ChatRequest
from mockserver.wire.identity import Identity
from mockserver.wire.ollama.parse import parse
from mockserver.wire.provider import Occasion
from mockserver.wire.refusal import Refused

CHAT, GENERATE = "/api/chat", "/api/generate"
HI = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


def read(data: Any, path: str = CHAT, *, strict: bool = True) -> ChatRequest:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return parse(body, strict=strict, occasion=Occasion(path, {}, Identity("", b""))).request


def refusal(data: Any, path: str = CHAT) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        read(data, path)
    return refused.value.error.status, refused.value.error.message


def test_it_streams_unless_told_otherwise() -> None:
    assert read({"model": "m", "messages": [HI]}).stream
    assert not read({"model": "m", "messages": [HI], "stream": False}).stream


def test_results_without_an_id_belong_to_calls_by_name_and_order() -> None:
    calls = [{"function": {"name": name, "arguments": {"n": number}}} for number, name in enumerate("aba")]
    results = [
        {"role": "tool", "content": text, "tool_name": name} for text, name in (("0", "a"), ("1", "b"), ("2", "a"))
    ]
    request = read(
        {"model": "m", "messages": [HI, {"role": "assistant", "content": "", "tool_calls": calls}, *results]}
    )
    _, said, *told = request.messages

    assert said.content is None
    assert {result.tool_call_id: result.content for result in told} == {
        call.id: str(json.loads(call.arguments)["n"]) for call in said.tool_calls
    }


def test_options_have_chat_completions_words() -> None:
    options = {"num_predict": 5, "stop": ["x"], "temperature": 0.5, "top_k": 3, "num_ctx": None}
    request = read({"model": "m", "messages": [HI], "options": options, "think": True, "format": {"type": "object"}})

    assert request.options["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert {key: request.options[key] for key in ("max_tokens", "stop", "temperature", "top_k", "think")} == {
        "max_tokens": 5, "stop": ["x"], "temperature": 0.5, "top_k": 3, "think": True,
    }  # fmt: skip


def test_a_prompt_is_a_conversation_of_one_message() -> None:
    request = read({"model": "m", "prompt": "Why?", "system": "Be brief.", "images": ["aGk="]}, GENERATE)

    assert [(message.role, message.content) for message in request.messages] == [
        ("system", "Be brief."),
        ("user", "Why?"),
    ]
    assert request.messages[1].parts[1]["image_url"]["url"] == "data:image/png;base64,aGk="


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        (b"", 400, "missing request body"),
        (b"{", 400, "unexpected EOF"),
        (b"{'a': 1}", 400, "invalid character '\\'' looking for beginning of object key string"),
        (b"[]", 400, "json: cannot unmarshal array into Go value of type api.ChatRequest"),
        ({}, 400, "model is required"),
        ({"model": "m", "messages": [{"role": "user", "content": []}]}, 400,
         "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string"),
        ({"model": "m", "messages": [HI], "think": "x"}, 400,
         'invalid think value: "x" (must be "high", "medium", "low", "max", true, or false)'),
        ({"model": "m", "messages": [HI], "options": {"num_ctx": "big"}}, 500,
         'option "num_ctx" must be of type integer'),
        ({"model": "m", "messages": [HI], "keep_alive": "x"}, 400, 'time: invalid duration "x"'),
        ({"model": "m", "messages": [HI], "keep_alive": True}, 400, "Unsupported type: 'bool'"),
        ({"model": "m", "messages": [HI], "format": "xml"}, 500,
         'invalid format: "xml"; expected "json" or a valid JSON Schema object'),
        ({"model": "o1-mini", "messages": [HI], "tools": [TOOL]}, 400,
         "registry.ollama.ai/library/o1-mini:latest does not support tools"),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_told_in_the_server_s_words(data: Any, status: int, text: str) -> None:
    assert refusal(data) == (status, text)


def test_a_prompt_without_a_model_is_not_found() -> None:
    assert refusal({"prompt": "Hi"}, GENERATE) == (404, "model '' not found")
    raw = {"model": "m", "prompt": "Hi", "raw": True, "system": "x"}
    assert refusal(raw, GENERATE) == (400, "raw mode does not support template, system, or context")


def test_lenient_checks_take_what_can_be_answered() -> None:
    odd = {
        "model": "m",
        "messages": [{"role": "user", "content": []}, 7, {"tool_calls": 3}],
        "options": 3,
        "tools": [1],
    }

    assert read(odd, strict=False).model == "m"
