"""Every kind of secret, in every place, on every path that writes or prints: none of them arrives.

Each secret has a value of its own, so that a test can say which one leaked and from where.
"""

import json
import logging
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError

import pytest

from mockserver.cli import main
from mockserver.cli.record_replay import tell_unplayed
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.redaction import Sanitiser
from mockserver.scenario import Play, load
from mockserver.server.proxy import recording
from mockserver.server.thread import Host
from tests.planted import KINDS
from tests.test_recording.leaky import (
    BY_VALUE,
    FORMS,
    IN_ANSWERS,
    IN_REQUESTS,
    PLACES,
    Leaky,
    answer_to,
    answering_with,
    headers,
    known_values,
    leaked,
    leaky_recording,
    query,
    request,
)

SHAPED = tuple(kind for kind in KINDS if kind not in BY_VALUE)


class Session(NamedTuple):
    """What is left of a session that was recorded: the file, all that was printed, and the journal."""

    file: Path
    printed: str
    journal: str


def post(url: str, secrets: Leaky, asked: Any) -> str:
    """Ask as an application does that says its secrets everywhere; gives the body of the answer."""
    address = f"{url}/chat/completions?{query(secrets)}"
    sent = urllib.request.Request(address, json.dumps(asked).encode(), headers(secrets))
    try:
        answer: HTTPResponse
        with urllib.request.urlopen(sent) as answer:
            return answer.read().decode()
    except HTTPError as error:
        with error:
            return error.read().decode()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    running = Host()
    yield running
    running.close()


@pytest.fixture(scope="module")
def sanitiser() -> Sanitiser:
    """Knows what can only be known by value."""
    return Sanitiser(known_values("", "later"))


