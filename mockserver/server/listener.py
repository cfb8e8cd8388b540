"""A listening server: an engine behind a socket, started and stopped within milliseconds."""

import asyncio
import errno
import socket
from collections.abc import Awaitable
from contextlib import suppress

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.server.pipeline import Pipeline
from mockserver.server.routes import Routes

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of a request's body: images come along as data URLs."""

_BACKLOG = 1024
_IDLE = 75.0
_SHUTDOWN_SECONDS = 0.05
_TURNS_TO_ACCEPT = 3
"""After so many turns of the loop a connection that was just accepted is known to the server."""


class CannotListen(Exception):
    """The server cannot listen there; the message says why and what to do."""


class Listener:
    """Serves an engine on a socket of its own. `url` is the base URL for clients, `/v1` included."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self.url = ""
        self._routes = Routes(Pipeline(engine, journal))
        self._runner: web.ServerRunner | None = None

    def serve(self, engine: Engine, journal: Journal) -> None:
        """Serve this engine from now on; what the one before was asked it still answers, into its own journal."""
        self._routes = Routes(Pipeline(engine, journal))

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes any free one.

        Raises:
            CannotListen: the port is taken, or the host is not one of this machine.
        """
        self._socket = _bound(host, port)
        self._server = web.Server(
            self._answer, request_factory=_request, access_log=None, handler_cancellation=True, keepalive_timeout=_IDLE
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket, backlog=_BACKLOG).start()
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}/v1"

    async def stop(self) -> None:
        """Stop at once: whatever is being answered, waited for or streamed is cut off."""
        if self._runner is None:
            return
        # A connection that is accepted while the socket closes would be lost, open for ever: first accept no more,
        # then let the server get to know those that were accepted.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().remove_reader(self._socket)
        for _ in range(_TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        self.hang_up()
        await self._runner.cleanup()
        self._runner = None

    @property
    def has_connections(self) -> bool:
        """Whether anybody is connected."""
        return bool(self._server.connections)

    def hang_up(self) -> None:
        """Close every connection, whatever is being said on it."""
        for connection in self._server.connections:
            connection.force_close()

    def _answer(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        return self._routes(request)


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """A request as aiohttp makes it, but for the size of body that is taken."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT)


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"port {port} is already taken: stop what listens there, or choose --port 0") from None
        if error.errno == errno.EACCES:
            raise CannotListen(f"port {port} is not allowed for this user: choose one above 1023") from None
        raise CannotListen(f"cannot listen on {host}: {error.strerror or error}") from None
    return sock
