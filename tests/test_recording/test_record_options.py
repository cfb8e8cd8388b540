"""The options of `mockserver record`: access holds for every request, faults and providers for what FILE answers."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM
from mockserver.cli import main
from tests.test_recording.asking import KEY, TOOLS, Got, ask, body
from tests.test_recording.conftest import Record
from tests.test_recording.test_odd_upstreams import END, STREAM, answering, plain, streamed

RECORDED = """
scenario: session
recording: {format: 1}
turns:
  - heard: {model: gpt-4o, messages: [user: Known]}
    text: Recorded.
rules:
  - name: look
    when: {user_says: Look}
    calls:
      - call: look_up
"""


@contextmanager
def recorder(upstream: str, file: Path, *options: str) -> Iterator[str]:
    """The base URL of `mockserver record` with these options."""
    command = [sys.executable, "-m", "mockserver", "record", "--upstream", upstream, "--to", str(file), "--port", "0"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield line.split()[3]
        finally:
            process.kill()


@pytest.fixture
def known(file: Path) -> Path:
    file.write_text(RECORDED)
    return file


def code(got: Got) -> Any:
    return got.value["error"]["code"]


@pytest.mark.parametrize("text", ["Known", "Something new"])
def test_rpm_limits_recorded_and_passed_on_requests_alike(text: str, known: Path, upstream: MockLLM) -> None:
    with recorder(upstream.base_url, known, "--rpm", "1") as url:
        statuses = [ask(url, body(text)).status for _ in range(2)]

    assert statuses == [200, 429]


def test_tpm_limits_what_is_passed_on(known: Path, upstream: MockLLM) -> None:
    with recorder(upstream.base_url, known, "--tpm", "10") as url:
        got = ask(url, body("Something new", max_tokens=100))

    assert (got.status, code(got)) == (429, "rate_limit_exceeded")
    assert len(upstream.journal) == 0


def test_a_model_that_is_not_known_never_reaches_the_upstream(known: Path, upstream: MockLLM) -> None:
    with recorder(upstream.base_url, known, "--known-models-only") as url:
        got = ask(url, body(model="nonesuch"))

    assert (got.status, code(got)) == (404, "model_not_found")
    assert len(upstream.journal) == 0


def test_a_key_that_is_required_is_required_for_the_upstreams_models_too(known: Path, upstream: MockLLM) -> None:
    with recorder(upstream.base_url, known, "--require-key", KEY) as url:
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(f"{url}/models")
        refused.value.close()
        assert ask(url, body(), authorization="Bearer another").status == 401
        assert ask(url, body()).status == 200

    assert refused.value.code == 401


def test_faults_and_their_names_are_those_of_recorded_answers_only(known: Path, upstream: MockLLM) -> None:
    with recorder(upstream.base_url, known, "--fault", "http_status:status=503,once=true") as url:
        statuses = [ask(url, body(text)).status for text in ("Something new", "Known", "Known")]
        faults = [exchange["faults"] for exchange in journal_of(url)]

    assert statuses == [200, 503, 200]
    assert faults == [[], ["http_status"], []]


def test_checks_hold_for_the_rules_of_the_file(known: Path, upstream: MockLLM) -> None:
    statuses = []
    for checks in ("strict", "lenient"):
        with recorder(upstream.base_url, known, "--checks", checks) as url:
            statuses.append(ask(url, body("Look", tools=TOOLS, temperature=9)).status)

    assert statuses == [400, 200]


def test_a_provider_writes_what_the_file_answers(known: Path, upstream: MockLLM) -> None:
    with recorder(upstream.base_url, known, "--provider", "groq") as url:
        played, passed_on = ask(url, body("Look", tools=TOOLS)), ask(url, body("Something new"))

    assert "x_groq" in played.value
    assert "x_groq" not in passed_on.value


def test_a_seed_decides_the_ids_of_what_the_file_answers(known: Path, upstream: MockLLM) -> None:
    ids = []
    for seed in ("1", "2"):
        with recorder(upstream.base_url, known, "--seed", seed) as url:
            ids.append(ask(url, body("Look", tools=TOOLS)).value["id"])

    assert ids[0] != ids[1]


@pytest.mark.parametrize("option", [["--fallback", "simulate"], ["--watch"]])
def test_an_option_without_a_meaning_for_a_recorder_is_refused(
    option: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["record", "--upstream", "http://127.0.0.1:9/v1", "--to", str(file), "--port", "0", *option]

    assert main(arguments) == 2
    assert f"record takes no {option[0]}" in capsys.readouterr().err


def test_a_scenario_that_a_header_names_answers_in_place_of_the_upstream(
    record: Record, upstream: MockLLM, file: Path
) -> None:
    with record() as journal:
        got = ask(record.url, body(), **{"x-mock-scenario": "nonesuch"})

    assert (got.status, code(got)) == (422, "unknown_scenario")
    assert (len(journal), len(upstream.journal), file.exists()) == (1, 0, False)


def journal_of(url: str) -> Any:
    with urllib.request.urlopen(url.replace("/v1", "/_mock/journal")) as response:
        found = json.load(response)
    return found["exchanges"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (streamed(b": ping\n\n" + STREAM + b"data: [DONE]\n\n") + END, b": ping\n\n" + STREAM + b"data: [DONE]\n\n"),
        (plain(b'{ "choices":\t[] }\n'), b'{ "choices":\t[] }\n'),
    ],
    ids=["a stream", "a body"],
)
def test_the_client_gets_the_upstreams_bytes(answer: bytes, expected: bytes, record: Record) -> None:
    with answering(answer) as url:
        record.upstream = url
        with record():
            assert ask(record.url, body()).body == expected


EVENTS = {
    "a stream": (streamed(STREAM + STREAM + b"data: [DONE]\n\n") + END, 3),
    "a stream in a cut": (streamed(STREAM + STREAM[:30]), 1),
    "a body": (plain(b'{"choices": []}'), 1),
    "no answer at all": (b"", 0),
}


@pytest.mark.parametrize("name", EVENTS)
def test_the_journal_counts_the_events_that_were_passed_on(name: str, record: Record) -> None:
    answer, count = EVENTS[name]
    with answering(answer) as url:
        record.upstream = url
        with record() as journal:
            address = urlsplit(record.url)
            client = HTTPConnection(str(address.hostname), address.port)
            client.request("POST", "/v1/chat/completions", json.dumps(body()), {"content-type": "application/json"})
            with suppress(HTTPException, ConnectionError):
                client.getresponse().read()
            client.close()

    assert [(exchange.match, exchange.events_sent) for exchange in journal] == [("upstream", count)]


def test_a_connection_is_kept_for_the_next_request(record: Record) -> None:
    with answering(plain(b'{"choices": []}')) as url:
        record.upstream = url
        with record():
            address = urlsplit(record.url)
            client = HTTPConnection(str(address.hostname), address.port)
            for _ in range(2):
                client.request("POST", "/v1/chat/completions", json.dumps(body()))
                response = client.getresponse()
                response.read()
                connection = response.getheader("connection")
            port = client.sock.getsockname()[1] if client.sock else None
            client.close()

    assert (connection, port is not None) == (None, True)


def test_a_page_may_read_what_is_passed_on(record: Record, upstream: MockLLM) -> None:
    upstream.script("Hi.")
    origin = record.url.removesuffix("/v1")
    with record():
        got = ask(record.url, body(), origin=origin)

    assert got.headers["access-control-allow-origin"] == origin
