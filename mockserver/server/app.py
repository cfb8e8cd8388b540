"""The server application: connections, what each request is routed to, and the socket that is listened on."""

import asyncio
import errno
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import ContentEncodingError

from mockserver.chat import ApiError
from mockserver.engine import Engine
from mockserver.errors import MockServerError
from mockserver.journal import Journal
from mockserver.server.access import Access, Guard
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import unsupported_encoding
from mockserver.server.respond import headers_for
from mockserver.server.routing import CHAT, HEALTH, PREFIXES, door
from mockserver.steps import Head, Send
from mockserver.wire.chat_completions.render import render_error
from mockserver.wire.identity import Identity

if TYPE_CHECKING:
    from mockserver.server.operations import Operations

_SERVER_ERROR = "The server had an error while processing your request. Sorry about that!"
_ENCODING = re.compile(r"content-encoding: [^(]*\((\w+)\)")
BACKLOG = 1024
_IDLE = 75.0
_SHUTDOWN_SECONDS = 0.05
_TURNS_TO_ACCEPT = 3
"""After so many turns of the loop a connection that was just accepted is known to the server."""

MakePipeline = Callable[[Engine, Journal, Access], Pipeline]
_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server(web.Server):
    """Makes the connections."""

    def __init__(self, handler: _Handler, **options: Any) -> None:
        super().__init__(handler, handler_cancellation=True, request_factory=options.pop("request_factory"))
        self._options = options

    def __call__(self) -> web.RequestHandler:
        """A new one."""
        return Connection(self, loop=self._loop, **self._options)


class Connection(web.RequestHandler):
    """One connection."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What a client hears that does not speak HTTP, or that met a mistake of ours; the connection ends with it.

        A mistake of ours is logged with its traceback; what a client got wrong is told to the client alone.
        """
        if status < 500:
            reason = (message or str(exc) or "bad request").strip().splitlines()[0].rstrip(":")
            error = ApiError(status, f"We could not read your request as HTTP: {reason}")
            if isinstance(exc, ContentEncodingError) and (named := _ENCODING.search(reason)):
                # aiohttp looks for the library that unpacks it before the request gets to us.
                error = unsupported_encoding(named[1])
                status = error.status
        else:
            self.log_exception("Error handling request from %s", request.remote, exc_info=exc)
            error = ApiError(status, _SERVER_ERROR, "server_error")
        head, body = render_error(
            error, headers_for(Identity("", error.message.encode("utf-8", "replace")), {}, status)
        )
        assert isinstance(head, Head), "an error begins with its head"
        assert isinstance(body, Send), "and ends with its body"
        answer = web.Response(status=status, body=body.data, headers=dict(head.headers))
        answer.force_close()
        return answer


class Routes:
    """Which operation answers which path and method."""

    def __init__(self, pipeline: Pipeline, worker: str | None = None) -> None:
        self._pipeline = pipeline
        self._worker = worker
        self._judge = Guard(pipeline.access.allowed_hosts).judge
        self._chat = frozenset(f"{prefix}{CHAT}" for prefix in ("", *PREFIXES))

    def __call__(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        """Answer a request."""
        given, target = request.headers, request.raw_path
        # Where the request line holds a whole URL, the host in it counts.
        host = given.get("host") if target.startswith("/") else request.url.raw_authority
        turned_away = self._judge(host, given.get("origin"))
        if turned_away is not None and request.rel_url.raw_path != HEALTH:
            return self._operations.turn_away(turned_away, request)
        refuse_all = self._pipeline.refuse_all
        if refuse_all is not None and request.rel_url.raw_path != HEALTH and not target.startswith("/_mock/"):
            return self._operations.refuse(refuse_all(request), request)
        if target in self._chat and request.method == "POST":
            return self._pipeline.respond(request)
        path = request.rel_url.raw_path
        if request.method == "POST" and door(path).path == CHAT:
            return self._pipeline.respond(request)
        return self._operations.answer(request, path)

    @cached_property
    def _operations(self) -> "Operations":
        """Everything but the chat; made when somebody asks for it, as most tests and starts do without."""
        from mockserver.server.operations import Operations

        return Operations(self._pipeline, self._worker)


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

        Until they are through, new connections are still answered, and `/health` says that the server stops.
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


class CannotListen(MockServerError):
    """The server cannot listen there; the message says why and what to do."""


def listening(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens; port 0 takes any free one. With `shared` others may listen on the same port, too.

    Raises:
        CannotListen: the port is taken, or the host is not one of this machine.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"port {port} is already taken: stop what listens there, or choose --port 0") from None
        if error.errno == errno.EACCES:
            raise CannotListen(f"port {port} is not allowed for this user: choose one above 1023") from None
        raise CannotListen(f"cannot listen on {host}: {error.strerror or error}") from None
    return sock


def url_of(host: str, sock: socket.socket) -> str:
    """The base URL for clients, `/v1` included."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{sock.getsockname()[1]}/v1"
