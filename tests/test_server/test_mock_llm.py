"""MockLLM with any client: blocking, on an event loop, in threads, in other processes."""

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from mockserver import MockLLM, Reply, call, hang_up, refuse
from mockserver.chat import ChatRequest
from mockserver.journal import Truncated
from mockserver.scenario import parse
from tests.test_server.conftest import HELLO

ASK = """
import json, os, urllib.request
body = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'
url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
headers = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "content-type": "application/json"}
request = urllib.request.Request(url, body, headers)
print(json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"])
"""


def ask(llm: MockLLM, text: str = "Hello", key: str = "any") -> Any:
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{llm.base_url}/chat/completions", body, headers)) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]


def test_a_blocking_client_within_an_event_loop_does_not_hang() -> None:
    async def blocking() -> Any:
        with MockLLM() as llm:
            llm.script("Hello.")
            return ask(llm)

    assert asyncio.run(blocking()) == "Hello."


async def test_a_client_on_an_event_loop() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        async with ClientSession() as session, session.post(f"{llm.base_url}/chat/completions", json=HELLO) as answer:
            said = await answer.json()

    assert said["choices"][0]["message"]["content"] == "Hello."


def test_threads_with_keys_of_their_own_get_scripts_of_their_own() -> None:
    said: dict[str, list[str]] = {}

    def agent(key: str) -> None:
        said[key] = [ask(llm, key=key) for _ in range(3)]

    with MockLLM() as llm:
        llm.script("One.", "Two.", "Three.")
        threads = [threading.Thread(target=agent, args=(f"agent-{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert list(said.values()) == [["One.", "Two.", "Three."]] * 4


def test_a_subprocess_inherits_the_environment() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        environment = {**os.environ, **llm.env}
        ran = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout == "Hello.\n"


async def later(request: ChatRequest) -> Reply:
    return Reply(f"You said {request.user_text}.")


def test_a_turn_may_be_a_function_plain_or_asynchronous() -> None:
    with MockLLM() as llm:
        llm.script(lambda request: request.user_text.upper(), later)

        assert [ask(llm), ask(llm)] == ["HELLO", "You said Hello."]


def says_nothing(llm: MockLLM, text: str = "Hello") -> bool:
    """Whether nothing answers, as an error of the mock's own says."""
    try:
        ask(llm, text)
    except urllib.error.HTTPError as refused:
        with refused:
            return bool(json.load(refused)["error"]["code"] == "unscripted_request")
    return False


def says_by_script(llm: MockLLM) -> None:
    llm.script("One.")


def says_by_rule(llm: MockLLM) -> None:
    llm.when(user_says="thanks").reply("You are welcome.")


def says_by_file(llm: MockLLM) -> None:
    llm.load(parse("scenario: s\nrules: [{when: {user_says: file}, text: From the file.}]"))


@pytest.mark.parametrize("says", [says_by_script, says_by_rule, says_by_file])
def test_the_simulated_model_answers_until_somebody_says_what_the_model_says(says: Callable[[MockLLM], None]) -> None:
    with MockLLM() as llm:
        assert ask(llm, "Another")
        says(llm)
        says_nothing(llm, "Hi")
        assert says_nothing(llm, "Hi")
        with pytest.raises(AssertionError, match="the request is not scripted"):
            llm.verify()


def test_a_reset_begins_with_the_simulated_model_again_unless_a_file_stays() -> None:
    with MockLLM() as llm:
        llm.script("One.")
        llm.reset()
        assert ask(llm)
        says_by_file(llm)
        llm.reset()
        assert says_nothing(llm)


def test_a_reset_over_http_keeps_what_was_scripted_and_its_fallback() -> None:
    with MockLLM() as llm:
        llm.script("One.")
        ask(llm)
        again = urllib.request.Request(f"{llm.base_url.removesuffix('/v1')}/_mock/reset", b"", method="POST")
        urllib.request.urlopen(again).close()

        assert [ask(llm), says_nothing(llm)] == ["One.", True]


def test_simulating_can_be_chosen_for_all_tests_or_for_one() -> None:
    with MockLLM(fallback="simulate") as llm:
        llm.script("One.")
        assert [ask(llm), bool(ask(llm))] == ["One.", True]
    with MockLLM(fallback="error") as llm:
        llm.simulate()
        llm.script("One.")
        assert [ask(llm), bool(ask(llm))] == ["One.", True]
        llm.reset()
        assert says_nothing(llm)


def test_rules_stay_scripts_append_and_reset_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "hello.yaml"
    file.write_text("scenario: hello\nturns: [{when: {user_says: file}, text: From the file.}]", encoding="utf-8")
    with MockLLM(fallback="error") as llm:
        llm.when(user_says="thanks").reply("You are welcome.")
        llm.script("One.")
        llm.script("Two.")
        llm.load(file)

        assert [ask(llm, "thanks"), ask(llm), ask(llm, "thanks"), ask(llm, "a file")] == [
            "One.",
            "Two.",
            "You are welcome.",
            "From the file.",
        ]
        llm.reset()
        assert len(llm.journal) == 0
        assert ask(llm, "a file") == "From the file."


def test_a_running_mock_verifies_what_happened() -> None:
    with MockLLM() as llm:
        llm.script("Hello.", refuse(429))
        ask(llm)
        with pytest.raises(AssertionError) as failed:
            llm.verify()

    assert str(failed.value) == (
        "turn 2 of the script was never asked for: the error HTTP 429\n\n  exchange 1: user 'Hello' → 'Hello.'"
    )


def test_where_nothing_came_what_to_do_about_it_is_told() -> None:
    with MockLLM() as llm:
        llm.script("Hello.")
        with pytest.raises(AssertionError, match=r"no request reached the mock: a client .* --mock-llm-env"):
            llm.verify()
        ask(llm)
        llm.script("More.")
        with pytest.raises(AssertionError) as failed:
            llm.verify()

    assert "no request reached" not in str(failed.value)


def test_what_is_allowed_verifies() -> None:
    with MockLLM() as llm:
        llm.script(call("get_weather", city="Oslo"))
        llm.allow("unplayed")
        llm.verify()


def test_the_journal_is_as_long_as_wanted() -> None:
    with MockLLM(journal=2) as llm:
        llm.script("One.", "Two.", "Three.")
        for _ in range(3):
            ask(llm)

        assert [exchange.id for exchange in llm.journal] == [2, 3]
        with pytest.raises(Truncated):
            llm.journal.count()


def test_a_model_that_was_chosen_is_in_the_environment() -> None:
    with MockLLM(model="o3") as named, MockLLM() as unnamed:
        assert (named.env["OPENAI_MODEL"], named.model) == ("o3", "o3")
        assert ("OPENAI_MODEL" in unnamed.env, unnamed.model) == (False, "gpt-4o")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "simulated"])
@pytest.mark.parametrize(("named_finish", "finish"), [(None, "stop"), ("stop", "stop"), ("tool_calls", "tool_calls")])
def test_how_a_named_call_finishes_can_be_chosen(named_finish: Any, finish: str, scripted: bool) -> None:
    function = {"name": "now", "parameters": {"type": "object", "properties": {}}}
    named = {"type": "function", "function": {"name": "now"}}
    asked = {**HELLO, "tools": [{"type": "function", "function": function}], "tool_choice": named}

    with MockLLM(named_finish=named_finish) as llm:
        if scripted:
            llm.script(call("now"))
        given = {"content-type": "application/json"}
        sent = urllib.request.Request(f"{llm.base_url}/chat/completions", json.dumps(asked).encode(), given)
        with urllib.request.urlopen(sent) as answer:
            choice = json.load(answer)["choices"][0]

    assert (choice["message"]["tool_calls"][0]["function"]["name"], choice["finish_reason"]) == ("now", finish)


def test_a_mock_that_does_not_run_says_so() -> None:
    with pytest.raises(RuntimeError, match="is not running: use it as `with MockLLM"):
        _ = MockLLM().base_url


def streamed(llm: MockLLM) -> bytes:
    body = json.dumps({**HELLO, "stream": True}).encode()
    asked = urllib.request.Request(f"{llm.base_url}/chat/completions", body, {"content-type": "application/json"})
    with urllib.request.urlopen(asked) as answer:
        received: bytes = answer.read()
    return received


def test_a_hung_up_stream_is_said_whole_to_the_next_request() -> None:
    with MockLLM() as llm:
        llm.script(hang_up(after=2), "Hello.")
        with pytest.raises(http.client.IncompleteRead) as cut:
            streamed(llm)
        whole = streamed(llm)

        assert whole.startswith(cut.value.partial.partition(b"data:")[0])
        assert (cut.value.partial.count(b"data:"), b"Hello." in cut.value.partial) == (2, True)
        assert [exchange.ended for exchange in llm.journal] == ["fault:cut_after_events", "complete"]
        llm.verify()


def test_a_connection_is_dropped_before_anything_comes() -> None:
    with MockLLM() as llm:
        llm.script(hang_up(), hang_up(), "Hello.")
        for _ in range(2):
            with pytest.raises(ConnectionError):
                ask(llm)

        assert ask(llm) == "Hello."


def test_events_that_a_plain_answer_does_not_have_are_told() -> None:
    with MockLLM() as llm:
        llm.script(hang_up(after=1))
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(llm)
        refused.value.close()

        assert "'cut_after_events' does not apply here" in str(llm.journal)


def test_events_are_counted_from_0_up() -> None:
    with pytest.raises(ValueError, match="expected 0 or more events"):
        hang_up(after=-1)


def test_faults_happen_until_a_reset() -> None:
    with MockLLM(fallback="simulate") as llm:
        llm.fault("http_status", status=503, attempts=1)
        with pytest.raises(urllib.error.HTTPError) as failed:
            ask(llm)
        failed.value.close()
        assert failed.value.code == 503
        assert ask(llm)
        assert [found.verdict for found in llm.conduct] == ["retried"]

        with urllib.request.urlopen(f"{llm.base_url.removesuffix('/v1')}/_mock/conduct") as answer:
            [told] = json.load(answer)["conduct"]
        assert (told["exchange"], told["faults"], told["said"]) == (1, ["http_status"], "retried the same")
        llm.reset()
        assert ask(llm)


def test_an_unknown_fault_is_told() -> None:
    with (
        MockLLM() as llm,
        pytest.raises(ValueError, match=r"No fault is called 'unknown_parm'\. Nearest: unknown_param"),
    ):
        llm.fault("unknown_parm")


def test_a_mock_shows_where_it_listens() -> None:
    with MockLLM() as llm:
        assert repr(llm) == f"<MockLLM {llm.base_url}>"

    assert repr(llm) == "<MockLLM not running>"


def test_a_turn_that_is_a_function_may_look_at_the_mock_itself() -> None:
    def counting(request: ChatRequest) -> str:
        llm.script("And more.")
        return f"{len(llm.journal)} before this."

    with MockLLM() as llm:
        llm.script("One.", counting)

        assert [ask(llm), ask(llm), ask(llm)] == ["One.", "1 before this.", "And more."]


def test_what_would_have_answered_too_is_in_the_journal() -> None:
    with MockLLM() as llm:
        llm.when(user_says="hello").reply("By the rule.")
        llm.script("By the turn.")
        ask(llm)

        assert llm.journal[0].others == ()
        llm.load(parse("scenario: late\nrules: [{when: {user_says: hello}, text: Late.}]"))
        ask(llm)
        assert (llm.journal[1].match, llm.journal[1].others) == ("script#rule1", ("scenario:late#rule1",))


def test_a_key_that_is_wanted_is_the_one_that_clients_are_given() -> None:
    with MockLLM(require_key="sk-wanted") as llm:
        llm.script("Hello.")

        assert ask(llm, key=llm.env["OPENAI_API_KEY"]) == "Hello."
