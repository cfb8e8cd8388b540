"""The headers of every answer, of errors too."""

import re

import pytest

from mockserver import MockLLM, refuse
from tests.test_server.conftest import HELLO, get, request, said

CLOSE = {"connection": "close"}
LIMITS = {
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-remaining-requests": "10000",
    "x-ratelimit-reset-requests": "0s",
    "x-ratelimit-limit-tokens": "30000000",
    "x-ratelimit-remaining-tokens": "30000000",
    "x-ratelimit-reset-tokens": "0s",
}
REQUESTS = {
    "plain": request(HELLO, **CLOSE),
    "streamed": request({**HELLO, "stream": True}, **CLOSE),
    "refused": request({"model": "gpt-4o"}, **CLOSE),
    "models": get("/v1/models"),
    "no such path": get("/v1/foo"),
    "wrong method": get("/v1/chat/completions"),
}


@pytest.mark.parametrize("sent", REQUESTS.values(), ids=REQUESTS)
def test_every_answer_has_a_request_id_and_says_what_is_left(sent: bytes) -> None:
    with MockLLM() as llm:
        headers = said(llm.base_url, sent).headers

    assert re.fullmatch("req_[0-9a-f]{32}", headers["x-request-id"])
    assert headers["openai-version"] == "2020-10-01"
    assert int(headers["openai-processing-ms"]) > 0
    assert headers["openai-organization"] == "org-mock"
    assert headers["openai-project"].startswith("proj_")
    assert headers["access-control-expose-headers"] == "X-Request-ID"
    assert headers | LIMITS == headers


def test_a_control_answer_has_a_request_id() -> None:
    with MockLLM() as llm:
        assert said(llm.base_url, get("/_mock/health")).headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/models"])
def test_who_is_not_known_hears_nothing_of_the_account(path: str) -> None:
    with MockLLM(require_key=True) as llm:
        sent = request(HELLO, **CLOSE) if path.endswith("completions") else get(path)
        heard = said(llm.base_url, sent)

    assert heard.status == 401
    assert heard.headers["x-request-id"].startswith("req_")
    assert not [name for name in heard.headers if name.startswith(("openai-", "x-ratelimit"))]


def test_a_scripted_401_hears_nothing_of_the_account_either() -> None:
    with MockLLM() as llm:
        llm.script(refuse(401))
        headers = said(llm.base_url, request(HELLO, **CLOSE)).headers

    assert "openai-organization" not in headers
