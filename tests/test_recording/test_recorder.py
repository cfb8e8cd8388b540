"""The recorder: live pass-through, and a file that plays the same again."""

import socket
import stat
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM, Reply, call, refuse
from mockserver.scenario import ScenarioErrors, load
from tests.test_recording.asking import TOOLS, Got, ask, body
from tests.test_recording.conftest import Record


def texts(file: Path) -> list[str | None]:
    return [turn.say.text for turn in load(file).turns if isinstance(turn.say, Reply)]


def deltas(got: Got) -> list[Any]:
    """What the chunks say, without the ids of the calls."""
    found = [chunk["choices"][0]["delta"] for chunk in got.chunks if chunk["choices"]]
    for delta in found:
        for made in delta.get("tool_calls", ()):
            made.pop("id", None)
    return found


def test_what_was_recorded_is_played(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("Good morning.")
    with record():
        first = ask(record.url, body())

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body())

    assert again.text == first.text == "Good morning."
    assert again.headers["x-mock-match"] == "recording:session#turn1"


def test_a_stream_is_passed_on_and_played_chunk_by_chunk(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script([call("look_up", city="Oslo"), call("look_up", city="Paris")])
    with record():
        first = ask(record.url, body(stream=True, tools=TOOLS))

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body(stream=True, tools=TOOLS))

    assert deltas(first) == deltas(again)
    assert again.body.endswith(b"data: [DONE]\n\n")


def test_the_models_are_the_upstreams_and_not_recorded(record: Record, file: Path) -> None:
    with record(), urllib.request.urlopen(f"{record.url}/models") as response:
        assert b"gpt-4o" in response.read()

    assert not file.exists()


def test_an_error_is_passed_on_with_its_status_and_played(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script(refuse(429, message="Slow down.", retry_after=3), "Now.")
    with record():
        first = [ask(record.url, body()), ask(record.url, body())]

    with MockLLM(file) as replay:
        again = [ask(replay.base_url, body()) for _ in range(3)]

    assert [got.status for got in again] == [429, 200, 200]
    assert again[0].value == first[0].value
    assert again[0].headers["retry-after"] == first[0].headers["retry-after"] == "3"


def test_by_default_what_is_known_is_played_and_the_rest_recorded(
    record: Record, upstream: MockLLM, file: Path
) -> None:
    upstream.script("One.", "Two.", "Three.")
    with record():
        ask(record.url, body("first"))
    with record() as journal:
        said = [ask(record.url, body(text)).text for text in ("first", "second", "second")]

    assert said == ["One.", "Two.", "Three."]
    assert [exchange.match for exchange in journal] == ["recording:session#turn1", "upstream", "upstream"]
    assert len(load(file).turns) == 3


def test_recording_anew_replaces_what_was_there(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("One.", "Two.", "Three.")
    with record():
        ask(record.url, body("first"))
        ask(record.url, body("second"))
    with record(anew=True):
        ask(record.url, body("first"))

    assert texts(file) == ["Three."]


def test_recording_an_unchanged_conversation_anew_changes_date_and_timings_alone(
    record: Record, upstream: MockLLM, file: Path
) -> None:
    def session() -> None:
        upstream.script([call("look_up", city="Oslo"), call("look_up", city="Paris")], "Cold.")
        made = ask(record.url, body(tools=TOOLS)).value["choices"][0]["message"]
        results = [{"role": "tool", "tool_call_id": each["id"], "content": "7"} for each in made["tool_calls"]]
        messages = [*body()["messages"], made, *reversed(results)]
        ask(record.url, body(tools=TOOLS, messages=messages, stream=True))

    written = []
    for anew in (False, True):
        with record(anew=anew):
            session()
        # Gaps are no part of what is compared.
        written.append(replace(load(file), recording=None))

    assert written[0] == written[1]


def test_a_client_that_leaves_early_loses_nothing(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("A long answer that nobody waits for.")
    address = urlsplit(record.url)
    asked = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {address.netloc}\r\ncontent-type: application/json\r\n"
    with record(), socket.create_connection((str(address.hostname), address.port or 0)) as client:
        client.sendall(head.encode() + b"content-length: %d\r\n\r\n" % len(asked) + asked)
        client.recv(64)

    assert texts(file) == ["A long answer that nobody waits for."]


def test_the_file_is_its_owners_alone(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("Good morning.")
    with record():
        ask(record.url, body())

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_a_broken_file_is_told_by_place_and_left_alone(record: Record, file: Path) -> None:
    file.write_text("scenario: x\nturns:\n  - text: [broken\n")

    with pytest.raises(ScenarioErrors, match=r"session\.yaml:3:\d+: "), record():
        pass

    assert file.read_text() == "scenario: x\nturns:\n  - text: [broken\n"


def test_what_comes_back_from_the_upstream_is_listed(record: Record, upstream: MockLLM) -> None:
    upstream.script("Good morning.")
    with record():
        got = ask(record.url, body(), **{"x-mock-fault": "http_status:status=500", "cookie": "a=b"})

    assert got.status == 200
    assert "x-mock-match" not in got.headers


def test_an_upstream_that_is_not_there_is_said_and_not_recorded(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.stop()
    with record():
        got = ask(record.url, body())

    assert (got.status, got.value["error"]["code"]) == (502, "upstream_unreachable")
    assert not file.exists()
