"""Paths that are not served: a 404 in the client's shape that says what is served, and a journal entry."""

import logging
from typing import Any

import pytest

from mockserver import MockLLM
from tests.test_server.conftest import HELLO, get, request, said


def asked(llm: MockLLM, path: str, method: str = "POST", **headers: str) -> Any:
    heard = said(llm.base_url, request({}, method=method, path=path, connection="close", **headers))
    assert heard.status == 404
    return heard.json


@pytest.mark.parametrize(
    ("method", "path", "nearest"),
    [
        ("POST", "/v1/chat/complete", "POST /v1/chat/completions"),
        ("POST", "/v1/chat/completion", "POST /v1/chat/completions"),
        ("POST", "/v1//chat/completions", "POST /v1/chat/completions"),
        ("POST", "/openai/v1/chat/completions/", "POST /v1/chat/completions"),
        ("GET", "/v1/model", "GET /v1/models"),
        ("PATCH", "/v1/modles", "GET /v1/models"),
        ("GET", "/_mock/jurnal", "GET /_mock/journal"),
    ],
)
def test_the_message_names_the_path_the_nearest_one_and_the_base_url(method: str, path: str, nearest: str) -> None:
    with MockLLM() as llm:
        error = asked(llm, path, method)["error"]
        base_url = llm.base_url

    assert error["message"].startswith(f"Invalid URL ({method} {path})")
    assert f"{nearest};" in error["message"]
    assert error["message"].endswith(base_url.replace(base_url.split("//")[1].split("/")[0], "127.0.0.1"))
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", None, None)


def test_a_client_of_messages_hears_it_in_its_shape() -> None:
    with MockLLM() as llm:
        body = asked(llm, "/v1/messages/batches?beta=true", anthropic_version="2023-06-01")

    assert (body["type"], body["error"]["type"]) == ("error", "not_found_error")
    assert body["request_id"].startswith("req_")


@pytest.mark.parametrize("path", ["/v1beta/files", "/v1beta/cachedContents", "/x:streamGenerateContent"])
def test_a_client_of_gemini_hears_it_in_its_shape(path: str) -> None:
    with MockLLM() as llm:
        error = asked(llm, path)["error"]
        keyed = asked(llm, "/v1/else", x_goog_api_key="any")["error"]

    assert (error["code"], error["status"]) == (404, "NOT_FOUND") == (keyed["code"], keyed["status"])


def test_a_client_of_ollama_hears_it_in_its_shape() -> None:
    with MockLLM() as llm:
        assert asked(llm, "/api/pull")["error"].startswith("Invalid URL (POST /api/pull)")
        assert asked(llm, "/api/v1/else")["error"]["type"] == "invalid_request_error"


def test_the_journal_has_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mockserver"), MockLLM() as llm:
        asked(llm, "/v1/assistants?secret=1")
        exchange = said(llm.base_url, get("/_mock/journal")).json["exchanges"][0]
        told = str(llm.journal)

    assert (exchange["request"], exchange["match"], exchange["ended"]) == (None, None, "refused")
    assert (exchange["method"], exchange["path"]) == ("POST", "/v1/assistants")
    assert exchange["reply"]["error"]["status"] == 404
    assert "request    POST /v1/assistants, which is not served" in told
    assert "Invalid URL (POST /v1/assistants)" in caplog.text


def test_it_spends_no_turn_and_counts_as_no_request() -> None:
    with MockLLM() as llm:
        llm.script("Only once.")
        asked(llm, "/v1/assistants")
        answer = said(llm.base_url, request(HELLO, connection="close"))

        assert answer.json["choices"][0]["message"]["content"] == "Only once."
        llm.expect.requests(1)
        assert (llm.journal.count(), len(llm.journal)) == (1, 2)
        llm.verify()


def test_it_is_a_failure_only_where_no_served_path_was_asked() -> None:
    with MockLLM() as llm:
        asked(llm, "/v1/assistants")
        asked(llm, "/v1/assistants")
        found = llm.findings()
        with pytest.raises(AssertionError, match="POST /v1/assistants is not served"):
            llm.verify()
        said(llm.base_url, get("/v1/models"))
        later, notes = llm.findings(), llm.notes()

    assert [(finding.kind, finding.exchanges) for finding in found] == [("unscripted", (1,))]
    assert later == []
    assert notes == ["exchange 1: POST /v1/assistants is not served"]


@pytest.mark.parametrize("path", ["/health", "/_mock/health"])
def test_health_is_no_path_of_the_api(path: str) -> None:
    with MockLLM() as llm:
        asked(llm, "/v1/assistants")
        said(llm.base_url, get(path))

        assert [finding.kind for finding in llm.findings()] == ["unscripted"]


@pytest.mark.parametrize("kind", ["not_served", "unscripted"])
def test_it_can_be_allowed(kind: Any) -> None:
    with MockLLM() as llm:
        llm.allow(kind)
        asked(llm, "/v1/assistants")

        llm.verify()


def test_what_is_allowed_is_not_in_the_report() -> None:
    with MockLLM() as llm:
        llm.allow("not_served")
        llm.script("Never asked for.")
        asked(llm, "/v1/assistants")
        assert llm.notes() == []
        with pytest.raises(AssertionError) as failed:
            llm.verify()

    assert "never asked for" in str(failed.value)
    assert "/v1/assistants" not in str(failed.value)


def test_a_reset_forgets_which_paths_were_asked() -> None:
    with MockLLM() as llm:
        said(llm.base_url, get("/v1/models"))
        llm.reset()
        asked(llm, "/v1/assistants")

        assert [finding.kind for finding in llm.findings()] == ["unscripted"]


def test_a_path_without_end_is_shown_shortened() -> None:
    with MockLLM() as llm:
        message = asked(llm, "/v1/" + "x" * 5_000)["error"]["message"]

    assert len(message) < 500
