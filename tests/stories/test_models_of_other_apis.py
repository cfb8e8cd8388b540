"""The models for other APIs that the page on the client kit shows hold a conversation with a tool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pydantic import BaseModel

from clientkit import APIError, Conversation, IncompleteReply, converse_sync, tool
from mockserver import MockLLM

from .test_documentation import ROOT, code


class Api(ThreadingHTTPServer):
    """Answers each request with the next of its answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, object]] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.base_url = f"http://127.0.0.1:{self.server_port}/v1"


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


def model(name: str, base_url: str) -> Any:
    """The model of the page, asking this server."""
    [block] = [block for block in code(ROOT / "docs" / "client-kit.md", "python") if f"class {name}" in block]
    defined: dict[str, Any] = {}
    exec(block, defined)
    return defined[name](base_url, "key", "claude-sonnet-4-5" if name == "MessagesModel" else "gpt-4o")


MODELS = ["ResponsesModel", "MessagesModel"]
INCOMPLETE = {"status": "incomplete"}


class Person(BaseModel):
    """A person in the text."""

    name: str
    age: int


@tool
def get_current_weather(location: str) -> dict[str, Any]:
    """Get the current weather in a given location.

    Args:
        location: The city
    """
    return {"location": location, "temperature": 20}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", MODELS)
async def test_the_mock_server_answers_in_the_api_of_the_model(name: str, stream: bool) -> None:
    with MockLLM() as llm:
        conversation = Conversation(
            model(name, llm.base_url),
            [get_current_weather],
            messages=[{"role": "system", "content": "Be brief."}],
            stream=stream,
        )
        first = await conversation.ask("What is the weather in New York, San Francisco and Chicago?")
        second = await conversation.ask("And in Paris?")

    assert [call.arguments for call in first.calls] == [
        {"location": "New York"}, {"location": "San Francisco"}, {"location": "Chicago"},
    ]  # fmt: skip
    assert "Chicago" in first.text
    assert "Paris" in second.text
    assert first.usage.prompt_tokens > 0


@pytest.mark.parametrize("tools", [[], [get_current_weather]], ids=["alone", "beside a tool"])
@pytest.mark.parametrize("name", MODELS)
async def test_a_typed_answer_works_in_the_api_of_the_model(name: str, tools: list[object]) -> None:
    with MockLLM() as llm:
        conversation = Conversation(model(name, llm.base_url), tools)
        answer = await conversation.ask("Ada is 36 years old. Who is it?", answer_as=Person)

    assert answer.value == Person(name="Ada", age=36)


@tool
def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


@pytest.mark.parametrize("stream", [False, True])
def test_the_responses_api(api: Api, stream: bool) -> None:
    asked = {"type": "function_call", "call_id": "call_1", "name": "double", "arguments": '{"number": 4}'}
    said = {"type": "message", "content": [{"type": "output_text", "text": "It is 8."}]}
    api.answers += [(200, {"status": "completed", "output": [each]}) for each in (asked, said)]

    answer = converse_sync(model("ResponsesModel", api.base_url), "Twice 4?", [double], stream=stream)

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

    answer = converse_sync(model("MessagesModel", api.base_url), "Twice 4?", [double], stream=stream)

    path, body = api.requests[1]
    assert (answer.text, path) == ("It is 8.", "/v1/messages")
    assert body["messages"][1:] == [
        {"role": "assistant", "content": [asked]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "8"}]},
    ]
    assert body["tools"][0]["input_schema"]["required"] == ["number"]


@pytest.mark.parametrize("name", MODELS)
def test_a_refusal_is_an_error_of_the_kit(api: Api, name: str) -> None:
    api.answers.append((401, {"error": {"message": "No."}}))

    with pytest.raises(APIError, match="No"):
        converse_sync(model(name, api.base_url), "Hi")


@pytest.mark.parametrize("name", MODELS)
def test_a_server_that_is_not_there_is_an_error_of_the_kit(name: str) -> None:
    with pytest.raises(APIError, match="No answer from"):
        converse_sync(model(name, "http://127.0.0.1:9/v1"), "Hi")


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("ResponsesModel", {**INCOMPLETE, "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ("ResponsesModel", {**INCOMPLETE, "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ("ResponsesModel", {"status": "failed", "incomplete_details": None}, "failed"),
        ("MessagesModel", {"stop_reason": "max_tokens"}, "length"),
        ("MessagesModel", {"stop_reason": "refusal"}, "content_filter"),
    ],
)  # fmt: skip
def test_a_message_that_is_not_whole_runs_nothing(api: Api, name: str, answer: dict[str, Any], reason: str) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "double", "arguments": '{"number": 4}'}
    use = {"type": "tool_use", "id": "toolu_1", "name": "double", "input": {"number": 4}}
    api.answers.append((200, {"output": [call], "content": [use], **answer}))

    with pytest.raises(IncompleteReply) as caught:
        converse_sync(model(name, api.base_url), "Twice 4?", [double])

    assert caught.value.reason == reason
    assert caught.value.calls == ()


def test_all_results_of_a_turn_stand_in_one_message_of_the_messages_api(api: Api) -> None:
    uses = [{"type": "tool_use", "id": f"toolu_{n}", "name": "double", "input": {"number": n}} for n in (1, 2)]
    api.answers += [
        (200, {"stop_reason": "tool_use", "content": uses}),
        (200, {"stop_reason": "end_turn", "content": [{"type": "text", "text": "2 and 4."}]}),
    ]

    converse_sync(model("MessagesModel", api.base_url), "Twice 1 and 2?", [double])

    results = api.requests[1][1]["messages"][2]["content"]
    assert [result["content"] for result in results] == ["2", "4"]
