"""Scenarios replaced, added and taken away while the server runs, and picked by name."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.chat import ChatRequest
from mockserver.scenario import Scenario, Turn, When
from mockserver.scenario.turn_values import as_say
from tests.test_server.conftest import HELLO

SECOND = "scenario: second\nturns: [{text: Two.}]"


def send(llm: MockLLM, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
    address = llm.base_url.removesuffix("/v1") + path
    given = {"content-type": "application/json", **headers}
    asked = urllib.request.Request(address, body or None, given, method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def chat(llm: MockLLM, model: str = "gpt-4o", **headers: str) -> str:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    _, answer = send(llm, "POST", "/v1/chat/completions", json.dumps({**HELLO, "model": model}).encode(), **headers)
    return str(answer["error"]["message"] if "error" in answer else answer["choices"][0]["message"]["content"])


def scenario(name: str, text: str, model: str | None = None) -> Scenario:
    return Scenario(name, model=model, turns=(Turn(as_say(text)),))


def test_put_replaces_post_adds_delete_leaves_none_and_a_reset_is_as_at_the_start() -> None:
    with MockLLM(scenario("first", "One.")) as llm:
        assert send(llm, "POST", "/_mock/scenario", SECOND.encode())[1]["scenarios"][-2:] == ["first", "second"]
        assert chat(llm) == "One."
        assert send(llm, "PUT", "/_mock/scenario", SECOND.encode()) == (200, {"status": "ok", "scenarios": ["second"]})
        assert chat(llm) == "Two."
        assert send(llm, "DELETE", "/_mock/scenario")[1]["scenarios"] == []
        assert "Nothing is scripted" in chat(llm)
        send(llm, "POST", "/_mock/reset")
        assert chat(llm) == "One."


def test_a_scenario_with_mistakes_is_refused_with_their_places_and_changes_nothing() -> None:
    with MockLLM(scenario("first", "One.")) as llm:
        status, answer = send(llm, "PUT", "/_mock/scenario", b"turns:\n  - txt: a\n")

        assert (status, answer["error"]["code"]) == (400, "invalid_scenario")
        assert answer["error"]["message"].startswith("<scenario>:2:5: turns[0]: unknown key `txt`.")
        assert [(each["line"], each["column"]) for each in answer["error"]["problems"]] == [(2, 5), (2, 5)]
        assert chat(llm) == "One."


def test_a_scenario_that_is_no_text_is_refused() -> None:
    with MockLLM() as llm:
        status, answer = send(llm, "PUT", "/_mock/scenario", b"\xff\xfe")

    assert (status, answer["error"]["message"]) == (400, "the body is not UTF-8 text")


def test_a_scenario_is_picked_by_header_or_as_the_model() -> None:
    with MockLLM(scenario("first", "One.")) as llm:
        llm.load(scenario("zweites Gespräch", "Zwei.", model="o1*"))

        assert chat(llm, x_mock_scenario="zweites Gespr%C3%A4ch", model="o1-mini") == "Zwei."
        assert chat(llm, model="scenario:zweites Gespräch") == "Zwei."
        assert chat(llm, model="scenario:first") == "One."


def test_a_scenario_is_picked_by_the_name_of_its_file(tmp_path: Any) -> None:
    file = tmp_path / "greeting.yaml"
    file.write_text("scenario: Say good morning\nturns: [{text: Good morning.}]", encoding="utf-8")

    with MockLLM(scenario("first", "One.")) as llm:
        llm.load(file)
        picked = [chat(llm, x_mock_scenario=name) for name in ("greeting", "greeting.yaml", "Say good morning")]

    assert picked == ["Good morning."] * 3


def test_a_ready_made_scenario_need_not_be_loaded_to_be_picked() -> None:
    with MockLLM() as llm:
        body = {**HELLO, "model": "scenario:three_cities", "messages": [{"role": "user", "content": "Thanks!"}]}
        _, answer = send(llm, "POST", "/v1/chat/completions", json.dumps(body).encode())

    assert answer["choices"][0]["message"]["content"] == "You are welcome."


@pytest.mark.parametrize("model", ["gpt-4o", "scenario:three_citties"])
def test_an_unknown_scenario_is_told_with_the_known_ones(model: str) -> None:
    picked = {"x_mock_scenario": "three_citties"} if model == "gpt-4o" else {}

    with MockLLM(scenario("first", "One.")) as llm:
        told = chat(llm, model, **picked)

    assert told.startswith("No scenario is called 'three_citties'. Did you mean 'three_cities'? Loaded: 'script'")
    assert "Ready-made: 'ask_back'" in told


def test_what_nobody_scripted_is_told_in_the_log_and_in_the_journal_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "mockserver")
    key = "sk-proj-A1b2C3d4E5f6G7h8I9"
    question = {"role": "user", "content": f"My key is {key}, {'and so on ' * 30} and it ends with {key}"}

    with MockLLM(Scenario("s", turns=(Turn(as_say("x"), When.of(user_says="temperature")),))) as llm:
        status, answer = send(
            llm, "POST", "/v1/chat/completions", json.dumps({**HELLO, "messages": [question]}).encode()
        )
        _, journal = send(llm, "GET", "/_mock/journal")

    told = answer["error"]["message"]
    assert status == 422
    assert "My key is <secret>, and so on" in told
    assert len(told.splitlines()) <= 40
    assert [record.message for record in caplog.records if record.name == "mockserver"] == [told]
    missed = journal["exchanges"][0]["reply"]["error"]
    assert missed["message"] == told
    assert missed["near_misses"] == answer["error"]["near_misses"]
    assert "sk-proj" not in f"{answer} {caplog.text} {missed}"


def test_the_journal_notes_who_else_would_have_answered() -> None:
    with MockLLM(scenario("first", "One.")) as llm:
        llm.load(scenario("second", "Two."))
        chat(llm)
        _, journal = send(llm, "GET", "/_mock/journal")
        printed = str(llm.journal)

    assert journal["exchanges"][0]["match"] == "scenario:first#turn1"
    assert journal["exchanges"][0]["others"] == ["scenario:second#turn1"]
    assert "scenario:second#turn1 would have answered, too" in printed


def test_a_condition_that_raises_is_told_and_not_retried() -> None:
    def broken(request: ChatRequest) -> bool:
        raise KeyError("city")

    with MockLLM() as llm:
        llm.when(broken).reply("x")
        told = chat(llm)

    assert told == ("the condition `broken` raised KeyError: 'city'. A condition gets the request and says yes or no.")


CALLING = """scenario: weather
turns:
  - calls:
      - call: get_current_weather
        with: {location: Oslo}
      - call: get_current_weather
        with: {location: Rome}
