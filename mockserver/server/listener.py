"""A listening server: an engine behind a socket, started and stopped within milliseconds."""

import asyncio
import errno
import socket
from contextlib import suppress

from aiohttp import web

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.server.application import application
from mockserver.server.pipeline import Pipeline

_BACKLOG = 1024
_SHUTDOWN_SECONDS = 0.05
_TURNS_TO_ACCEPT = 3
"""After so many turns of the loop a connection that was just accepted is known to the server."""


class CannotListen(Exception):
    """The server cannot listen there; the message says why and what to do."""


class Listener:
    """Serves an engine on a socket of its own. `url` is the base URL for clients, `/v1` included."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self.url = ""
        self._app = application(Pipeline(engine, journal))
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes any free one.

        Raises:
            CannotListen: the port is taken, or the host is not one of this machine.
        """
        self._socket = _bound(host, port)
        self._runner = web.AppRunner(
            self._app, access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket, backlog=_BACKLOG).start()
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}/v1"

    async def stop(self) -> None:
        """Stop at once: whatever is being answered, waited for or streamed is cut off."""
        if self._runner is None or self._runner.server is None:
            return
        # A connection that is accepted while the socket closes would be lost, open for ever: first accept no more,
        # then let the server get to know those that were accepted.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().remove_reader(self._socket)
        for _ in range(_TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        for connection in self._runner.server.connections:
            connection.force_close()
        await self._runner.cleanup()
        self._runner = None


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
