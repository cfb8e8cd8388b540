"""An event loop in a thread of its own, so that a blocking client and its server can live in one process."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class LoopThread:
    """A running event loop that other threads hand work to."""

    def __init__(self, name: str) -> None:
        self._running = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._until_stopped(),), name=name, daemon=True)
        self._thread.start()
        self._running.wait()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def call(self, function: Callable[[], Result]) -> Result:
        """Call a function on the loop's thread and wait for its result.

        Whatever the loop began before this call and did not interrupt is finished when the function runs. On the
        loop's own thread, where a user's function may run, there is nothing to wait for.
        """
        if threading.current_thread() is self._thread:
            return function()

        async def calling() -> Result:
            return function()

        return self.run(calling())

    def stop(self) -> None:
        """End the loop and its thread; what still runs on it is cancelled."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _until_stopped(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._running.set()
        await self._stopped.wait()
