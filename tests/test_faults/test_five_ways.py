"""A fault of every layer is reached in five ways: a scenario, Python, the command line, a header, the control API."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any
from urllib.error import HTTPError

import pytest

from mockserver import MockLLM, Reply, call
from mockserver.scenario import parse

OF_EACH_LAYER = {
    "dialogue": "claim_without_call",
    "reply": "unknown_param",
    "body": "missing_id",
    "chunks": "index_missing",
    "steps": "no_done",
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
    },
}
CALL = call("get_current_weather", location="Oslo")


def ask(base_url: str, fault: str | None = None, turn: int = 1) -> tuple[Message, str]:
    """One streamed request, in a conversation where the model has spoken so many times less one."""
    before = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"}] * (turn - 1)
    question = {"role": "user", "content": "What is the weather in Oslo?"}
    body = {"model": "gpt-4o", "stream": True, "tools": [WEATHER], "messages": [*before, question]}
    headers = {"content-type": "application/json"} | ({"x-mock-fault": fault} if fault else {})
    with urllib.request.urlopen(
        urllib.request.Request(f"{base_url}/chat/completions", json.dumps(body).encode(), headers)
    ) as response:
        return response.headers, response.read().decode()


def control(base_url: str, method: str, path: str, body: str | None = None) -> Any:
    address = f"{base_url.removesuffix('/v1')}/_mock/{path}"
    data = body.encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(address, data, method=method)) as response:
        return json.load(response)


@pytest.fixture
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


def shown(llm: MockLLM, fault: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    """What the response says of its faults, and what the journal does."""
    headers, _ = ask(llm.base_url, fault)
    return headers["x-mock-fault"], llm.journal[-1].faults


@pytest.mark.parametrize("name", OF_EACH_LAYER.values(), ids=OF_EACH_LAYER)
def test_by_a_header_of_the_request(llm: MockLLM, name: str) -> None:
    assert shown(llm, name) == (name, (name,))
    assert shown(llm) == (None, ())


@pytest.mark.parametrize("name", OF_EACH_LAYER.values(), ids=OF_EACH_LAYER)
def test_by_the_control_api(llm: MockLLM, name: str) -> None:
    chosen = control(llm.base_url, "PUT", "faults", name)

    assert chosen["faults"] == [name]
    assert shown(llm) == (name, (name,))
    control(llm.base_url, "DELETE", "faults")
    assert shown(llm) == (None, ())


@pytest.mark.parametrize("name", OF_EACH_LAYER.values(), ids=OF_EACH_LAYER)
def test_from_python(llm: MockLLM, name: str) -> None:
    llm.fault(name, attempts=1)

    assert shown(llm) == (name, (name,))
    assert shown(llm) == (None, ())


@pytest.mark.parametrize("name", OF_EACH_LAYER.values(), ids=OF_EACH_LAYER)
def test_a_fault_with_once_happens_in_one_answer_of_a_session(llm: MockLLM, name: str) -> None:
    llm.fault(name, once=True)

    assert shown(llm) == (name, (name,))
    assert shown(llm) == (None, ())


def test_a_fault_with_once_is_kept_for_later_when_its_answer_is_refused(llm: MockLLM) -> None:
    llm.fault("unknown_param", once=True)

    with pytest.raises(HTTPError, match="422"):
        ask(llm.base_url, "sse_instead_of_json")
    assert shown(llm) == ("unknown_param", ("unknown_param",))


@pytest.mark.parametrize("name", OF_EACH_LAYER.values(), ids=OF_EACH_LAYER)
def test_on_a_reply_in_python(llm: MockLLM, name: str) -> None:
    llm.script(Reply(calls=[CALL], fault=name))

    assert shown(llm) == (name, (name,))


def test_on_a_call_in_python(llm: MockLLM) -> None:
    llm.script([CALL, call("get_current_weather", location="Rome", fault="truncated_json")])

    headers, _ = ask(llm.base_url)
    said = llm.journal[-1].reply

    assert headers["x-mock-fault"] == "truncated_json"
    assert isinstance(said, Reply)
    assert said.calls[0].arguments == '{"location": "Oslo"}'
    assert '{"location": "Rome"}'.startswith(said.calls[1].arguments)


def test_a_whole_reply_is_wrong_as_it_is_written(llm: MockLLM) -> None:
    wrong = call("get_current_weather", city="Oslo"), call("get_forecast")
    llm.script(Reply(calls=wrong, fault="as_written"), lambda request: Reply(calls=wrong, fault="as_written"))

    for _ in range(2):
        assert shown(llm) == ("as_written", ("as_written",))
        said = llm.journal[-1].reply
        assert isinstance(said, Reply)
        assert [(one.name, one.arguments) for one in said.calls] == [(one.name, one.arguments) for one in wrong]


def test_a_reply_without_calls_is_not_wrong_as_written(llm: MockLLM) -> None:
    with pytest.raises(ValueError, match="calls are wrong on purpose, and this reply makes none"):
        llm.script(Reply("Hello.", fault="as_written"))


TURN = """
scenario: a fault
turns:
  - when: {user_says: weather}
    calls: [{call: get_current_weather, with: {location: Oslo}}]
    fault: %s
