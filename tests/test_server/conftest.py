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
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as sock:
        yield sock


def request(body: dict[str, Any] | bytes, *, version: str = "1.1", method: str = "POST", path: str = "") -> bytes:
    """A whole HTTP request."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"{method} {path or '/v1/chat/completions'} HTTP/{version}\r\nhost: mock\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


def exchange(url: str, *requests: bytes, until: bytes | None = None) -> bytes:
    """Everything that the server sends, to its end of the connection or to the given bytes."""
    with connection(url) as sock:
        for data in requests:
            sock.sendall(data)
        received = b""
        while not (until and until in received) and (data := sock.recv(65536)):
            received += data
        return received
