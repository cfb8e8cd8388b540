"""Steps → socket: the one place where a response leaves the process.

A response is bytes by the time it gets here, so it goes to the transport as it is: building it again from a header
map would cost a third of a request, and a response that is broken on purpose could not be sent at all.
"""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import web

from mockserver.steps import Drop, Head, Send, Step, Wait

_BLOCK = 64 * 1024
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}\r\n" for status in HTTPStatus}
_CHUNKED = ("transfer-encoding", "chunked")
_CLOSE = ("connection", "close")
_ERRORS = 400
_END_OF_CHUNKS = b"0\r\n\r\n"
_RESET = struct.pack("ii", 1, 0)
"""Linger for no time at all: closing then throws away what is unsent and tells the other side by a reset."""


class Performed(web.StreamResponse):
    """A response that is on the socket already: there is nothing left for aiohttp to write."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: web.BaseRequest) -> None:
        """Everything was prepared."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything was written."""


_KEPT, _CLOSED = Performed(keep_alive=True), Performed(keep_alive=False)


class Performance:
    """One response on its way out. `events_sent` counts the events (or whole bodies) handed to the socket."""

    __slots__ = ("_body", "_chunked", "_head", "_must_close", "_pending", "_request", "events_sent")

    def __init__(self, request: web.BaseRequest) -> None:
        self.events_sent = 0
        self._request = request
        self._head = b""
        self._body: list[bytes] = []
        self._pending = 0
        self._chunked = False
        self._must_close = not request.keep_alive

    async def run(self, steps: Sequence[Step]) -> Performed:
        """Carry out the steps.

        No control is given away after the last byte: what follows this call is done before a client can notice.
        Waits run against absolute deadlines, so a late piece does not make the next one later.

        Raises:
            ConnectionError: the client went away.
        """
        due = None
        for step in steps:
            if isinstance(step, Send):
                if not step.framed:
                    self._flush(step.data if self._chunked else b"")
                    continue
                self._body.append(step.data)
                self._pending += len(step.data)
                if self._pending >= _BLOCK:
                    self._flush()
                    await self._request.writer.drain()
            elif isinstance(step, Head):
                self._open(step)
            elif isinstance(step, Wait):
                self._flush()
                due = step.seconds + (due or asyncio.get_running_loop().time())
                await _until(due)
            else:
                self._drop(step)
                return _CLOSED
        self._flush(_END_OF_CHUNKS if self._chunked else b"")
        return _CLOSED if self._must_close else _KEPT

    async def run_live(self, steps: AsyncGenerator[Step]) -> Performed:
        """Carry out steps that are still being made: each goes out as soon as it is there.

        Raises:
            ConnectionError: the client went away.
        """
        async with aclosing(steps):
            async for step in steps:
                if isinstance(step, Drop):
                    self._drop(step)
                    return _CLOSED
                await self._hand_over(step)
        self._flush(_END_OF_CHUNKS if self._chunked else b"")
        return _CLOSED if self._must_close else _KEPT

    async def _hand_over(self, step: Head | Send | Wait) -> None:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return
        if isinstance(step, Head):
            self._open(step)
            self._flush()
            return
        self._body.append(step.data)
        self._pending += len(step.data)
        self._flush()
        self.events_sent += step.events - 1
        await self._request.writer.drain()

    def _open(self, head: Head) -> None:
        headers = head.headers
        if head.status >= _ERRORS and _CLOSE in headers:
            headers = tuple([header for header in headers if header != _CLOSE])
            self._must_close = True
        self._chunked = _CHUNKED in headers and self._request.method != "HEAD"
        version = "1.1"
        if self._request.version.minor == 0:
            version = "1.0"
            if self._chunked:
                # That version has no chunks: the end of the connection is the end of the body.
                headers = tuple([header for header in headers if header != _CHUNKED])
                self._chunked, self._must_close = False, True
            elif not self._must_close:
                headers = (*headers, ("connection", "keep-alive"))
        if self._must_close:
            headers = (*headers, _CLOSE)
        if head.dates:
            headers = (*headers, *[(name, formatdate(time.time() + after, usegmt=True)) for name, after in head.dates])
        status = _STATUS_LINES.get(head.status) or f"{head.status} \r\n"
        lines = "\r\n".join(map(": ".join, headers))
        self._head = f"HTTP/{version} {status}{lines}\r\n\r\n".encode("utf-8", "surrogateescape")

    def _flush(self, end: bytes = b"") -> None:
        """Hand over in one write whatever is ready."""
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client went away")
        body = self._body if self._request.method != "HEAD" else []
        if self._chunked and self._pending:
            body = [b"%x\r\n" % self._pending, *body, b"\r\n"]
        if data := b"".join((self._head, *body, end)):
            transport.write(data)
        self.events_sent += len(self._body)
        self._head, self._body, self._pending = b"", [], 0

    def _drop(self, step: Drop) -> None:
        self._flush()
        transport = self._request.transport
        if transport is None:
            return
        if step.reset:
            connection = transport.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        else:
            transport.close()


async def perform(steps: Sequence[Step], request: web.BaseRequest) -> Performed:
    """Carry out the steps of a response that nobody keeps account of."""
    try:
        return await Performance(request).run(steps)
    except ConnectionError:
        return _CLOSED


async def _until(due: float) -> None:
    remaining = due - asyncio.get_running_loop().time()
    if remaining > 0:
        await asyncio.sleep(remaining)


CLIENT_GONE = _CLOSED
