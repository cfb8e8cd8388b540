"""Serving until somebody says stop."""

import asyncio
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.scenario import Files
from mockserver.server.access import Access
from mockserver.server.guard import is_loopback
from mockserver.server.listener import Listener
from mockserver.server.watch import watch

_WARNING = (
    "mockserver: warning: listening on {host}: other machines can reach this server. "
    "Name each host that they may ask for with --allow-host NAME."
)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, to whom and where; `watched` files are read again when they change."""

    engine: Engine
    journal: Journal
    access: Access
    host: str
    port: int
    watched: Files | None = None


def serve(service: Service) -> None:
    """Listen and answer until SIGINT or SIGTERM.

    Raises:
        CannotListen: the port is taken, or the host is not one of this machine.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(service))


async def _serve(service: Service) -> None:
    engine, watched = service.engine, service.watched
    listener = Listener(engine, service.journal, service.access)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in _STOP_SIGNALS:
        with suppress(NotImplementedError):  # Windows: asyncio.run turns Ctrl-C into KeyboardInterrupt there
            loop.add_signal_handler(sign, stopped.set)
    await listener.start(service.host, service.port)
    watching = asyncio.create_task(watch(watched, engine)) if watched is not None else None
    if not is_loopback(service.host):
        print(_WARNING.format(host=service.host), file=sys.stderr, flush=True)
    print(f"mockserver listening on {listener.url}", flush=True)
    try:
        await stopped.wait()
    finally:
        if watching is not None:
            watching.cancel()
        await listener.stop()
