"""Several processes that serve one port: started together, replaced when they die, stopped together.

Signals are blocked in the parent and taken one by one (`sigwait`), so that none can arrive between two statements. A
worker is forked with the stop signals blocked and unblocks them once its event loop handles them. A pipe that only the
parent can write to tells the workers of its death: its end of file ends them, on every POSIX system and whatever
killed the parent.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

from mockserver.errors import MockServerError

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
MOST_RESTARTS, WITHIN_SECONDS = 5, 60.0
"""So many workers are replaced within so many seconds; when one more dies, the server ends."""

STOP_SECONDS = 10.0
"""So long after a stop signal a worker that still runs is killed."""

Serve = Callable[[int, socket.socket], None]


class WorkerDied(MockServerError):
    """Workers ended by themselves more often than they are replaced; the others were stopped."""


def unblock_stop_signals() -> None:
    """Let stop signals through, those that arrived meanwhile first: for a worker that handles them from now on."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def run_workers(sockets: list[socket.socket], serve: Serve, announce: Callable[[], None]) -> None:
    """Serve each socket in a process of its own until SIGINT or SIGTERM, and wait until all have ended.

    `serve` gets the number of its process, from 1, and the socket; it calls `unblock_stop_signals` once it handles
    them. `announce` is called when all are started and a signal at any moment ends all.

    Raises:
        WorkerDied: they ended by themselves more than `MOST_RESTARTS` times within `WITHIN_SECONDS`.
    """
    awaited = {*STOP_SIGNALS, signal.SIGCHLD, signal.SIGALRM}
    # Some systems throw away a blocked signal that would be ignored: a handler keeps it.
    before = {sign: signal.signal(sign, _keep) for sign in (signal.SIGCHLD, signal.SIGALRM)}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    workers = _Workers(sockets, serve)
    try:
        workers.start_all()
        announce()
        while workers.running:
            workers.heed(signal.sigwait(awaited))
    finally:
        workers.kill()
        workers.close()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for sign, handler in before.items():
            signal.signal(sign, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if workers.failed is not None:
        raise WorkerDied(workers.failed)


def _keep(*_: object) -> None:
    """A signal that is waited for."""


class _Workers:
    """The worker processes of one server, and what is done when one ends."""

    def __init__(self, sockets: list[socket.socket], serve: Serve) -> None:
        self.running: dict[int, int] = {}
        self.failed: str | None = None
        self._sockets = sockets
        self._serve = serve
        self._stopping = False
        self._deaths: deque[float] = deque()
        self._alive, self._parent = os.pipe()

    def start_all(self) -> None:
        for number in range(1, len(self._sockets) + 1):
            self._start(number)

    def heed(self, sign: int) -> None:
        if sign == signal.SIGALRM:
            self.kill()
        elif sign in STOP_SIGNALS or not signal.sigpending().isdisjoint(STOP_SIGNALS):
            self._stop()  # Ctrl-C reaches the workers, too: one that ended of it did not die
        self._reap()

    def kill(self) -> None:
        """End what still runs, at once."""
        for child in self.running:
            os.kill(child, signal.SIGKILL)

    def close(self) -> None:
        os.close(self._alive)
        os.close(self._parent)

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)
            for child in self.running:
                os.kill(child, signal.SIGTERM)

    def _reap(self) -> None:
        """Take note of every process that has ended; signals of several may have come as one."""
        while self.running:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            number = self.running.pop(child, None)
            if number is not None and not self._stopping:
                self._replace(number, os.waitstatus_to_exitcode(status))

    def _replace(self, number: int, code: int) -> None:
        now = time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > WITHIN_SECONDS:
            self._deaths.popleft()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        ended = f"worker {number} of {len(self._sockets)} ended by itself ({how})"
        if len(self._deaths) > MOST_RESTARTS:
            self.failed = f"{ended}, and {MOST_RESTARTS} were replaced within {WITHIN_SECONDS:.0f} s; "
            self.failed += "all were stopped"
            self._stop()
            return
        print(f"mockserver: {ended}; a new one takes its place", file=sys.stderr, flush=True)
        self._start(number)

    def _start(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child:
            self.running[child] = number
            return
        code = 1
        try:
            self._become_worker(self._sockets[number - 1])
            self._serve(number, self._sockets[number - 1])
            code = 0
        except Exception:  # what ends a worker is shown where the server runs, and then replaced
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _become_worker(self, sock: socket.socket) -> None:
        os.close(self._parent)
        for other in self._sockets:
            if other is not sock:
                other.close()
        for sign in (signal.SIGCHLD, signal.SIGALRM):
            signal.signal(sign, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD, signal.SIGALRM))
        threading.Thread(target=_end_with_parent, args=(self._alive,), name="parent", daemon=True).start()


def _end_with_parent(alive: int) -> None:
    """Wait for the end of the parent, and end this process: by itself, and by force when it does not."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(1)
