"""Planted secrets: every kind, in every place, on every path that writes or prints; none of them arrives."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM, Reply, call, refuse
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.redaction import Pseudonyms, Sanitiser
from mockserver.scenario import Match, MatchView, Play, load
from mockserver.wire.chat_completions.parse import parse
from tests.planted import KNOWN, SECRETS
from tests.test_recording.asking import TOOLS, ask, body
from tests.test_recording.conftest import Record

CLIENT_KEY = "not shaped like a key at all"


def planted(secret: str) -> dict[str, Any]:
    """A request that says a secret wherever a request can say something."""
    made = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": json.dumps({"q": secret})}}
    messages = [
        {"role": "system", "content": f"The key is {secret}."},
        {"role": "user", "content": f"Use {secret} and {CLIENT_KEY}", "name": "someone"},
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"found": [secret], "password": "rose"})},
    ]
    function = {
        "name": "look_up",
        "description": f"Looks {secret} up",
        "parameters": {"type": "object", "properties": {}},
    }
    return body(messages=messages, tools=[{"type": "function", "function": function}], metadata={"note": secret})


def arrived(secret: str, text: str) -> bool:
    return secret in text or secret.replace("\n", "\\n") in text or secret[8:-4] in text


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_arrives_anywhere(
    secret: str, record: Record, upstream: MockLLM, file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    upstream.script(
        Reply(f"It was {secret}, right?", stream="character"),
        Reply(calls=[call("look_up", q=secret, password="tulip")], stream=3),
        f"Plain: {secret}",
        refuse(400, message=f"Wrong key {secret}"),
    )
    sanitiser = Sanitiser([KNOWN])
    headers = {"authorization": f"Bearer {CLIENT_KEY}", "x-note": secret.encode().hex()}
    with record(sanitiser=sanitiser):
        for number, stream in enumerate((True, True, False, False)):
            ask(f"{record.url}", {**planted(secret), "stream": stream, "max_tokens": 900 + number}, **headers)
    written = file.read_text()

    record.host.serve(Engine(Settings(fallback="error"), [Play(load(file), sanitiser=sanitiser)]), Journal())
    miss = ask(record.url, {**planted(secret), "model": "gpt-4o-mini"}, **headers).body.decode()

    assert "recording_miss" in miss
    told = capfd.readouterr()
    assert len(load(file).turns) == 4
    for text in (written, miss, told.out, told.err):
        assert not arrived(secret, text)
        assert CLIENT_KEY not in text
        assert "rose" not in text
        assert "tulip" not in text
    assert {entry.name for entry in file.parent.iterdir()} == {file.name}


def test_the_same_request_finds_its_answer_with_the_same_secrets(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("Noted.")
    with record(sanitiser=Sanitiser([KNOWN])):
        ask(record.url, planted(KNOWN))

    request = parse(json.dumps(planted(KNOWN)).encode(), strict=False).request
    headers = {"authorization": "Bearer client-key-1234567890"}
    found = Play(load(file), sanitiser=Sanitiser([KNOWN])).answer(MatchView(request, headers=headers))

    assert isinstance(found, Match)


def test_a_stream_with_a_secret_keeps_its_number_of_chunks(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script(Reply(f"Before {SECRETS[0]} after it.", stream=4))
    with record():
        first = ask(record.url, body(stream=True))

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body(stream=True))

    said = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in again.chunks)
    assert said == "Before <secret> after it."
    assert len(again.chunks) == len(first.chunks)


def test_personal_data_are_pseudonyms_on_request(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script([call("look_up", email="ann@firm.org")])
    with record(sanitiser=Sanitiser(pseudonyms=Pseudonyms("salt"))):
        ask(record.url, body("Write to ann@firm.org", tools=TOOLS))
    written = file.read_text()

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body("Write to bob@elsewhere.org", tools=TOOLS))

    arguments = json.loads(again.value["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])
    assert "ann@" not in written
    assert "personal: pseudonyms" in written
    assert written.count(arguments["email"]) == 2
