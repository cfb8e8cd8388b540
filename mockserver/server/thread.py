"""An event loop in a thread of its own, so that a blocking client and its server can live in one process."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import web

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.engine import Engine, Settings
from mockserver.errors import MockServerError
from mockserver.journal import Journal
from mockserver.server.access import Access
from mockserver.server.app import Listener, MakePipeline
from mockserver.server.pipeline import Pipeline

Result = TypeVar("Result")

PATIENCE = 60.0
"""So many seconds the loop may take to answer: it answers within milliseconds, unless something blocks it."""

_LOOKS = 1.0
"""After so many seconds of waiting it is looked whether the thread is still there."""

NO_TEST_RUNNING = "no_test_running"
_COUNTED = 1_000
"""So many different requests are counted apart; more would not help."""

_MESSAGE = (
    "No test that takes the fixture mock_llm is running, and this request came outside of one: at import time, between "
    "two tests, or in a test without the fixture. Ask within a test that takes mock_llm."
)


class CannotServe(MockServerError, RuntimeError):
    """The server's thread could not start, is gone, or does not answer; the message says why and what to do."""


class LoopThread:
    """A running event loop that other threads hand work to. No wait for it is longer than `PATIENCE`.

    Raises:
        CannotServe: the loop could not start.
    """

    def __init__(self, name: str) -> None:
        check_sockets()
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        try:
            self._loop = self._started.result(PATIENCE)
        except Exception as error:
            raise CannotServe(_why(error)) from error

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the loop and wait for its result.

        Raises:
            CannotServe: the thread has ended, or something blocks it.
        """
        if not self._thread.is_alive():
            coroutine.close()
            raise CannotServe(_GONE)
        return self._waited_for(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    def call(self, function: Callable[[], Result]) -> Result:
        """Call a function on the loop's thread and wait for its result.

        Whatever the loop began before this call and did not interrupt is finished when the function runs. On the
        loop's own thread, where a user's function may run, there is nothing to wait for.

        Raises:
            CannotServe: the thread has ended, or something blocks it.
        """
        if threading.current_thread() is self._thread:
            return function()

        async def calling() -> Result:
            return function()

        return self.run(calling())

    def stop(self) -> None:
        """End the loop and its thread; what still runs on it is cancelled. A thread that is blocked is left behind."""
        with suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(PATIENCE)

    def _waited_for(self, future: "Future[Result]") -> Result:
        waited = 0.0
        while True:
            try:
                return future.result(_LOOKS)
            except TimeoutError:
                if future.done():
                    raise  # it is the coroutine's own
                waited += _LOOKS
                if waited < PATIENCE and self._thread.is_alive():
                    continue
                future.cancel()
                raise CannotServe(_BLOCKED if self._thread.is_alive() else _GONE) from None

    def _run(self) -> None:
        running = self._until_stopped()
        try:
            asyncio.run(running)
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)
        finally:
            running.close()

    async def _until_stopped(self) -> None:
        self._stopped = asyncio.Event()
        self._started.set_result(asyncio.get_running_loop())
        await self._stopped.wait()


_GONE = "the mock's server is gone: its thread has ended. A process that was forked needs a MockLLM of its own"
_BLOCKED = (
    f"the mock's server has not answered for {PATIENCE:g} s: something blocks its thread. A turn or condition that is "
    "a function must not wait for what needs the server itself; make it an `async def`, or let it return"
)
_PYTEST_SOCKET = (
    "pytest-socket allows no sockets here, and the mock is a real server on the loopback interface. Run pytest with "
    "--allow-hosts=127.0.0.1 (beside --disable-socket, too), or mark the test @pytest.mark.allow_hosts(['127.0.0.1'])"
)


def _why(error: BaseException) -> str:
    """What kept the server from starting, and what to do about it."""
    told = f"the mock's server cannot start: {type(error).__name__}: {error}".rstrip(": ")
    return f"{told}\n{_PYTEST_SOCKET}" if type(error).__module__.partition(".")[0] == "pytest_socket" else told


def check_sockets() -> None:
    """Whether a server can have sockets at this moment.

    Raises:
        CannotServe: something forbids it, as pytest-socket does for a test.
    """
    import socket

    try:
        socket.socket().close()
    except Exception as error:  # what forbids sockets chooses the error
        raise CannotServe(_why(error)) from error


class Host:
    """A running server on a free port of the loopback interface.

    `url` is the base URL for clients; `process` is the id of the process in which it runs.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        self._thread = LoopThread("mockserver")
        self._listener = Listener(Engine(Settings()), Journal())
        self._thread.run(self._listener.start())
        self.url = self._listener.url

    def serve(
        self, engine: Engine, journal: Journal, access: Access | None = None, pipeline: MakePipeline = Pipeline
    ) -> None:
        """Serve this engine from now on, through a pipeline of this kind; no thread has to wait for the other."""
        self._listener.serve(engine, journal, access, pipeline)

    def start_anew(self) -> None:
        """Every limit is untouched and nothing is stored; to be called on the server's thread."""
        self._listener.start_anew()

    def hang_up(self) -> None:
        """Cut off whatever is being answered, and close all connections; they are closed when this returns."""
        if self._listener.has_connections:
            self._thread.call(self._listener.hang_up)

    def call(self, function: Callable[[], Result]) -> Result:
        """Call a function on the server's thread, to which the state of what it serves belongs."""
        return self._thread.call(function)

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the server's loop and wait for its result."""
        return self._thread.run(coroutine)

    def close(self) -> None:
        """Stop the server at once; what is being answered is cut off."""
        self._thread.run(self._listener.stop())
        self._thread.stop()


class OutsideTests:
    """Refuses every request to the API with 503 while no MockLLM is served, and counts them."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def serve(self, host: Host) -> None:
        """Answer on this server until a MockLLM does."""
        host.serve(Engine(Settings()), Journal(), pipeline=self._closed)

    @property
    def counts(self) -> dict[str, int]:
        """How often each request came, by method and path."""
        return dict(self._counts)

    def _closed(self, engine: Engine, journal: Journal, access: Access) -> Pipeline:
        pipeline = Pipeline(engine, journal, access)
        pipeline.refuse_all = self._refuse
        return pipeline

    def _refuse(self, request: web.BaseRequest) -> ApiError:
        line = f"{request.method} {request.rel_url.raw_path}"
        if line in self._counts or len(self._counts) < _COUNTED:
            self._counts[line] += 1
        return ApiError(503, _MESSAGE, MOCK_ERROR, code=NO_TEST_RUNNING, headers={"x-should-retry": "false"})
