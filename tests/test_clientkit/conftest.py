"""A model on loopback that says exactly what a test puts into its mouth, byte for byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n"


@dataclass
class ParsedRequest:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Server:
    """Answers each request with the next of its answers, then closes the connection."""

    base_url: str = ""
    requests: list[ParsedRequest] = field(default_factory=list)
    answers: list[bytes | None] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.handle(reader, writer))
        self.busy.add(task)
        await task

    def sends(self, raw: bytes) -> None:
        self.answers.append(raw)

    def is_silent(self, raw: bytes | None = None) -> None:
        """Sends something, or nothing, and then keeps the connection open without a word."""
        self.answers.append(b"HANG" + (raw or b""))

    def drips(self, event: bytes) -> None:
        """Streams the same event again and again, and never ends."""
        self.answers.append(b"DRIP" + event)

    def responds(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        lines = [
            f"HTTP/1.1 {status} Said",
            f"content-type: {kind}",
            f"content-length: {len(body)}",
            "connection: close",
        ]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.sends("\r\n".join([*lines, "", ""]).encode() + body)

    def refuses(self, status: int, message: str = "No.", **headers: str) -> None:
        error = {"message": message, "type": "some_error", "param": "model", "code": "some_code"}
        self.responds(status, json.dumps({"error": error}).encode(), **headers)

    def completes(self, message: Mapping[str, Any], finish: str | None = "stop") -> None:
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
        self.responds(200, json.dumps({"object": "chat.completion", "choices": [choice]}).encode())

    def says(self, text: str, finish: str | None = "stop") -> None:
        self.completes({"content": text}, finish)

    def calls(self, *calls: tuple[str, str], finish: str = "tool_calls", first_id: int = 1) -> None:
        listed = [
            {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls, first_id)
        ]
        self.completes({"content": None, "tool_calls": listed}, finish)

    def streams(
        self,
        *deltas: Mapping[str, Any],
        finish: str | None = "stop",
        end: bytes = b"data: [DONE]\n\n",
        **headers: str,
    ) -> None:
        chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        events = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()).encode()
        self.sends(STREAM_HEAD + more + b"\r\n" + events + end)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        except asyncio.IncompleteReadError:  # the client's time was over before it had asked anything
            writer.close()
            return
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.requests.append(ParsedRequest(head[0].split()[1], headers, body))
        answer = self.answers.pop(0) or b""
        with suppress(OSError):
            await self._answer(writer, answer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def _answer(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        if answer.startswith(b"DRIP"):
            writer.write(STREAM_HEAD + b"\r\n")
            while not self.over.is_set():
                writer.write(answer.removeprefix(b"DRIP"))
                await writer.drain()
                await asyncio.sleep(0.005)
        else:
            writer.write(answer.removeprefix(b"HANG"))
            await writer.drain()
            if answer.startswith(b"HANG"):
                await self.over.wait()


async def growing(check: Callable[[float], Awaitable[None]]) -> None:
    """Check something that happens within a bound in time; a slow machine, on which it does not, gets a longer one."""
    for seconds in (0.3, 3.0):
        with suppress(Exception, pytest.fail.Exception):
            return await check(seconds)
    await check(30.0)
    return None


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    scripted = Server()
    listening = await asyncio.start_server(scripted, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    scripted.base_url = f"http://127.0.0.1:{port}/v1"
    yield scripted
    scripted.over.set()
    listening.close()
    await listening.wait_closed()
    await asyncio.gather(*scripted.busy)
    # On a busy machine a client may give a silent server up before it gets to ask.
    left = [answer for answer in scripted.answers if not (answer or b"").startswith((b"HANG", b"DRIP"))]
    assert not left, "the test gave the server answers that nobody asked for"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
