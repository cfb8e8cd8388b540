"""The server on the wire: framing, connections, unknown paths, bodies of all sizes."""

import json
from typing import Any

import pytest

from mockserver import MockLLM, Reply
from tests.test_server.conftest import HELLO, exchange, get, request

END_OF_CHUNKS = b"\r\n0\r\n\r\n"


def body_of(response: bytes) -> Any:
    return json.loads(response.partition(b"\r\n\r\n")[2])


def test_a_plain_answer_has_its_length_and_no_chunks() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        response = exchange(llm.base_url, request(HELLO), until=b"system_fingerprint")

    head, _, body = response.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ")
    assert b"transfer-encoding" not in head
    assert f"content-length: {len(body)}".encode() in head


def test_a_stream_is_chunked_and_has_no_length() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        response = exchange(llm.base_url, request({**HELLO, "stream": True}), until=END_OF_CHUNKS)

    head, _, body = response.partition(b"\r\n\r\n")
    assert b"content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked" in head
    assert b"content-length" not in head
    assert body.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


def test_a_connection_serves_one_request_after_another() -> None:
    with MockLLM() as llm:
        llm.script("One.", "Two.")
        hello, last = request(HELLO), request({**HELLO, "stream": True})
        response = exchange(llm.base_url, hello, last, until=END_OF_CHUNKS)

    assert response.count(b"HTTP/1.1 200 OK") == 2


def test_an_old_client_gets_its_stream_without_chunks_until_the_connection_closes() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        response = exchange(llm.base_url, request({**HELLO, "stream": True}, version="1.0"))

    head, _, body = response.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK")
    assert b"connection: close" in head
    assert body.startswith(b"data: {")
    assert body.endswith(b"data: [DONE]\n\n")


def test_a_large_stream_arrives_whole() -> None:
    text = "word " * 400

    with MockLLM() as llm:
        llm.script(Reply(text, stream="character"))
        response = exchange(llm.base_url, request({**HELLO, "stream": True}), until=END_OF_CHUNKS)

    assert response.count(b'"content":"') == len(text) + 1


def test_a_large_request_is_read() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 4_000_000}}
    message = {"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]}

    with MockLLM() as llm:
        llm.when(user_says="What is this").reply("A cat.")
        response = exchange(llm.base_url, request({**HELLO, "messages": [message]}), until=b"system_fingerprint")

    assert b"A cat." in response


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        (
            get("/v1/foo", host="localhost:1"),
            404,
            "Invalid URL (GET /v1/foo): this server does not serve that path. The nearest one that it serves is "
            "GET /v1/models; the base URL for clients is http://localhost:1/v1",
        ),
        (
            get("/v1/chat/completions", "PUT"),
            405,
            "Not allowed to PUT on /v1/chat/completions. (HINT: Perhaps you meant to use a different HTTP method?)",
        ),
        (get("/v1/models/nobody/knows"), 404, "The model 'nobody/knows' does not exist"),
    ],
)
def test_what_is_not_served_is_said_in_the_shape_of_the_api(sent: bytes, status: int, message: str) -> None:
    with MockLLM() as llm:
        response = exchange(llm.base_url, sent)

    assert response.startswith(f"HTTP/1.1 {status} ".encode())
    assert body_of(response)["error"]["message"] == message


@pytest.mark.parametrize("path", ["/v1/models/openai/gpt-4.1-2025-04-14", "/models/openai%2Fgpt-4.1-2025-04-14"])
def test_a_model_id_with_a_slash_is_found_plain_and_percent_encoded(path: str) -> None:
    with MockLLM() as llm:
        assert body_of(exchange(llm.base_url, get(path)))["id"] == "openai/gpt-4.1-2025-04-14"


def test_an_answer_says_what_chose_it() -> None:
    with MockLLM(fallback="simulate") as llm:
        llm.script("Hello.")
        llm.when(user_says="weather").reply("Sunny.")
        scripted = exchange(llm.base_url, request(HELLO), until=b"system_fingerprint")
        asked = {**HELLO, "messages": [{"role": "user", "content": "weather?"}]}
        ruled = exchange(llm.base_url, request(asked), until=b"system_fingerprint")
        simulated = exchange(llm.base_url, request(HELLO), until=b"system_fingerprint")

    assert b"\r\nx-mock-match: script#turn1\r\n" in scripted
    assert b"\r\nx-mock-match: script#rule1\r\n" in ruled
    assert b"\r\nx-mock-match: simulated\r\n" in simulated
