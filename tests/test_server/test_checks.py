"""Strict and lenient: for the whole server, and for one request."""

from typing import Any

import pytest
from openai import BadRequestError, OpenAI
from openai.types.chat import ChatCompletion

from mockserver import MockLLM
from mockserver.engine import Checks
from tests.test_server.conftest import HELLO, request, said

FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {}}}
ODD: dict[str, Any] = {
    "model": "nobody/knows",
    "messages": [{"role": "user", "content": "Hello"}],
    "max_tokens": 0,
    "n": 0,
    "functions": [FUNCTION],
    "tools": [{"type": "function", "function": FUNCTION}],
    "foo": 1,
}


def ask(llm: MockLLM, body: dict[str, Any] = ODD, checks: str | None = None) -> ChatCompletion:
    headers = {} if checks is None else {"x-mock-checks": checks}
    with OpenAI(base_url=llm.base_url, api_key="any", max_retries=0) as client:
        return client.post("/chat/completions", body=body, cast_to=ChatCompletion, options={"headers": headers})


@pytest.mark.parametrize(("server", "asked"), [("lenient", None), ("strict", "lenient"), ("lenient", "lenient")])
def test_lenient_checks_answer_what_can_be_answered(server: Checks, asked: str | None) -> None:
    with MockLLM(checks=server) as llm:
        assert ask(llm, checks=asked).choices[0].message.role == "assistant"


@pytest.mark.parametrize(("llm", "asked"), [(MockLLM(), None), (MockLLM(checks="lenient"), "strict")])
def test_strict_checks_which_are_the_usual_ones_refuse_it(llm: MockLLM, asked: str | None) -> None:
    with llm, pytest.raises(BadRequestError) as refused:
        ask(llm, checks=asked)

    assert "Unknown parameter: 'foo'" in refused.value.message


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_what_cannot_be_answered_is_refused_leniently_too(missing: str) -> None:
    with MockLLM(checks="lenient") as llm, pytest.raises(BadRequestError):
        ask(llm, {key: value for key, value in ODD.items() if key != missing})


def test_another_word_for_the_checks_is_refused() -> None:
    with MockLLM() as llm, pytest.raises(BadRequestError) as refused:
        ask(llm, checks="loose")

    assert refused.value.param == "x-mock-checks"
    assert "Supported values are: 'strict' and 'lenient'." in refused.value.message


def test_what_the_terminal_is_told_of_a_refusal_can_be_printed(caplog: pytest.LogCaptureFixture) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "\ud800"}}}
    with caplog.at_level("INFO", "mockserver"), MockLLM() as llm:
        answer = said(llm.base_url, request({**HELLO, "tools": [tool]}, connection="close"))

    assert answer.status == 400
    assert "\\ud800" in caplog.text
    assert caplog.text.encode("utf-8")
