"""Whatever bytes come in, something sensible goes out: no 5xx, no traceback, no hang, and JSON wherever it is due."""

import copy
import gzip
import json
import logging
import random
import socket
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.wire.chat_completions.providers import PROVIDERS
from tests.laws.test_no_request_is_too_strange import ODD, SOUND, places
from tests.test_server.conftest import HELLO, ParsedRequest, connection, get, request, said

SEEDED_BODIES = 2_400
BODIES_ON_A_CONNECTION = 100
BODIES_OF_A_PROVIDER = 100
SOUND_BODY = json.dumps(HELLO).encode()
PACKED = gzip.compress(SOUND_BODY)
NOT_JSON = "We could not parse the JSON body of your request."
NOT_HTTP = "We could not read your request as HTTP: "


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Tracebacks of the server and of its event loop end up in the log."""
    with caplog.at_level(logging.INFO):
        yield
    assert [record.getMessage() for record in caplog.records] == []


def spoiled(key: str, text: bytes) -> bytes:
    """A sound body with one more key, whose value is any text."""
    return SOUND_BODY[:-1] + b', "%b": %b}' % (key.encode(), text)


def nested(levels: int) -> bytes:
    schema = b'{"type": "object", "properties": {"a": ' * levels + b'{"type": "string"}' + b"}}" * levels
    return spoiled("tools", b'[{"type": "function", "function": {"name": "f", "parameters": %b}}]' % schema)


BODIES = {
    "empty": (b"", 400, NOT_JSON),
    "not JSON": (b"hello", 400, NOT_JSON),
    "not an object": (b"[]", 400, NOT_JSON),
    "NUL after the end": (SOUND_BODY + b"\0", 400, NOT_JSON),
    "NUL in a text": (spoiled("user", b'"\\u0000"'), 200, None),
    "byte order mark": (b"\xef\xbb\xbf" + SOUND_BODY, 200, None),
    "not UTF-8": (SOUND_BODY.replace(b"Hello", b"\xff\xfe"), 400, NOT_JSON),
    "UTF-16": (SOUND_BODY.decode().encode("utf-16"), 400, NOT_JSON),
    "lone surrogate": (SOUND_BODY.replace(b"Hello", b"\\ud800"), 200, None),
    "lone surrogate in the model": (SOUND_BODY.replace(b"gpt-4o", b"\\udfff"), 200, None),
    "duplicate keys": (b'{"model": 7, ' + SOUND_BODY[1:], 200, None),
    "NaN": (spoiled("temperature", b"NaN"), 400, NOT_JSON),
    "huge number": (spoiled("temperature", b"1e999999"), 400, "Invalid 'temperature': decimal above maximum value."),
    "endless integer": (spoiled("n", b"9" * 5000), 400, NOT_JSON),
    "deep": (nested(120), 200, None),
    "too deep": (nested(200), 400, "The JSON body of your request is nested too deeply: at most 254 levels are read."),
    "far too deep": (b"[" * 100_000 + b"]" * 100_000, 400, NOT_JSON),
    "far too deep objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, NOT_JSON),
}


@pytest.mark.parametrize(("body", "status", "message"), BODIES.values(), ids=BODIES)
def test_an_odd_body_is_answered_or_refused(body: bytes, status: int, message: str | None) -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, request(body, connection="close"))

    assert heard.status == status
    assert message is None or heard.error["message"].startswith(message)


def test_the_last_of_duplicate_keys_counts() -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, request(SOUND_BODY[:-1] + b', "model": "gpt-4"}', connection="close"))

    assert heard.json["model"] == "gpt-4-0613"


ENCODED = {
    "gzip": (PACKED, {"content_encoding": "gzip"}, 200, None),
    "deflate": (zlib.compress(SOUND_BODY), {"content_encoding": "deflate"}, 200, None),
    "truncated gzip": (PACKED[:-20], {"content_encoding": "gzip"}, 400, NOT_JSON),
    "no gzip at all": (SOUND_BODY, {"content_encoding": "gzip"}, 400, "We could not read the body of your request: "),
    "unknown encoding": (SOUND_BODY, {"content_encoding": "rot13"}, 415, "Unsupported content encoding: 'rot13'."),
    "bomb": (gzip.compress(b" " * 2_000_000), {"content_encoding": "gzip"}, 413, "The request body is larger than"),
    "text": (SOUND_BODY, {"content_type": "text/plain"}, 415, "Unsupported content type: 'text/plain'."),
    "form": (b"a=b", {"content_type": "application/x-www-form-urlencoded"}, 415, "Unsupported content type: "),
    "charset": (SOUND_BODY, {"content_type": "application/json; charset=utf-8"}, 200, None),
}


@pytest.mark.parametrize(("body", "headers", "status", "message"), ENCODED.values(), ids=ENCODED)
def test_how_a_body_is_packed_is_heeded(body: bytes, headers: dict[str, str], status: int, message: str | None) -> None:
    with MockLLM(body_limit=1_000_000) as llm:
        heard = said(llm.base_url, request(body, connection="close", **headers))

    assert heard.status == status
    assert message is None or heard.error["message"].startswith(message)


def test_lenient_checks_take_any_content_type() -> None:
    with MockLLM(checks="lenient") as llm:
        assert said(llm.base_url, request(HELLO, connection="close", content_type="text/plain")).status == 200


MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "endless line": get("/" + "a" * 20_000),
    "endless header": get("/v1/models", x="a" * 20_000),
    "header without a name": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nno header\r\n\r\n",
    "raw bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
    "negative length": request(HELLO, content_length="-1"),
    "length in words": request(HELLO, content_length="long"),
    "length and chunks": request(HELLO, transfer_encoding="chunked"),
    "broken chunks": b"POST /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_http_is_told_so_in_json(sent: bytes) -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, sent)

    assert heard.status == 400
    assert heard.error["message"].startswith(NOT_HTTP)
    assert heard.headers["x-request-id"].startswith("req_")
    assert len(heard.body) < 500


def test_a_length_that_is_too_short_leaves_rubbish_that_is_refused() -> None:
    with MockLLM() as llm, connection(llm.base_url) as sock:
        sock.sendall(request(SOUND_BODY + b"rubbish\r\n\r\n", content_length=str(len(SOUND_BODY))))
        received = b"".join(iter(lambda: sock.recv(65536), b""))

    answers = received.split(b"HTTP/1.")[1:]
    assert [answer[2:5] for answer in answers] in ([b"200", b"400"], [b"400"])


def test_a_body_that_never_arrives_is_not_waited_for_once_the_client_is_gone() -> None:
    with MockLLM() as llm:
        with connection(llm.base_url) as sock:
            sock.sendall(request(SOUND_BODY, content_length="5000"))
            sock.shutdown(socket.SHUT_WR)
            assert sock.recv(65536) == b""
        llm.allow("protocol")

    assert [exchange.ended for exchange in llm.journal] == ["client_gone"]


def test_pipelined_requests_are_answered_in_order() -> None:
    with MockLLM() as llm:
        llm.script("One.", "Two.", "Three.")
        sent = [request(HELLO), request({**HELLO, "user": "me"}), request({**HELLO, "user": "you"}, connection="close")]
        with connection(llm.base_url) as sock:
            sock.sendall(b"".join(sent))
            received = b"".join(iter(lambda: sock.recv(65536), b""))

    texts = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in received.split(b"HTTP/1.1 ")[1:]]
    assert [text["choices"][0]["message"]["content"] for text in texts] == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("path", ["*", "/v1/models/%ff%00", "//evil.example/v1/models", "/v1/chat/completions/"])
def test_a_strange_path_is_not_found(path: str) -> None:
    with MockLLM() as llm:
        assert said(llm.base_url, get(path, "OPTIONS" if path == "*" else "GET")).status == 404


def strange_bodies(chance: random.Random) -> Iterator[bytes]:
    """Bodies that were sound once: values of other types in any place, keys gone, bytes changed, cut or put in."""
    pieces = [
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"[" * 300,
        b'{"a":' * 300,
        b"1e400",
        b"NaN",
        b'"',
        b"9" * 400,
    ]
    while True:
        body: Any = copy.deepcopy(SOUND)
        for _ in range(chance.randint(0, 3)):
            holder, key = chance.choice(places(body) or [({}, "a")])
            holder[key] = copy.deepcopy(chance.choice(ODD))
        body["stream"] = chance.choice([True, False, None, 1])
        text = json.dumps(body).encode()
        for _ in range(chance.choice([0, 0, 1, 3])):
            at = chance.randrange(len(text))
            changed = chance.choice([b"", chance.choice(pieces), bytes([chance.randrange(256)])])
            text = text[:at] + changed + text[at + chance.randrange(3) :]
        yield text[: chance.randrange(len(text))] if chance.random() < 0.1 else text


def answer_on(sock: socket.socket) -> ParsedRequest:
    """One whole answer on a connection that stays open."""
    received = b""
    while not _is_whole(received):
        data = sock.recv(65536)
        assert data, f"hung up in the midst of {received[:200]!r}"
        received += data
    return ParsedRequest(received)


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) == int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])


@pytest.mark.parametrize("checks", ["strict", "lenient"])
def test_seeded_strange_bodies_are_all_answered(checks: str) -> None:
    bodies, statuses = strange_bodies(random.Random(checks)), set()

    with MockLLM() as llm:
        for _ in range(SEEDED_BODIES // 2 // BODIES_ON_A_CONNECTION):
            with connection(llm.base_url) as sock:
                for _ in range(BODIES_ON_A_CONNECTION):
                    body = next(bodies)
                    sock.sendall(request(body, x_mock_checks=checks))
                    heard = answer_on(sock)
                    statuses.add(heard.status)
                    assert heard.status in (200, 400), body
                    assert heard.status == 200 or heard.error["message"], body

    assert statuses == {200, 400}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_strange_bodies_are_answered_in_the_manner_of_every_provider(provider: str) -> None:
    bodies = strange_bodies(random.Random(provider))

    with MockLLM(provider=provider) as llm, connection(llm.base_url) as sock:
        for _ in range(BODIES_OF_A_PROVIDER):
            body = next(bodies)
            sock.sendall(request(body, x_mock_checks="lenient"))
            assert answer_on(sock).status < 500, body
