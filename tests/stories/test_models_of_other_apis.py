"""The models for other APIs that the page on the client kit shows hold a conversation with a tool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from clientkit import APIError, converse_sync, tool

from .test_documentation import ROOT, code


class Api(ThreadingHTTPServer):
    """Answers each request with the next of its answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, object]] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append((self.path, body))
        status, answer = self.server.answers.pop(0)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def model(name: str, api: Api) -> Any:
    """The model of the page, asking this server."""
    [block] = [block for block in code(ROOT / "docs" / "client-kit.md", "python") if f"class {name}" in block]
    defined: dict[str, Any] = {}
    exec(block, defined)
    return defined[name](f"http://127.0.0.1:{api.server_port}/v1", "key", "m")


@tool
def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


@pytest.mark.parametrize("stream", [False, True])
def test_the_responses_api(api: Api, stream: bool) -> None:
    asked = {"type": "function_call", "call_id": "call_1", "name": "double", "arguments": '{"number": 4}'}
    said = {"type": "message", "content": [{"type": "output_text", "text": "It is 8."}]}
    api.answers += [(200, {"status": "completed", "output": [each]}) for each in (asked, said)]

    answer = converse_sync(model("ResponsesModel", api), "Twice 4?", [double], stream=stream)

    path, body = api.requests[1]
    assert (answer.text, path) == ("It is 8.", "/v1/responses")
    assert body["input"] == [
        {"role": "user", "content": "Twice 4?"}, asked,
        {"type": "function_call_output", "call_id": "call_1", "output": "8"},
    ]  # fmt: skip
    assert body["tools"][0]["name"] == "double"


@pytest.mark.parametrize("stream", [False, True])
def test_the_messages_api(api: Api, stream: bool) -> None:
    asked = {"type": "tool_use", "id": "toolu_1", "name": "double", "input": {"number": 4}}
    api.answers += [
        (200, {"stop_reason": "tool_use", "content": [asked]}),
        (200, {"stop_reason": "end_turn", "content": [{"type": "text", "text": "It is 8."}]}),
    ]

    answer = converse_sync(model("MessagesModel", api), "Twice 4?", [double], stream=stream)

    path, body = api.requests[1]
    assert (answer.text, path) == ("It is 8.", "/v1/messages")
    assert body["messages"][1:] == [
        {"role": "assistant", "content": [asked]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "8"}]},
    ]
    assert body["tools"][0]["input_schema"]["required"] == ["number"]


@pytest.mark.parametrize("name", ["ResponsesModel", "MessagesModel"])
def test_a_refusal_is_an_error_of_the_kit(api: Api, name: str) -> None:
    api.answers.append((401, {"error": {"message": "No."}}))

    with pytest.raises(APIError, match="No"):
        converse_sync(model(name, api), "Hi")
