"""Providers: errors, headers and answers as another service than OpenAI writes them."""

import re
from typing import Any

import pytest
from openai import AuthenticationError, OpenAI

from mockserver import MockLLM, refuse
from tests.test_server.conftest import HELLO, ParsedRequest, get, request, said

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"


def asked(llm: MockLLM, body: dict[str, Any] | None = None, **headers: str) -> ParsedRequest:
    return said(llm.base_url, request(body or HELLO, connection="close", **headers))


def test_an_answer_of_aimlapi_says_what_it_cost() -> None:
    with MockLLM(provider="aimlapi") as llm:
        llm.script("Hello.")
        heard = asked(llm, x_client_request_id="order-1")

    usage = heard.json["usage"]
    spent = 5 * usage["prompt_tokens"] + 20 * usage["completion_tokens"]
    assert heard.json["meta"] == {"usage": {"credits_used": spent, "usd_spent": round(spent * 5e-7, 9)}}
    assert heard.headers["x-aimlapi-credits-used"] == str(spent)
    assert heard.headers["x-aimlapi-usd-spent"] == f"{spent * 5e-7:.9f}"
    assert re.fullmatch(UUID, heard.headers["x-inference-id"])
    assert heard.headers["x-client-request-id"] == "order-1"
    assert not [name for name in heard.headers if name.startswith(("openai-", "x-ratelimit", "x-request-id"))]
    assert heard.headers["content-length"] == str(len(heard.body))


def test_a_stream_of_aimlapi_says_what_it_cost_in_its_last_chunk() -> None:
    with MockLLM() as llm:
        llm.script("Hello you.")
        with OpenAI(base_url=llm.base_url, api_key="k", default_headers={"x-mock-provider": "aimlapi"}) as client:
            chunks = list(client.chat.completions.create(**HELLO, stream=True))

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello you."
    assert [chunk.model_extra for chunk in chunks[:-1]] == [{}] * (len(chunks) - 1)
    assert (chunks[-1].model_extra or {})["meta"]["usage"]["credits_used"] > 0


@pytest.mark.parametrize("given", ["", "with blanks", "x" * 129, "ümlaut"])
def test_an_unsound_id_of_the_client_is_dropped(given: str) -> None:
    with MockLLM(provider="aimlapi") as llm:
        assert "x-client-request-id" not in asked(llm, x_client_request_id=given).headers


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"seed": 0}, "seed"),
        ({"top_p": 0.001}, "top_p"),
        ({"tools": [{"type": "function", "function": {"name": "now"}}]}, "tools[0].function.parameters"),
    ],
)
def test_the_narrower_bounds_of_aimlapi_are_kept(more: dict[str, Any], path: str) -> None:
    with MockLLM(provider="aimlapi") as llm:
        narrow, lenient = asked(llm, {**HELLO, **more}), asked(llm, {**HELLO, **more}, x_mock_checks="lenient")
        usual = asked(llm, {**HELLO, **more}, x_mock_provider="openai")

    assert narrow.status == 400
    assert narrow.json["message"].startswith(f"Body validation error!\n{path}: ")
    assert (lenient.status, usual.status) == (200, 200)


def test_the_parameter_provider_is_aimlapis_own() -> None:
    with MockLLM(provider="aimlapi") as llm:
        assert asked(llm, {**HELLO, "provider": "openai"}).status == 200
        assert asked(llm, {**HELLO, "provider": "openai"}, x_mock_provider="openai").status == 400


def test_errors_of_aimlapi_have_its_shape() -> None:
    with MockLLM(provider="aimlapi", require_key="right") as llm:
        heard = asked(llm)

    body = heard.json
    assert heard.status == 401
    assert list(body) == ["message", "path", "requestId", "statusCode", "timestamp"]
    assert body["message"].startswith("This request requires a valid API key. You can create a new API key on the ")
    assert body["path"] == "/v1/chat/completions"
    assert body["requestId"] == heard.headers["x-inference-id"]
    assert body["statusCode"] == "401"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])


def test_errors_of_aimlapi_still_raise_the_right_exception() -> None:
    with (
        MockLLM(provider="aimlapi", require_key="right") as llm,
        OpenAI(base_url=llm.base_url, api_key="k") as client,
        pytest.raises(AuthenticationError) as raised,
    ):
        client.chat.completions.create(**HELLO)

    assert (raised.value.code, raised.value.param) == (None, None)


def test_scripted_words_and_errors_of_the_mock_itself_stay_as_they_are() -> None:
    with MockLLM(provider="aimlapi", fallback="error") as llm:
        llm.script(refuse(429), refuse(500, message="My own words."))
        usual, own, unscripted = [asked(llm) for _ in range(3)]

    assert usual.json["message"] == "Too Many Requests"
    assert own.json["message"] == "My own words."
    assert unscripted.error["code"] == "unscripted_request"


def test_paths_that_are_not_served_are_said_in_the_way_of_the_provider_too() -> None:
    with MockLLM(provider="aimlapi") as llm:
        assert said(llm.base_url, get("/v1/foo")).json["path"] == "/v1/foo"


def test_the_models_of_aimlapi_need_no_key() -> None:
    with MockLLM(require_key=True) as llm:
        named = {"x_mock_provider": "aimlapi"}
        assert said(llm.base_url, get("/v1/models", **named)).status == 200
        assert said(llm.base_url, get("/v1/models/gpt-4o", **named)).status == 401
        assert said(llm.base_url, get("/v1/models")).status == 401


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with MockLLM() as llm:
        heard = asked(llm, x_mock_provider="aimlapy")

    assert heard.status == 400
    assert heard.error["message"].startswith("Invalid value: 'aimlapy'. Supported values are: 'openai'")


def test_what_a_provider_would_refuse_is_answered_leniently() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "ping", "arguments": "{}"}}
    said_before = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "pong"}
    body = {**HELLO, "messages": [*HELLO["messages"], said_before, result]}
    with MockLLM(provider="mistral", fallback="simulate") as llm:
        refused, answered = asked(llm, body), asked(llm, body, x_mock_checks="lenient")

    assert (refused.status, refused.json["message"][:12]) == (400, "Tool call id")
    assert answered.status == 200
