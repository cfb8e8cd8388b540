"""Retries by arrival: an answer that did not come whole is said again, anything else is a turn of its own."""

import http.client
import json
import socket
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM, Reply, call, hang_up, refuse
from tests.test_server.conftest import HELLO

TORN: list[tuple[str, dict[str, Any]]] = [
    ("reset_before_headers", {}),
    ("reset_after_headers", {}),
    ("http_status", {"status": 500}),
    ("http_status", {"status": 429, "retry_after": 0}),
    ("cut_after_bytes", {}),
    ("truncated_chunked_body", {}),
    ("garbage_body", {}),
    ("empty_body", {}),
    ("html_error_page", {}),
    ("truncated_json", {}),
]
FAILURES = (OSError, http.client.HTTPException, ValueError, LookupError)
LOCATION = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": LOCATION}}]


def ask(llm: MockLLM, text: str = "Hello", **more: Any) -> str:
    """What the model says, or the name of the function that it calls with JSON."""
    asked = {**HELLO, "messages": [{"role": "user", "content": text}], "tools": TOOLS, **more}
    sent = urllib.request.Request(
        f"{llm.base_url}/chat/completions", json.dumps(asked).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(sent, timeout=60) as answer:
            message = json.load(answer)["choices"][0]["message"]
    except urllib.error.HTTPError as error:
        error.close()
        raise
    calls = message.get("tool_calls")
    if calls:
        json.loads(calls[0]["function"]["arguments"])
    return str(calls[0]["function"]["name"] if calls else message["content"])


@pytest.mark.parametrize(("fault", "given"), TORN, ids=str)
def test_a_retry_of_an_answer_that_a_fault_tore_gets_the_same_turn(fault: str, given: dict[str, Any]) -> None:
    with MockLLM() as llm:
        llm.script(call("get_weather", city="Oslo"), "It is mild.")
        llm.fault(fault, attempts=1, **given)
        with pytest.raises(FAILURES):
            ask(llm)

        assert [ask(llm), llm.journal[1].match] == ["get_weather", "script#turn1"]


def test_an_answer_that_came_whole_is_not_said_again() -> None:
    with MockLLM() as llm:
        llm.script("One.", "Two.", "Three.")
        llm.fault("slow_drip", gap=0)

        assert [ask(llm), ask(llm), ask(llm)] == ["One.", "Two.", "Three."]


def test_another_request_than_the_one_that_was_torn_gets_the_next_turn() -> None:
    with MockLLM() as llm:
        llm.script("One.", "Two.")
        llm.fault("reset_before_headers", attempts=1)
        with pytest.raises(FAILURES):
            ask(llm)
        with pytest.raises(FAILURES):
            ask(llm, "Another")

        assert [ask(llm, "Another"), llm.journal[2].match] == ["Two.", "script#turn2"]


def test_what_is_scripted_as_an_error_or_a_broken_connection_is_a_turn_of_its_own() -> None:
    with MockLLM() as llm:
        llm.script(refuse(500), hang_up(), hang_up(), "Hello.")
        for _ in range(3):
            with pytest.raises(FAILURES):
                ask(llm)

        assert ask(llm) == "Hello."
        llm.verify()


def test_a_scripted_error_that_a_fault_tore_comes_again() -> None:
    with MockLLM() as llm:
        llm.script(refuse(418), "Hello.")
        llm.fault("reset_before_headers", attempts=1)
        with pytest.raises(ConnectionError):
            ask(llm)
        with pytest.raises(urllib.error.HTTPError, match="418"):
            ask(llm)

        assert ask(llm) == "Hello."


def test_a_turn_with_a_fault_of_its_own_is_said_again() -> None:
    with MockLLM() as llm:
        llm.script(Reply("One.", fault="reset_before_headers:attempts=1"), "Two.")
        with pytest.raises(FAILURES):
            ask(llm)

        assert [ask(llm), ask(llm)] == ["One.", "Two."]


def test_a_client_that_left_before_the_end_gets_the_same_turn() -> None:
    with MockLLM(time_scale=1) as llm:
        llm.script(Reply("One.", fault="slow_first_byte:seconds=600,attempts=1"), "Two.")
        leave(llm)
        llm.expect.within(60).requests(1)

        assert [ask(llm), llm.journal[0].ended, llm.journal[1].match] == ["One.", "client_gone", "script#turn1"]


def leave(llm: MockLLM) -> None:
    """Ask, and be gone before anything comes."""
    parts = urlsplit(llm.base_url)
    body = json.dumps({**HELLO, "messages": [{"role": "user", "content": "Hello"}], "tools": TOOLS}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as sock:
        sock.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)


def test_a_rule_that_answers_so_many_times_does_not_count_a_torn_answer() -> None:
    from mockserver.scenario import parse

    with MockLLM(parse("scenario: s\nrules: [{when: {user_says: hello}, times: 1, text: Once.}]")) as llm:
        llm.fault("reset_before_headers", attempts=1)
        with pytest.raises(FAILURES):
            ask(llm)

        assert ask(llm) == "Once."
