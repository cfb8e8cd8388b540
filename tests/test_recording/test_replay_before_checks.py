"""What was recorded is replayed whatever checks say of the request; where nothing recorded answers, they are asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, call
from mockserver.recording.upstream_response import UpstreamResponse
from tests.test_recording.asking import TOOLS, ask, body
from tests.test_recording.conftest import Record
from tests.test_recording.leaky import answering_with

BARE = [{"function": TOOLS[0]["function"]}]
PDF = [{"type": "document_url", "document_url": "https://x.example/a.pdf"}]
MODERN: dict[str, Any] = {"model": "o3", "temperature": 0.2, "max_tokens": 5}
REQUESTS: dict[str, dict[str, Any]] = {
    "an argument of another service": body(thinking={"type": "disabled"}),
    "an argument of tomorrow": body(an_argument_of_tomorrow=1),
    "a tool without a type": body(tools=BARE),
    "no tools at all": body(tools=[]),
    "a tool of the server's own": body(tools=[{"type": "openrouter:web_search"}]),
    "a part of another service": body(messages=[{"role": "user", "content": PDF}]),
    "what this model refuses": body(**MODERN),
    "a model that calls no functions": body(tools=TOOLS, model="gpt-3.5-turbo-instruct"),
    "a role of another service": body(messages=[{"role": "tool_results", "content": "7"}]),
    "a value out of bounds": body(temperature=3),
}


@pytest.fixture
def upstream() -> Any:
    """A service that takes whatever it is asked."""
    with MockLLM(checks="lenient", fallback="simulate") as llm:
        llm.when().reply("Good morning.")
        yield llm


@pytest.mark.parametrize("name", REQUESTS)
def test_what_was_recorded_is_never_refused(name: str, record: Record, file: Path) -> None:
    asked = REQUESTS[name]
    with record():
        first = ask(record.url, asked)

    with MockLLM(file) as replay:
        again = ask(replay.base_url, asked)
        assert replay.journal[0].match == "recording:session#turn1"
        replay.verify()

    assert first.status == again.status == 200
    assert again.text == first.text == "Good morning."


def test_checks_are_asked_where_nothing_recorded_answers(record: Record, file: Path) -> None:
    with record():
        ask(record.url, body(thinking={"type": "disabled"}))

    with MockLLM(file) as replay:
        assert ask(replay.base_url, body(thinking={"type": "enabled"})).status == 400
        assert ask(replay.base_url, body("Hello?")).status == 422


def test_a_recorded_request_that_did_not_say_json_is_answered(record: Record, file: Path) -> None:
    kind = {"content-type": "text/plain"}
    with record():
        ask(record.url, body(), **kind)

    with MockLLM(file) as replay:
        assert ask(replay.base_url, body(), **kind).status == 200
        assert ask(replay.base_url, body("Hello?"), **kind).status == 415


OWN: dict[str, dict[str, Any]] = {
    "openrouter": {"provider": {"order": ["anthropic"]}, "usage": {"include": True}},
    "mistral": {"safe_prompt": True},
    "ollama": {"keep_alive": "5m"},
    "qwen": {"enable_thinking": False},
    "deepseek": {"thinking": {"type": "disabled"}},
}


@pytest.mark.parametrize("provider", OWN)
def test_what_a_manner_takes_out_is_taken_out_of_the_recording_too(provider: str, record: Record, file: Path) -> None:
    more = OWN[provider]
    with record():
        ask(record.url, body(**more))

    with MockLLM(file, provider=provider) as replay:
        assert ask(replay.base_url, body(**more)).status == 200
        assert ask(replay.base_url, body()).status == 200
    with MockLLM(file) as replay:
        assert ask(replay.base_url, body()).status == 422
        assert ask(replay.base_url, body(), **{"x-mock-provider": provider}).status == 200


def test_a_conversation_goes_on_in_a_manner_that_wants_ids_of_its_own(record: Record, file: Path) -> None:
    asked = body(tools=BARE, safe_prompt=True)
    with MockLLM(checks="lenient") as api:
        api.script(call("look_up"), "Cold.")
        record.upstream = api.base_url
        with record():
            first = ask(record.url, asked)
            ask(record.url, {**asked, "messages": _with_result(asked, first.value)})

    with MockLLM(file, provider="mistral") as replay:
        again = ask(replay.base_url, asked)
        last = ask(replay.base_url, {**asked, "messages": _with_result(asked, again.value)})

    assert last.text == "Cold."


def _with_result(asked: dict[str, Any], answer: Any) -> list[dict[str, Any]]:
    said = answer["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": said["tool_calls"][0]["id"], "content": "-3"}
    return [*asked["messages"], said, result]


def test_a_provider_that_refuses_odd_calls_says_recorded_ones(record: Record, file: Path) -> None:
    asked = body(tools=TOOLS, tool_choice="required")
    message = {"role": "assistant", "content": "No call at all."}
    value = {"id": "x", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    answered = UpstreamResponse(200, {"content-type": "application/json"}, [(0.0, json.dumps(value).encode())])
    with answering_with(lambda _: answered) as url:
        record.upstream = url
        with record():
            ask(record.url, asked)

    with MockLLM(file, provider="groq") as replay:
        assert ask(replay.base_url, asked).text == "No call at all."
