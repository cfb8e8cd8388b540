"""Anthropic's API over HTTP: keys, tokens, models, limits, errors and settings, each in its shape."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM, Reply, call
from tests.test_wire.messages.message_requests import HELLO, MODEL, WEATHER, body

VERSION = {"anthropic-version": "2026-10-21"}


class Got(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


def ask(
    llm: MockLLM, path: str = "/v1/messages", data: bytes | None = None, method: str = "POST", **headers: str
) -> Got:
    named = {
        "content-type": "application/json",
        **VERSION,
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }
    connection = HTTPConnection(urlsplit(llm.base_url).netloc)
    connection.request(method, path, (data or body()) if method == "POST" else None, named)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    is_json = response.headers["content-type"] == "application/json"
    return Got(
        response.status, json.loads(text) if is_json else text, {k.lower(): v for k, v in response.headers.items()}
    )


@pytest.fixture
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


@pytest.mark.parametrize(
    "path", ["/v1/messages", "/messages", "/v1/messages?beta=true", "/api/v1/messages", "/v1/v1/messages"]
)
def test_messages_are_served_behind_every_prefix(llm: MockLLM, path: str) -> None:
    llm.script("Hello there.")

    got = ask(llm, path)
    assert (got.status, got.body["content"][0]["text"]) == (200, "Hello there.")
    assert got.headers["x-mock-match"] == "script#turn1"
    assert got.headers["request-id"].startswith("req_011C")
    assert "openai-version" not in got.headers
    assert llm.journal[0].api == "messages"


def test_a_key_is_wanted_in_the_words_of_the_api() -> None:
    with MockLLM(require_key="right") as llm:
        missing, wrong, right = ask(llm), ask(llm, x_api_key="wrong"), ask(llm, x_api_key="right")

    assert (missing.status, missing.body["error"]) == (
        401, {"type": "authentication_error", "message": "x-api-key header is required"},
    )  # fmt: skip
    assert wrong.body["error"]["message"] == "invalid x-api-key"
    assert wrong.body["request_id"] == wrong.headers["request-id"]
    assert right.status == 200


def test_only_known_models_are_served_where_that_was_chosen() -> None:
    with MockLLM(known_models_only=True) as llm:
        got = ask(llm, data=body(model="claude-none"))

    assert (got.status, got.body["error"]) == (404, {"type": "not_found_error", "message": "model: claude-none"})


def test_a_limit_is_told_in_the_words_of_the_api() -> None:
    with MockLLM(rpm=1) as llm:
        first, second = ask(llm), ask(llm)

    assert first.headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert (second.status, second.body["error"]["type"]) == (429, "rate_limit_error")
    assert "This request would exceed" in second.body["error"]["message"]
    assert int(second.headers["retry-after"]) > 0


def test_a_foreign_host_is_refused_in_the_words_of_the_api(llm: MockLLM) -> None:
    got = ask(llm, host="evil.example")

    assert (got.status, got.body["error"]["type"]) == (403, "permission_error")
    assert got.body["error"]["details"]["error_code"] == "host_not_allowed"


def test_nothing_scripted_is_told_in_the_shape_of_the_api(llm: MockLLM) -> None:
    llm.when(user_says="nothing of the kind").reply("x")
    llm.allow("unscripted")

    got = ask(llm, data=body(stream=True))
    assert (got.status, got.headers["x-should-retry"], got.body["type"]) == (422, "false", "error")
    assert (got.body["error"]["type"], got.body["error"]["code"]) == ("mock_error", "unscripted_request")
    assert got.body["error"]["near_misses"]


def test_tokens_are_counted(llm: MockLLM) -> None:
    counted = ask(llm, "/v1/messages/count_tokens", body(max_tokens=..., tools=[WEATHER]))
    answered = ask(llm, data=body(tools=[WEATHER]))

    assert counted.body == {"input_tokens": answered.body["usage"]["input_tokens"]}
    assert (
        ask(llm, "/v1/messages/count_tokens").body["error"]["message"] == "max_tokens: Extra inputs are not permitted"
    )


def test_models_are_listed_in_the_shape_of_who_asks(llm: MockLLM) -> None:
    listed = ask(llm, "/v1/models?limit=3", method="GET").body
    after = ask(llm, f"/v1/models?after_id={listed['last_id']}&limit=1000", method="GET").body

    assert [len(listed["data"]), listed["has_more"], listed["first_id"]] == [3, True, listed["data"][0]["id"]]
    assert after["has_more"] is False
    assert all(model["lifecycle"] == "active" for model in after["data"])
    assert ask(llm, f"/v1/models/{MODEL}", method="GET").body["id"] == MODEL
    assert ask(llm, "/v1/models?limit=0", method="GET").body["error"]["type"] == "invalid_request_error"


def test_lenient_checks_are_taken_from_a_header(llm: MockLLM) -> None:
    llm.script("Hi.")

    assert ask(llm, data=body(foo=1), x_mock_checks="lenient").status == 200
    strict = ask(llm, data=body(foo=1))
    assert (strict.status, strict.headers["x-mock-hint"]) == (400, "--checks lenient")


def test_a_fault_is_named_in_a_header(llm: MockLLM) -> None:
    llm.script(call("get_current_weather", location="Oslo"))
    llm.allow("protocol")

    got = ask(llm, data=body(tools=[WEATHER]), x_mock_fault="missing_id")
    assert got.headers["x-mock-fault"] == "missing_id"
    assert "id" not in got.body["content"][0]


def test_an_error_turn_is_said_and_the_service_overloaded(llm: MockLLM) -> None:
    llm.script("Hi.")

    got = ask(llm, x_mock_fault="http_status:status=529")
    assert (got.status, got.body["error"]) == (529, {"type": "overloaded_error", "message": "Overloaded"})


def test_sessions_go_by_the_key(llm: MockLLM) -> None:
    llm.script(Reply("First."), Reply("Second."))

    assert [ask(llm, x_api_key=key).body["content"][0]["text"] for key in ("a", "b", "a")] == [
        "First.",
        "First.",
        "Second.",
    ]


def test_a_path_beside_it_is_not_served(llm: MockLLM) -> None:
    got = ask(llm, "/v1/messages/batches")
    llm.allow("unscripted")

    assert (got.status, got.body["error"]["type"]) == (404, "not_found_error")
    assert "/v1/messages" in got.body["error"]["message"]


def test_a_provider_of_chat_completions_changes_nothing(llm: MockLLM) -> None:
    llm.script(call("get_current_weather", location="Oslo"))
    llm.allow("protocol")

    got = ask(llm, data=body(tools=[WEATHER], messages=[HELLO]), x_mock_provider="mistral")
    assert got.body["content"][0]["id"].startswith("toolu_01")