@pytest.fixture(scope="module")
def session(host: Host, sanitiser: Sanitiser, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Every kind in every place, recorded over real sockets."""
    file = tmp_path_factory.mktemp("recorded") / "session.yaml"
    with (
        pytest.MonkeyPatch.context() as patched,
        file.with_suffix(".log").open("w+", encoding="utf-8") as log,
        answering_with(answer_to) as upstream,
    ):
        handler = logging.StreamHandler(log)
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.DEBUG)
        patched.setattr("sys.stderr", log)
        patched.setattr("sys.stdout", log)
        with recording(host, upstream, file, sanitiser=sanitiser) as journal:
            asked = [(host.url, Leaky(kind), request(Leaky(kind), form)) for kind in KINDS for form in FORMS]
            with ThreadPoolExecutor(8) as threads:
                list(threads.map(post, *zip(*asked, strict=True)))
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
        log.seek(0)
        printed = log.read()
    return Session(file, printed, str(journal))


@pytest.fixture
def leaky(tmp_path: Path) -> Path:
    """A recording that says them all, as an editor, a merge or another tool may leave one."""
    file = tmp_path / "leaky.yaml"
    file.write_text(leaky_recording(), encoding="utf-8")
    return file


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How a user names the secrets that have no shape."""
    names = []
    for number, value in enumerate(known_values("", "later")):
        monkeypatch.setenv(f"SECRET_{number}", value)
        names += ["--secret-env", f"SECRET_{number}"]
    return names


def test_they_are_planted_indeed(leaky: Path) -> None:
    assert len(PLACES) >= 8
    assert len(KINDS) >= 20
    wanted = [f"{kind}: {place}" for kind in KINDS for place in (*IN_REQUESTS, *IN_ANSWERS)]
    assert sorted(wanted) == sorted(leaked(leaky.read_text(encoding="utf-8"), places=(*IN_REQUESTS, *IN_ANSWERS)))


def test_none_is_in_a_recording(session: Session) -> None:
    written = session.file.read_text(encoding="utf-8")

    assert leaked(written) == []
    assert "tulip" not in written
    assert len(load(session.file).turns) == len(KINDS) * len(FORMS)


def test_none_is_printed_or_logged_while_recording(session: Session) -> None:
    assert leaked(session.printed) == []


def test_none_with_a_shape_is_in_the_journal_as_it_is_shown(session: Session) -> None:
    assert "look_up" in session.journal
    assert leaked(session.journal, kinds=SHAPED) == []


@pytest.mark.parametrize("clean", [True, False], ids=["recorded", "leaky"])
def test_none_is_in_a_miss(clean: bool, session: Session, leaky: Path, host: Host, sanitiser: Sanitiser) -> None:
    play = Play(load(session.file if clean else leaky), sanitiser=sanitiser)
    # Strict checks refuse the secret that stands in a message's name before anything is looked up.
    host.serve(Engine(Settings(fallback="error", checks="lenient"), [play]), Journal())
    for kind in KINDS:
        missed = post(host.url, Leaky(kind), request(Leaky(kind, "later"), "plain") | {"temperature": 0.5})

        assert "recording_miss" in missed
        assert leaked(missed, "", "later") == []


def test_none_is_named_among_the_exchanges_never_asked_for(
    leaky: Path, sanitiser: Sanitiser, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_unplayed([Play(load(leaky), sanitiser=sanitiser)], sanitiser)

    assert leaked(capsys.readouterr().err) == []


def test_none_is_in_a_script(
    leaky: Path, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generalise", str(leaky), "--to", str(tmp_path / "script.yaml"), *options]) == 0
    notes = capsys.readouterr()
    assert main(["generalise", str(leaky), *options]) == 0
    printed = capsys.readouterr().out

    assert leaked(notes.out + notes.err) == leaked(printed) == []
    assert leaked((tmp_path / "script.yaml").read_text(encoding="utf-8")) == []
    assert "tulip" not in printed


def test_none_is_in_a_diff(leaky: Path, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = tmp_path / "later.yaml"
    text = leaky_recording("later").replace("It is ", "It was ").replace("Wrong key", "No key")
    later.write_text(text.replace("as in", "like"), encoding="utf-8")

    assert main(["diff", str(leaky), str(later), *options]) == 1

    printed = capsys.readouterr()
    assert "It was <secret>" in printed.out
    assert leaked(printed.out + printed.err, "", "later") == []


def test_none_is_in_a_report_of_drift(
    leaky: Path, options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", Leaky("OpenAI", "later").at("authorization"))

    def other(asked: Any) -> Any:
        form = {"called": "failed", "plain": "called", "odd": "called"}.get(asked["metadata"]["form"], "streamed")
        return FORMS[form][0](Leaky(asked["metadata"]["kind"], "later"))

    with answering_with(other) as upstream:
        main(["drift", str(leaky), "--upstream", upstream, "--max-requests", "1000", *options])

    printed = capsys.readouterr()
    assert "do not fit its schema" in printed.out
    assert leaked(printed.out + printed.err, "", "later") == []


def test_none_is_in_what_a_scan_finds(leaky: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(leaky), *options]) == 1

    printed = capsys.readouterr()
    found = {int(line.removeprefix(f"{leaky}:").split(":")[0]) for line in printed.out.splitlines()}
    assert leaked(printed.out + printed.err) == []
    silent = [
        text
        for number, text in enumerate(leaky.read_text(encoding="utf-8").splitlines(), 1)
        if leaked(text, kinds=tuple(kind for kind in KINDS if kind != "a private key")) and number not in found
    ]
    assert silent == []


def test_none_is_in_what_is_imported(options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists, pairs, cassette = (tmp_path / name for name in ("lists.jsonl", "pairs.jsonl", "cassette.json"))
    interactions, lines = [], []
    for kind in KINDS:
        secrets = Leaky(kind)
        lines.append({**request(secrets, "plain")})
        lines[-1]["messages"].append({"role": "assistant", "content": f"It is {secrets.at('text')}."})
        for form, (answered, _) in FORMS.items():
            answer = answered(secrets)
            asked = {"uri": f"https://x.example/v1/chat/completions?{query(secrets)}", "headers": headers(secrets)}
            body = json.dumps(request(secrets, form))
            response = {"status": {"code": answer.status}, "headers": dict(answer.headers)}
            interactions.append(
                {"request": {**asked, "body": body}, "response": {**response, "body": answer.body.decode()}}
            )
    lists.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    pairs.write_text("\n".join(map(json.dumps, interactions)), encoding="utf-8")
    cassette.write_text(json.dumps({"interactions": interactions}), encoding="utf-8")
    to = tmp_path / "imported.yaml"

    assert main(["import", str(lists), str(pairs), str(cassette), "--to", str(to), *options]) == 0

    printed = capsys.readouterr()
    assert leaked(to.read_text(encoding="utf-8")) == leaked(printed.out + printed.err) == []
    assert len(load(to).turns) > len(KINDS)


@pytest.mark.parametrize(
    "command", ["generalise FILE", "diff FILE FILE", "drift FILE --upstream http://127.0.0.1:9/v1"]
)
def test_none_is_in_what_is_said_of_a_broken_file(
    command: str, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns: list[Any] = []
    for kind in KINDS:
        secrets = Leaky(kind)
        turns += [{"text": [secrets.at("text")]}, {secrets.at("name"): 1}, {"text": "x", "fault": secrets.at("call")}]
    file = tmp_path / "broken.yaml"
    file.write_text(json.dumps({"turns": turns}), encoding="utf-8")

    assert main([*command.replace("FILE", str(file)).split(), *options]) == 1

    printed = capsys.readouterr()
    assert printed.err.count(f"{file}:") >= len(turns)
    assert leaked(printed.out + printed.err) == []


@pytest.mark.parametrize(
    "entry",
    [
        [{"role": "HERE", "content": "HERE"}],
        {"HERE": "HERE"},
        {"messages": [{"role": "user", "content": {"HERE": "HERE"}}], "model": {"HERE": 1}},
    ],
)
def test_none_is_in_what_is_said_of_a_file_that_cannot_be_imported(
    entry: Any, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.json"
    for kind in KINDS:
        secret = json.dumps(Leaky(kind).at("user"))[1:-1]
        file.write_text(json.dumps(entry).replace("HERE", secret), encoding="utf-8")

        assert main(["import", str(file), "--to", str(tmp_path / "imported.yaml"), *options]) == 1

        printed = capsys.readouterr()
        assert leaked(printed.out + printed.err, kinds=(kind,)) == []
