"""`x-mock-hint` stands on a refusal that lenient checks would not make, and on nothing else."""

import logging
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from openai import BadRequestError, OpenAI

from mockserver import MockLLM
from tests.refusals import ROWS
from tests.requests import body
from tests.test_server.conftest import ParsedRequest, get, request, said

HINT = "--checks lenient"
MISSPELT = body(temprature=1)


def answer(connection: HTTPConnection, raw: bytes, **headers: str) -> tuple[str | None, str | None]:
    """What chose the answer, None when the request was refused before that, and the hint."""
    named = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    connection.request("POST", "/v1/chat/completions", raw, named)
    response = connection.getresponse()
    response.read()
    return response.getheader("x-mock-match"), response.getheader("x-mock-hint")


@pytest.mark.parametrize("provider", ["openai", "auto", "groq", "mistral", "aimlapi", "azure"])
def test_the_hint_stands_exactly_on_what_lenient_checks_would_answer(provider: str) -> None:
    hinted = set()

    with MockLLM(provider=provider) as llm:
        connection = HTTPConnection(urlsplit(llm.base_url).netloc)
        for row, (raw, *_) in ROWS.items():
            strict, hint = answer(connection, raw)
            lenient, never = answer(connection, raw, x_mock_checks="lenient")
            assert never is None, row
            assert (hint == HINT) == (strict is None and lenient is not None), row
            hinted |= {row} if hint else set()
        connection.close()

    assert {"unknown key", "tool description length", "temperature below"} <= hinted
    assert hinted.isdisjoint({"body is not JSON", "model missing", "messages missing", "too deep"})


def asked(llm: MockLLM, raw: bytes = MISSPELT, **headers: str) -> ParsedRequest:
    return said(llm.base_url, request(raw, connection="close", **headers))


def test_another_content_type_is_hinted_at_when_the_body_can_be_read() -> None:
    with MockLLM() as llm:
        readable = asked(llm, body(), content_type="text/plain")
        unreadable = asked(llm, b"hello", content_type="text/plain")

    assert (readable.status, readable.headers.get("x-mock-hint")) == (415, HINT)
    assert (unreadable.status, unreadable.headers.get("x-mock-hint")) == (415, None)


def test_a_model_that_calls_no_functions_is_hinted_at() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]

    with MockLLM() as llm:
        assert asked(llm, body(model="o1-mini", tools=tools)).headers["x-mock-hint"] == HINT


def test_what_both_kinds_of_checks_refuse_has_no_hint() -> None:
    options: list[dict[str, Any]] = [{"require_key": True}, {"known_models_only": True}, {"body_limit": 10}]
    for option in options:
        with MockLLM(**option) as llm:
            heard = asked(llm, body(model="nobody-knows", temprature=1))
        assert heard.status >= 400, option
        assert "x-mock-hint" not in heard.headers, option


def test_a_word_that_a_header_cannot_have_is_not_hinted_at() -> None:
    with MockLLM() as llm:
        assert "x-mock-hint" not in asked(llm, body(), x_mock_checks="loose").headers
        assert "x-mock-hint" not in asked(llm, x_mock_provider="nobody").headers


def test_limits_faults_scripts_and_answers_have_no_hint() -> None:
    with MockLLM(rpm=1, fallback="error") as llm:
        llm.script("Hello.")
        heard = [asked(llm, body()), asked(llm, body()), said(llm.base_url, get("/v1/models/nobody"))]
        llm.reset()
        heard.append(asked(llm, body()))
    with MockLLM() as llm:
        heard.append(asked(llm, body(), x_mock_fault="http_status:status=400"))

    assert [one.status for one in heard] == [200, 429, 404, 422, 400]
    assert all("x-mock-hint" not in one.headers for one in heard)


def test_the_message_stays_the_apis_own() -> None:
    hello: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}

    with (
        MockLLM() as llm,
        OpenAI(base_url=llm.base_url, api_key="any", max_retries=0) as client,
        pytest.raises(BadRequestError) as refused,
    ):
        client.chat.completions.create(temperature=3, **hello)

    assert "checks" not in refused.value.message
    assert refused.value.response.headers["x-mock-hint"] == HINT


def test_the_log_and_the_report_name_the_option(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mockserver"), MockLLM() as llm:
        asked(llm)
        with pytest.raises(AssertionError, match="--checks lenient"):
            llm.verify()

        asked(llm, b'{"model": "gpt-4o", "messages": [], "\\ud800": 1}')

    assert "(`--checks lenient` answers it)" in caplog.text
    assert "\\ud800" in caplog.text