"""


def offering(name: str = "get_current_weather", **schema: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {"location": {"type": "string", **schema}}}
    return {"tools": [{"type": "function", "function": {"name": name, "parameters": parameters}}]}


@pytest.mark.parametrize(
    ("request_with", "reason"),
    [
        (offering("get_wether"), "it calls `get_current_weather`, which is not offered."),
        ({**offering(), "tool_choice": "none"}, "it calls `get_current_weather`, and the request says"),
        ({**offering(), "parallel_tool_calls": False}, "it makes 2 calls at once, and the request says"),
        (offering(enum=["Oslo", "Paris"]), "the arguments of `get_current_weather` do not fit the offered schema"),
    ],
    ids=["not offered", "none", "one at a time", "schema changed"],
)
def test_a_script_that_contradicts_the_request_is_told_with_file_and_line(
    request_with: dict[str, Any], reason: str, tmp_path: Any
) -> None:
    file = tmp_path / "weather.yaml"
    file.write_text(CALLING, encoding="utf-8")

    with MockLLM(file) as llm:
        body = json.dumps({**HELLO, **request_with}).encode()
        status, answer = send(llm, "POST", "/v1/chat/completions", body)

    assert (status, answer["error"]["code"]) == (422, "script_conflict")
    assert answer["error"]["message"].startswith(
        f"scenario:weather#turn1 ({file}:3:5) contradicts the request: {reason}"
    )


def test_a_schema_that_is_not_the_one_of_the_file_is_said_to_have_changed(tmp_path: Any) -> None:
    file = tmp_path / "weather.yaml"
    tools = json.dumps(offering()["tools"])
    file.write_text(f"tools: {tools}\n{CALLING}", encoding="utf-8")

    with MockLLM(file) as llm:
        body = json.dumps({**HELLO, **offering(enum=["Oslo"])}).encode()
        _, answer = send(llm, "POST", "/v1/chat/completions", body)

    assert answer["error"]["message"].endswith(
        "The file's `tools` have another schema for `get_current_weather`: it may have changed"
    )


def test_parallel_agents_with_keys_of_their_own_do_not_mix_in_a_script() -> None:
    with MockLLM() as llm:
        llm.script("One.", "Two.")
        heard = [(key, chat(llm, authorization=f"Bearer agent-{key}")) for key in "abba"]

    assert heard == [("a", "One."), ("b", "One."), ("b", "Two."), ("a", "Two.")]
