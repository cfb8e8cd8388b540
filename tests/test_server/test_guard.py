"""Who is let in: this machine's own names and pages, and those that were named; nobody else spends anything."""

import pytest

from mockserver import MockLLM
from tests.test_server.conftest import HELLO, ParsedRequest, get, request, said


def asked(llm: MockLLM, **headers: str) -> ParsedRequest:
    return said(llm.base_url, request(HELLO, connection="close", **headers))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:80", "a.localhost"])
def test_this_machine_is_answered(host: str) -> None:
    with MockLLM() as llm:
        assert asked(llm, host=host).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil", "[x"])
def test_another_name_is_turned_away_before_anything_is_written_down(host: str) -> None:
    with MockLLM() as llm:
        llm.script("Only once.")
        heard = asked(llm, host=host)
        answer = asked(llm)

    assert (heard.status, heard.error["code"]) == (403, "host_not_allowed")
    assert "access-control-allow-origin" not in heard.headers
    assert "--allow-host" in heard.error["message"]
    assert answer.json["choices"][0]["message"]["content"] == "Only once."
    assert len(llm.journal) == 1


def test_a_url_in_the_request_line_counts_before_the_host() -> None:
    with MockLLM() as llm:
        assert said(llm.base_url, get("http://evil.example/v1/models")).status == 403
        assert said(llm.base_url, get("http://localhost/v1/models")).status == 200


def test_a_name_that_was_allowed_is_answered_and_its_pages_too() -> None:
    with MockLLM(allow_hosts=["mock.test"]) as llm:
        heard = asked(llm, host="mock.test:9", origin="https://mock.test")

    assert heard.status == 200
    assert heard.headers["access-control-allow-origin"] == "https://mock.test"
    assert heard.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://", ""])
def test_a_foreign_page_is_turned_away(origin: str) -> None:
    with MockLLM() as llm:
        heard = asked(llm, origin=origin)

    assert (heard.status, heard.error["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in heard.headers
    assert heard.headers["vary"] == "Origin"
    assert len(llm.journal) == 0


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/models", "/v1/models/openai/gpt-5", "/_mock/journal"])
def test_a_page_of_this_machine_hears_what_it_may_ask(path: str) -> None:
    wanted = {"access_control_request_method": "POST", "access_control_request_headers": "authorization,x-mine"}

    with MockLLM() as llm:
        heard = said(llm.base_url, get(path, "OPTIONS", origin="http://localhost:3000", **wanted))

    assert heard.status == 200
    assert heard.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert heard.headers["access-control-allow-methods"] == "GET, OPTIONS, POST"
    assert heard.headers["access-control-allow-headers"] == "authorization,x-mine"
    assert heard.headers["access-control-max-age"] == "86400"
    assert heard.headers["access-control-expose-headers"] == "X-Request-ID"


def test_a_foreign_page_is_told_nothing_before_it_asks() -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, get("/v1/models", "OPTIONS", origin="https://evil.example"))

    assert heard.status == 403
    assert not [name for name in heard.headers if name.startswith("access-control-allow-")]
