"""Raw sockets: what a client sees of a response, byte by byte."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

HELLO: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


@contextmanager
def connection(url: str) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=120) as sock:
        yield sock


def request(
    body: dict[str, Any] | bytes, *, version: str = "1.1", method: str = "POST", path: str = "", **headers: str
) -> bytes:
    """A whole HTTP request; the names of `headers` are written with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"host": "127.0.0.1", "content-length": str(len(content))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path or '/v1/chat/completions'} HTTP/{version}\r\n{lines}\r\n".encode() + content


def get(path: str, method: str = "GET", **headers: str) -> bytes:
    """A whole HTTP request without a body, after which the connection closes."""
    return request(b"", method=method, path=path, connection="close", **headers)


class ParsedRequest:
    """A response, taken apart: status, headers (a dict with lower-case names), body as JSON."""

    def __init__(self, response: bytes) -> None:
        head, _, self.body = response.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["error"]
        return found


def said(url: str, *requests: bytes) -> ParsedRequest:
    """What a request gets, on a connection that closes after it."""
    return ParsedRequest(exchange(url, *requests))


def exchange(url: str, *requests: bytes, until: bytes | None = None) -> bytes:
    """Everything that the server sends, to its end of the connection or to the given bytes."""
    with connection(url) as sock:
        for data in requests:
            sock.sendall(data)
        received = b""
        while not (until and until in received) and (data := sock.recv(65536)):
            received += data
        return received
