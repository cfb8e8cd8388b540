"""Load from many keep-alive connections, with as little work of its own as Python allows."""

import asyncio
import re
import time
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Target:
    """Where to send what: the bytes of one whole HTTP request."""

    host: str
    port: int
    request: bytes

    @classmethod
    def post(cls, url: str, body: bytes) -> "Target":
        parts = urlsplit(url)
        head = (
            f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer bench\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return cls(parts.hostname or "", parts.port or 80, head.encode() + body)


LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)")

NUMBER = b"#00000000"
"""Where a request holds this, every one that is sent holds another number."""


class Client(asyncio.Protocol):
    """Sends the request again as soon as the answer to the last one is complete."""

    numbers = count()

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.is_numbered = NUMBER in request
        self.answers = 0
        self.latest = b""
        self.stopped = False
        self._buffer = b""
        self._needed: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._needed is None:
            self._read_head()
        if self._complete():
            self.answers += 1
            self.latest, self._buffer, self._needed = self._buffer, b"", None
            if not self.stopped:
                self._send()

    def connection_lost(self, error: Exception | None) -> None:
        assert self.stopped, f"the server closed the connection: {error}"

    def _send(self) -> None:
        numbered = self.request.replace(NUMBER, b"#%08d" % next(self.numbers), 1) if self.is_numbered else self.request
        self.transport.write(numbered)

    def _read_head(self) -> None:
        head, end, _ = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        assert head.startswith(b"HTTP/1.1 200"), self._buffer.decode()
        length = LENGTH.search(head)
        self._needed = len(head) + 4 + int(length[1]) if length else 0

    def _complete(self) -> bool:
        if self._needed is None:
            return False
        if self._needed:
            return len(self._buffer) >= self._needed
        return self._buffer.endswith(b"0\r\n\r\n")


@dataclass(frozen=True)
class Load:
    """Answers that came in, and how long that took in seconds."""

    answers: int
    seconds: float
    latest: bytes

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def load(target: Target, clients: int, *, seconds: float = 1.0, answers: int | None = None) -> Load:
    """Keep so many clients busy for so long, or until so many answers are in."""
    return asyncio.run(_load(target, clients, seconds, answers))


async def _load(target: Target, size: int, seconds: float, answers: int | None) -> Load:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    clients = []
    for _ in range(size):
        _, client = await loop.create_connection(lambda: Client(target.request), target.host, target.port)
        clients.append(client)
    if answers is None:
        await asyncio.sleep(seconds)
    else:
        while sum(client.answers for client in clients) < answers:
            await asyncio.sleep(0.05)
    took = time.perf_counter() - begun
    done = sum(client.answers for client in clients)
    for client in clients:
        client.stopped = True
        client.transport.abort()
    return Load(done, took, next(client.latest for client in clients if client.latest))
