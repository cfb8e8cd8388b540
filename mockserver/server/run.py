"""Serving until somebody says stop."""

import asyncio
import signal
from contextlib import suppress

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.server.listener import Listener

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(engine: Engine, journal: Journal, host: str, port: int) -> None:
    """Listen and answer until SIGINT or SIGTERM.

    Raises:
        CannotListen: the port is taken, or the host is not one of this machine.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(Listener(engine, journal), host, port))


async def _serve(listener: Listener, host: str, port: int) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in _STOP_SIGNALS:
        with suppress(NotImplementedError):  # Windows: asyncio.run turns Ctrl-C into KeyboardInterrupt there
            loop.add_signal_handler(sign, stopped.set)
    await listener.start(host, port)
    print(f"mockserver listening on {listener.url}", flush=True)
    try:
        await stopped.wait()
    finally:
        await listener.stop()
