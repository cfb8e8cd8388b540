"""What of a request reaches the upstream: path, query, headers and body; and what of it is never on the disk."""

import gzip
import json
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError

import pytest
from yarl import URL

from mockserver import MockLLM
from mockserver.recording.forwarding import forwarded_headers, forwarded_url
from mockserver.scenario import load
from mockserver.server.thread import Host
from tests.test_recording.asking import KEY, ask, body
from tests.test_recording.conftest import Record

MESSAGE = {"role": "assistant", "content": "Hi."}
COMPLETION = {"id": "x", "object": "chat.completion", "created": 1, "model": "m",
              "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]}  # fmt: skip


class Upstream:
    """An upstream that keeps what it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[list[tuple[str, str]]] = []
        self.status = 200
        self.body = json.dumps(COMPLETION).encode()
        self.more: dict[str, str] = {}
        self.origin = ""

    @property
    def seen(self) -> dict[str, str]:
        """The headers of the last request."""
        return {name.lower(): value for name, value in self.headers[-1]}


@contextmanager
def listening() -> Iterator[Upstream]:
    real = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            real.paths.append(self.path)
            real.headers.append(self.headers.items())
            self.send_response(real.status)
            for name, value in {"content-type": "application/json", **real.more}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(real.body)))
            self.end_headers()
            self.wfile.write(real.body)

        do_POST = do_GET = answer  # noqa: N815 - the names that the library asks for

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    real.origin = f"http://127.0.0.1:{server.server_port}"
    yield real
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def real() -> Iterator[Upstream]:
    with listening() as upstream:
        yield upstream


@pytest.fixture
def record(host: Host, real: Upstream, file: Path) -> Record:
    return Record(host, f"{real.origin}/v1", file)


def told(call: Any) -> str:
    """What the recorder says at its end of what it did not keep."""
    with pytest.raises(AssertionError) as raised:
        call()
    return str(raised.value)


@pytest.mark.parametrize(
    ("base", "path", "where"),
    [
        ("https://h/v1", "/v1/chat/completions", "/v1/chat/completions"),
        ("https://h/v1", "/chat/completions", "/v1/chat/completions"),
        ("https://h/v1/", "/v1/chat/completions", "/v1/chat/completions"),
        ("https://h", "/v1/chat/completions", "/v1/chat/completions"),
        ("https://h", "/chat/completions", "/chat/completions"),
        ("https://h/api/v1", "/v1/chat/completions", "/api/v1/chat/completions"),
        ("https://h/api/paas/v4", "/v1/chat/completions", "/api/paas/v4/chat/completions"),
        ("https://h/v1beta/openai", "/v1/chat/completions", "/v1beta/openai/chat/completions"),
        ("https://h/v1beta", "/v1beta/models/m", "/v1beta/models/m"),
        ("https://h/openai/v1", "/openai/v1/chat/completions", "/openai/v1/chat/completions"),
        ("https://h/openai/v1", "/v1/chat/completions", "/openai/v1/chat/completions"),
        ("https://h", "/openai/deployments/d/chat/completions", "/openai/deployments/d/chat/completions"),
        ("https://h/openai", "/openai/deployments/d/chat/completions", "/openai/deployments/d/chat/completions"),
        ("https://h/openai/deployments/d", "/openai/deployments/d/chat/completions",
         "/openai/deployments/d/chat/completions"),
        ("https://h/openai/deployments/d", "/v1/chat/completions", "/openai/deployments/d/chat/completions"),
    ],
)  # fmt: skip
def test_what_ends_the_upstream_and_begins_the_path_counts_once(base: str, path: str, where: str) -> None:
    assert forwarded_url(URL(base), path, "").raw_path == where


def test_the_upstreams_own_query_comes_before_the_clients(record: Record, real: Upstream) -> None:
    record.upstream = f"{real.origin}/v1?api-version=2024-10-21"
    with record():
        request(f"{record.url}/chat/completions?user=a%20b&user=c", body())

    assert real.paths == ["/v1/chat/completions?api-version=2024-10-21&user=a%20b&user=c"]


def test_a_path_of_azures_is_recorded_without_a_model_in_the_body(record: Record, real: Upstream, file: Path) -> None:
    record.upstream = real.origin
    root = record.url.removesuffix("/v1")
    path = "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21"
    asked = {"messages": [{"role": "user", "content": "Hi"}]}
    with record():
        assert request(root + path, asked)[0] == 200

    with MockLLM(file) as replay:
        again = request(replay.base_url.removesuffix("/v1") + path, asked)

    assert real.paths == [path]
    assert [turn.heard.model for turn in load(file).turns if turn.heard] == ["my-gpt"]
    assert (again[0], json.loads(again[1])["choices"][0]["message"]["content"]) == (200, "Hi.")


def test_headers_go_on_but_for_those_of_the_connection_and_our_own(record: Record, real: Upstream) -> None:
    going = {"x-portkey-config": "cfg-1", "helicone-cache-enabled": "true", "cf-aig-metadata": "{}", "te-st": "1"}
    staying = {"te": "trailers", "cookie": "a=b", "x-mock-seed": "1", "keep-alive": "timeout=5"}
    with record():
        ask(record.url, body(), **going, **staying)

    assert {name: real.seen.get(name) for name in going} == going
    assert not {"te", "cookie", "x-mock-seed", "keep-alive", "origin"} & real.seen.keys()
    assert real.seen["accept-encoding"] == "identity"
    assert real.seen["host"] == real.origin.removeprefix("http://")


def test_what_the_connection_header_names_stays_here() -> None:
    sent = dict(forwarded_headers({"connection": "close, X-Once", "x-once": "1", "x-title": "app"}))

    assert sent == {"x-title": "app", "accept-encoding": "identity"}


def test_a_header_that_is_not_text_keeps_nobody_from_asking(record: Record, real: Upstream) -> None:
    with record():
        assert ask(record.url, body(), **{"x-title": "Caf\xe9"}).status == 200

    assert real.seen["x-title"].startswith("Caf")


def test_the_list_of_models_is_asked_with_the_same_query_and_headers(record: Record, real: Upstream) -> None:
    asked = urllib.request.Request(f"{record.url}/models?limit=2", headers={"x-portkey-api-key": "pk-1"})
    with record(), urllib.request.urlopen(asked) as response:
        response.read()

    assert real.paths == ["/v1/models?limit=2"]
    assert real.seen["x-portkey-api-key"] == "pk-1"


SECRET = "plain-words-only"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-portkey-api-key": SECRET},
        {"Ocp-Apim-Subscription-Key": SECRET},
        {"x-amz-security-token": SECRET},
        {"cf-aig-authorization": f"Bearer {SECRET}"},
        {"x-client-secret": SECRET},
        {"idempotency-key": SECRET},
        {"x-route": f"password={SECRET}"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_what_a_header_for_keys_holds_is_never_on_the_disk(
    headers: dict[str, str], record: Record, real: Upstream, file: Path
) -> None:
    real.body = real.body.replace(b"Hi.", f"You are {SECRET}.".encode())
    with record():
        ask(record.url, body(f"My key is {SECRET}"), **headers)
    text = file.read_text()

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body(f"My key is {SECRET}"), **headers)

    assert SECRET not in text
    assert again.text == "You are <secret>."


@pytest.mark.parametrize("name", ["key", "api%5Fkey", "subscription-key", "access_token"])
@pytest.mark.parametrize("whose", ["the client's", "the upstream's"])
def test_a_key_in_a_query_is_never_on_the_disk(
    name: str, whose: str, record: Record, real: Upstream, file: Path
) -> None:
    query, asked = f"?{name}=plain%2Dwords-only", body(f"My key is {SECRET}")
    if whose == "the upstream's":
        record.upstream += query
        query = ""
    with record():
        request(f"{record.url}/chat/completions{query}", asked)

    assert SECRET not in file.read_text()
    assert "plain%2D" not in file.read_text()


def request(url: str, asked: dict[str, Any]) -> tuple[int, bytes]:
    named = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    sent = urllib.request.Request(url, json.dumps(asked).encode(), named)
    try:
        with urllib.request.urlopen(sent) as response:
            return response.status, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


ERRORS = {
    "a wrong key": (401, {"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}}),
    "a region that is not served": (403, {"error": {"message": "Country not supported", "code": "unsupported"}}),
    "a path that is not served": (404, {"error": {"message": "Invalid URL (POST /v1/v1/chat/completions)"}}),
    "a path that names the model": (404, {"message": "no route for /openai/deployments/gpt-4o/chat/completions"}),
    "a page that is not there": (404, "<html>Not Found</html>"),
    "a path that FastAPI does not know": (404, {"detail": "Not Found"}),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_mistake_in_using_the_recorder_is_passed_on_and_told_and_not_kept(
    name: str, record: Record, real: Upstream, file: Path
) -> None:
    real.status, value = ERRORS[name]
    real.body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    statuses = []

    def session() -> None:
        with record():
            statuses.append(ask(record.url, body()).status)

    said = told(session)

    assert statuses == [real.status]
    assert f"the upstream answered {real.status}, which is passed on and not recorded" in said
    assert KEY not in said
    assert not file.exists()


NO_SUCH_MODEL = {
    "OpenAI": {"error": {"message": "The model `gpt-4o` does not exist or you do not have access to it.",
                         "type": "invalid_request_error", "param": None, "code": "model_not_found"}},
    "Azure": {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}},
    "Ollama": {"error": {"message": 'model "gpt-4o" not found, try pulling it first', "type": "api_error"}},
    "vLLM": {"object": "error", "message": "The model `gpt-4o` does not exist.", "type": "NotFoundError", "code": 404},
    "OpenRouter": {"error": {"message": "No endpoints found for gpt-4o.", "code": 404}},
    "Gemini": {"error": {"code": 404, "message": "models/gpt-4o is not found for API version v1main"}},
    "in a word": {"error": "model not found"},
}  # fmt: skip


@pytest.mark.parametrize("service", NO_SUCH_MODEL)
def test_a_model_that_is_not_there_is_kept(service: str, record: Record, real: Upstream, file: Path) -> None:
    real.status, real.body = 404, json.dumps(NO_SUCH_MODEL[service]).encode()
    with record():
        ask(record.url, body())

    with MockLLM(file) as replay:
        assert ask(replay.base_url, body()).status == 404


def raw_deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:]),
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
}


@pytest.mark.parametrize("encoding", PACKED)
def test_an_answer_that_is_packed_unasked_is_unpacked(
    encoding: str, record: Record, real: Upstream, file: Path
) -> None:
    real.body, real.more = PACKED[encoding](real.body), {"content-encoding": encoding}
    with record():
        first = ask(record.url, body())

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body())

    assert first.text == again.text == "Hi."
    assert "content-encoding" not in first.headers


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br"])
def test_an_answer_that_nobody_can_unpack_is_a_502_that_names_the_encoding(
    encoding: str, record: Record, real: Upstream, file: Path
) -> None:
    real.body, real.more = b"\x01\x02\x03", {"content-encoding": encoding}
    answers = []

    def session() -> None:
        with record():
            answers.append(ask(record.url, body()))

    assert repr(encoding) in told(session)
    assert (answers[0].status, answers[0].value["error"]["code"]) == (502, "upstream_encoding")
    assert encoding in answers[0].value["error"]["message"]
    assert not file.exists()


def test_an_answer_that_is_not_packed_as_it_says_is_never_recorded_as_a_cut(
    record: Record, real: Upstream, file: Path
) -> None:
    real.more = {"content-encoding": "gzip"}

    def session() -> None:
        with record(), pytest.raises(IncompleteRead):
            ask(record.url, body())

    assert "not packed as its headers say" in told(session)
    assert not file.exists()