"""


@pytest.mark.parametrize("name", OF_EACH_LAYER.values(), ids=OF_EACH_LAYER)
def test_on_a_turn_of_a_scenario(llm: MockLLM, name: str) -> None:
    llm.load(parse(TURN % name))

    assert shown(llm) == (name, (name,))


def test_on_a_call_and_on_the_whole_of_a_scenario(llm: MockLLM) -> None:
    llm.load(
        parse(
            """
            scenario: two faults
            faults: [no_done]
            turns:
              - calls:
                  - call: get_current_weather
                    with: {location: Oslo}
                    fault: "number_as_string:rate=0"
                  - call: get_current_weather
                    with: {location: Rome}
                    fault: unknown_param
            """
        )
    )

    assert shown(llm) == ("unknown_param; no_done", ("unknown_param", "no_done"))


@contextmanager
def serving(*options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def test_by_options_of_the_command_line() -> None:
    options = [f"--fault={name}:turn={turn}" for turn, name in enumerate(OF_EACH_LAYER.values(), 1)]

    with serving(*options) as base_url:
        found = [ask(base_url, turn=turn)[0]["x-mock-fault"] for turn in range(1, len(OF_EACH_LAYER) + 2)]

    assert found == [*OF_EACH_LAYER.values(), None]


def test_a_wrong_option_is_an_error_in_one_sentence() -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--fault", "enum_violatoin"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "No fault is called 'enum_violatoin'. Nearest: enum_violation" in ran.stderr


def test_the_control_api_shows_the_catalogue_and_takes_json(llm: MockLLM) -> None:
    control(llm.base_url, "PUT", "faults", '{"faults": [{"name": "stall", "seconds": 0}, "unknown_param:rate=50%"]}')

    found = control(llm.base_url, "GET", "faults")

    assert found["faults"] == ["stall:seconds=0", "unknown_param:rate=0.5"]
    assert len(found["profiles"]) == 11
    assert [entry["definition"] for entry in found["catalogue"] if entry["name"] == "unknown_param"] == [
        "A parameter is added that the schema does not have."
    ]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("enum_violatoin", "unknown_fault"),
        ("enum_violation:colour=red", "unknown_fault"),
        ("boolean_as_string", "fault_not_applicable"),
        ("unknown_param:tool=get_time", "fault_not_applicable"),
        ("sse_instead_of_json", "fault_not_applicable"),
    ],
)
def test_a_fault_that_cannot_be_shown_is_an_error_of_ours(llm: MockLLM, fault: str, code: str) -> None:
    with pytest.raises(HTTPError) as refused:
        ask(llm.base_url, fault)

    error = json.load(refused.value)["error"]
    assert (refused.value.code, error["type"], error["code"]) == (422, "mock_error", code)
    assert refused.value.headers["x-should-retry"] == "false"
    assert refused.value.headers["x-mock-fault"] is None
    assert llm.journal[-1].ended == "refused"


def test_a_standing_fault_passes_over_replies_that_have_nothing_to_break(llm: MockLLM) -> None:
    llm.script([CALL], "Cold.")
    llm.fault("unknown_param")

    assert [shown(llm)[0], shown(llm)[0]] == ["unknown_param", None]


def test_a_fault_changes_nothing_else_of_the_reply(llm: MockLLM) -> None:
    _, sound = ask(llm.base_url)
    control(llm.base_url, "POST", "reset")
    _, broken = ask(llm.base_url, "slow_drip:gap=0")

    assert broken == sound


def test_a_reset_brings_back_the_faults_of_the_start(llm: MockLLM) -> None:
    llm.fault("unknown_param")
    llm.reset()

    assert shown(llm) == (None, ())


def test_once_happens_once_in_a_session(llm: MockLLM) -> None:
    llm.fault("no_done", once=True)

    assert [shown(llm)[0] for _ in range(3)] == ["no_done", None, None]
