"""Serving until somebody says stop."""

import asyncio
import gc
import logging
import sys
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from socket import socket
from typing import TYPE_CHECKING

from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.loopback import is_loopback
from mockserver.server.access import Access
from mockserver.server.app import Listener, MakePipeline, listening, url_of
from mockserver.server.pipeline import LOG, Pipeline
from mockserver.server.workers import STOP_SIGNALS, run_workers, unblock_stop_signals

if TYPE_CHECKING:
    from mockserver.scenario import Files

_WARNING = (
    "mockserver: warning: listening on {host}: other machines can reach this server. "
    "Name each host that they may ask for with --allow-host NAME."
)
DRAIN_SECONDS = 2.0
"""So long after a stop signal answers that are under way may go on."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, to whom, where, and by how many processes; `watched` files are read again when they change.

    `pipeline` answers the requests; `around` is entered before the first one and left after the last. `note` stands
    after the URL in the line that says where the server listens.
    """

    engine: Engine
    journal: Journal
    access: Access
    host: str
    port: int
    watched: "Files | None" = None
    workers: int = 1
    pipeline: MakePipeline = Pipeline
    around: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)
    note: str = ""


def serve(service: Service) -> None:
    """Listen and answer until SIGINT or SIGTERM.

    Raises:
        CannotListen: the port is taken, or the host is not one of this machine.
        WorkerDied: of several processes too many ended by themselves.
    """
    _show_the_log()
    if service.workers > 1:
        listening(service.host, service.port).close()  # a port that others share already is taken, too
    sockets = [listening(service.host, service.port, shared=service.workers > 1)]
    port = sockets[0].getsockname()[1]
    sockets += [listening(service.host, port, shared=True) for _ in range(service.workers - 1)]
    if not is_loopback(service.host):
        print(_WARNING.format(host=service.host), file=sys.stderr, flush=True)
    if service.workers == 1:
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(service, sockets[0], 1))
        return
    line = f"mockserver listening on {url_of(service.host, sockets[0])}{service.note}"
    run_workers(
        sockets,
        lambda number, sock: asyncio.run(_serve(service, sock, number)),
        lambda: print(line, flush=True),
    )


def _show_the_log() -> None:
    """Unmatched requests are logged where the server runs; the client's developer may see no more than a status."""
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("mockserver: %(message)s"))
    LOG.addHandler(shown)
    LOG.setLevel(logging.INFO)


async def _serve(service: Service, sock: socket, number: int) -> None:
    async with service.around:
        await _listen(service, sock, number)


async def _listen(service: Service, sock: socket, number: int) -> None:
    engine, watched, alone = service.engine, service.watched, service.workers == 1
    worker = None if alone else f"{number} of {service.workers}"
    listener = Listener(engine, service.journal, service.access, service.pipeline, worker=worker)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in STOP_SIGNALS:
        with suppress(NotImplementedError):  # Windows: asyncio.run turns Ctrl-C into KeyboardInterrupt there
            loop.add_signal_handler(sign, stopped.set)
    if not alone:
        unblock_stop_signals()
    await listener.start(service.host, sock=sock)
    gc.freeze()  # nor need it be looked through later: only what requests leave behind can be garbage
    gc.enable()
    watching = _watching(watched, engine) if watched is not None else None
    if alone:
        print(f"mockserver listening on {listener.url}{service.note}", flush=True)
    try:
        await stopped.wait()
    finally:
        if watching is not None:
            watching.cancel()
        await listener.stop(DRAIN_SECONDS)


def _watching(files: "Files", engine: Engine) -> asyncio.Task[None]:
    from mockserver.server.watch import watch

    return asyncio.create_task(watch(files, engine))
