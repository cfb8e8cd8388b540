"""Upstreams that answer in odd ways: each answer is passed on, kept as what it is, and given again."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM
from mockserver.server.proxy import recording
from mockserver.server.thread import Host

MESSAGE = {"role": "assistant", "content": "Hi.", "thoughts": "Hm."}
COMPLETION = json.dumps(
    {
        "id": "x", "object": "chat.completion", "created": 1, "model": "odd", "provider": {"region": "eu"},
        "choices": [{"index": 0, "finish_reason": "eos", "message": MESSAGE}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.1},
    }
).encode()  # fmt: skip
STREAM = b'data: {"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}\n\n'
HTML = b"<html><body>Bad gateway</body></html>"


def plain(body: bytes, status: str = "200 OK", kind: str = "application/json", more: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n".encode()
    return head + more + b"\r\n" + body


def streamed(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (
        len(body),
        body,
    )


END = b"0\r\n\r\n"
ANSWERS = {
    "keys of its own": plain(COMPLETION),
    "compressed": plain(gzip.compress(COMPLETION), more=b"content-encoding: gzip\r\n"),
    "an error page": plain(HTML, "502 Bad Gateway", "text/html"),
    "an error of another shape": plain(b'{"detail":"no"}', "422 Unprocessable Entity"),
    "an error that lacks keys": plain(b'{"error":{"message":"no"}}', "400 Bad Request"),
    "garbage": plain(b"\xff\xfe{]"),
    "an empty body": plain(b""),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "a body cut short": plain(COMPLETION)[:-40],
    "no answer at all": b"",
    "a stream": streamed(STREAM + b"data: [DONE]\n\n") + END,
    "a stream with comments": streamed(b": ping\n\n" + STREAM + b"data: [DONE]\n\n") + END,
    "a stream with an error": streamed(STREAM + b'data: {"error":{"message":"no","code":500}}\n\n') + END,
    "a stream without an end": streamed(STREAM) + END,
    "a cut between events": streamed(STREAM),
    "a cut within an event": streamed(STREAM + STREAM[:30]),
    "a cut within a character": streamed(STREAM + 'data: {"choices":[{"delta":{"content":"é'.encode()[:-1]),
    "an empty stream": streamed(b""),
}


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """An upstream that gives these bytes to whoever asks, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    read = b""
                    while b"\r\n\r\n" not in read or not (read.endswith(b"}") or read.startswith(b"GET ")):
                        if not (data := client.recv(65536)):
                            break
                        read += data
                    client.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def heard(url: str, *, stream: bool) -> tuple[bytes, list[bytes], bool]:
    """The status line, the body's bytes without chunked framing, and whether the answer came to its end."""
    address = urlsplit(url)
    asked = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": stream}).encode()
    with socket.create_connection((str(address.hostname), address.port or 0)) as client:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        client.sendall(head + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(asked) + asked)
        read = b""
        while data := client.recv(65536):
            read += data
    head_bytes, _, rest = read.partition(b"\r\n\r\n")
    lines = head_bytes.lower().split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), None)
    chunked = any(line.startswith(b"transfer-encoding") for line in lines)
    complete = rest.endswith(END) if chunked else bool(read) and length in (None, len(rest))
    pieces = rest.split(b"\r\n")[1::2] if chunked else [rest]
    return head_bytes.split(b"\r\n")[0], events(b"".join(pieces)) if chunked else pieces, complete


def events(body: bytes) -> list[bytes]:
    """The events, without what every answer has its own of."""
    found = []
    for event in body.split(b"\n\n"):
        try:
            value = json.loads(event.removeprefix(b"data: "))
        except ValueError:
            found.append(event)
            continue
        if isinstance(value, dict):
            value = {key: entry for key, entry in value.items() if key in ("choices", "error")}
        found.append(json.dumps(value).encode())
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_an_odd_answer_is_kept_as_what_it_is(name: str, file: Path, host: Host) -> None:
    stream = "stream" in name or "cut w" in name or "cut b" in name
    with answering(ANSWERS[name]) as url, recording(host, url, file):
        first = heard(host.url, stream=stream)

    with MockLLM(file) as replay:
        again = heard(replay.base_url, stream=stream)
        assert replay.journal[0].match == "recording:session#turn1"

    if name in ("keys of its own", "compressed"):
        kept = [json.loads(each[1][0])["choices"] for each in (first, again)]
        assert kept[0] == kept[1]
        first, again = (first[0], [], first[2]), (again[0], [], again[2])
    if name == "a body cut short":
        # Only that it broke off is kept of a body that nobody can read.
        first, again = (first[0], [], first[2]), (again[0], [], again[2])
    assert again == first
    assert first[2] == (name not in ("no answer at all", "a body cut short") and "a cut" not in name)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Moved"])
def test_a_redirect_is_passed_on_and_never_followed(status: str, file: Path, host: Host) -> None:
    with MockLLM() as elsewhere:
        moved = f"location: {elsewhere.base_url}/chat/completions\r\n".encode()
        with answering(plain(b"{}", status, more=moved)) as url, recording(host, url, file):
            first = heard(host.url, stream=False)
        with MockLLM(file) as replay:
            again = heard(replay.base_url, stream=False)

        assert len(elsewhere.journal) == 0
    assert first == again
    assert first[0].startswith(f"HTTP/1.1 {status[:3]} ".encode())


def test_the_list_of_models_follows_no_redirect_either(file: Path, host: Host) -> None:
    with MockLLM() as elsewhere:
        moved = f"location: {elsewhere.base_url}/models\r\n".encode()
        with answering(plain(b"", "307 Temporary Redirect", more=moved)) as url, recording(host, url, file):
            address = urlsplit(host.url)
            with socket.create_connection((str(address.hostname), address.port or 0)) as client:
                client.sendall(b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                status = client.recv(65536).split(b"\r\n")[0]

        assert len(elsewhere.journal) == 0
    assert b"307" in status
