"""A server in a thread of its own, which one MockLLM after another may use: starting it once is enough."""

import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.server.access import Access
from mockserver.server.app import Listener, MakePipeline
from mockserver.server.pipeline import Pipeline
from mockserver.server.thread import LoopThread

Result = TypeVar("Result")


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
