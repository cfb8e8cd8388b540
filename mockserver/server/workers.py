"""Several processes that serve one port: started together, stopped together, each with a journal of its own."""

import os
import signal
import socket
from collections.abc import Callable

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class WorkerDied(Exception):
    """A process ended that nobody had told to end; the others were stopped."""


def run_workers(sockets: list[socket.socket], serve: Callable[[int, socket.socket], None]) -> None:
    """Serve each socket in a process of its own until SIGINT or SIGTERM, and wait until all have ended.

    `serve` gets the number of its process, from 1, and the socket.

    Raises:
        WorkerDied: one of them ended by itself.
    """
    children: dict[int, int] = {}
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        for child in children:
            os.kill(child, signal.SIGTERM)

    before = {sign: signal.signal(sign, stop) for sign in STOP_SIGNALS}
    try:
        for number, sock in enumerate(sockets, 1):
            children[_started(number, sock, serve, sockets)] = number
        failed = _ended(children, stop, lambda: stopped)
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    if failed:
        raise WorkerDied(f"worker {failed} of {len(sockets)} ended by itself; the others were stopped")


def _started(
    number: int, sock: socket.socket, serve: Callable[[int, socket.socket], None], sockets: list[socket.socket]
) -> int:
    """A new process. It hears no signal before it can heed it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for sign in STOP_SIGNALS:
                signal.signal(sign, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            for other in sockets:
                if other is not sock:
                    other.close()
            serve(number, sock)
            code = 0
        finally:
            os._exit(code)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    return child


def _ended(children: dict[int, int], stop: Callable[[], None], stopped: Callable[[], bool]) -> int | None:
    """Wait for all; the number of the first one that ended without being told to."""
    failed = None
    while children:
        child, _ = os.wait()
        number = children.pop(child, None)
        if not stopped():
            failed = number
            stop()
    return failed
