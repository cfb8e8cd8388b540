"""A listening server: an engine behind a socket, started and stopped within milliseconds."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.server.access import Access
from mockserver.server.connections import Server
from mockserver.server.pipeline import Pipeline
from mockserver.server.routes import Routes
from mockserver.server.sockets import BACKLOG, listening, url_of

_IDLE = 75.0
_SHUTDOWN_SECONDS = 0.05
_TURNS_TO_ACCEPT = 3
"""After so many turns of the loop a connection that was just accepted is known to the server."""


MakePipeline = Callable[[Engine, Journal, Access], Pipeline]


class Listener:
    """Serves an engine on a socket of its own. `url` is the base URL for clients, `/v1` included.

    `worker` says which of several processes this is, where there are several.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        access: Access | None = None,
        pipeline: MakePipeline = Pipeline,
        *,
        worker: str | None = None,
    ) -> None:
        self.url = ""
        self._worker = worker
        self._runner: web.ServerRunner | None = None
        self.serve(engine, journal, access, pipeline)

    def serve(
        self, engine: Engine, journal: Journal, access: Access | None = None, pipeline: MakePipeline = Pipeline
    ) -> None:
        """Serve this engine from now on; what the one before was asked it still answers, into its own journal."""
        self._access = access or Access()
        self._pipeline = pipeline(engine, journal, self._access)
        self._routes = Routes(self._pipeline, self._worker)

    def start_anew(self) -> None:
        """Every limit is untouched and nothing is stored, as at the start."""
        self._pipeline.start_anew()

    async def start(self, host: str = "127.0.0.1", port: int = 0, sock: socket.socket | None = None) -> None:
        """Listen; port 0 takes any free one. With `sock`, on a socket that listens already.

        Raises:
            CannotListen: the port is taken, or the host is not one of this machine.
        """
        self._socket = sock or listening(host, port)
        self._server = Server(self._answer, request_factory=self._request, access_log=None, keepalive_timeout=_IDLE)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket, backlog=BACKLOG).start()
        self.url = url_of(host, self._socket)

    async def stop(self, drain: float = 0.0) -> None:
        """Stop: connections that are idle close at once, answers that are under way may go on for `drain` seconds.

        Until they are through, whoever connects is still answered, and hears from `/health` that the server stops.
        What is then still being answered, waited for or streamed is cut off.
        """
        if self._runner is None:
            return
        self._pipeline.draining = True
        if drain:
            await self._drained(drain)
        # A connection that is accepted while the socket closes would be lost, open for ever: first accept no more,
        # then let the server get to know those that were accepted.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().remove_reader(self._socket)
        for _ in range(_TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        self.hang_up()
        await self._runner.cleanup()
        self._runner = None

    async def _drained(self, seconds: float) -> None:
        self._server.pre_shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._server.shutdown(None)

    @property
    def has_connections(self) -> bool:
        """Whether anybody is connected."""
        return bool(self._server.connections)

    def hang_up(self) -> None:
        """Close every connection, whatever is being said on it."""
        for connection in self._server.connections:
            connection.force_close()

    def _request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        """A request as aiohttp makes it, but for the size of body that is taken."""
        loop, limit = asyncio.get_running_loop(), self._access.body_limit
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=limit)

    def _answer(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        return self._routes(request)
