"""Serving until somebody says stop."""

import asyncio
import signal
from contextlib import suppress

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.scenario import Files
from mockserver.server.listener import Listener
from mockserver.server.watch import watch

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(engine: Engine, journal: Journal, host: str, port: int, watched: Files | None = None) -> None:
    """Listen and answer until SIGINT or SIGTERM; `watched` files are read again when they change.

    Raises:
        CannotListen: the port is taken, or the host is not one of this machine.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(engine, journal, host, port, watched))


async def _serve(engine: Engine, journal: Journal, host: str, port: int, watched: Files | None) -> None:
    listener = Listener(engine, journal)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in _STOP_SIGNALS:
        with suppress(NotImplementedError):  # Windows: asyncio.run turns Ctrl-C into KeyboardInterrupt there
            loop.add_signal_handler(sign, stopped.set)
    await listener.start(host, port)
    watching = asyncio.create_task(watch(watched, engine)) if watched is not None else None
    print(f"mockserver listening on {listener.url}", flush=True)
    try:
        await stopped.wait()
    finally:
        if watching is not None:
            watching.cancel()
        await listener.stop()
