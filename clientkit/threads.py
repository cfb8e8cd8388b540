"""Runs plain functions beside the event loop, and async ones from plain code.

The threads are daemons: they never keep the program from ending.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import weakref
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_ENDINGS = 3
_local = threading.local()


async def run_in_thread(function: Callable[..., R], /, **values: Any) -> R:
    """What the function gives. One that is given up on goes on in its thread, but nobody waits for it any more."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[R] = loop.create_future()
    context = contextvars.copy_context()

    def deliver(settle: Callable[[], None]) -> None:
        # The loop is closed if the conversation was given up in the meantime.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if result.done() else settle())

    def work() -> None:
        try:
            value = context.run(function, **values)
        except StopIteration as error:
            # Cannot be raised through a future.
            wrapped = RuntimeError(f"the function raised {error!r}")
            deliver(lambda: result.set_exception(wrapped))
        except BaseException as error:
            # Belongs to the caller, whatever it is.
            caught = error
            deliver(lambda: result.set_exception(caught))
        else:
            deliver(lambda: result.set_result(value))

    # Not the loop's own pool: leaving asyncio.run waits for that, and one stuck function would hang the program.
    threading.Thread(target=work, name=f"tool {getattr(function, '__name__', '')}", daemon=True).start()
    return await result


def plain(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """The async function as one that runs to its end before it returns."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return run_blocking(function(*args, **kwargs), function.__name__)

    run.__name__ = run.__qualname__ = f"{function.__name__}_sync"
    return run


def run_blocking(coroutine: Coroutine[Any, Any, R], name: str) -> R:
    """Run a coroutine to its end, on an event loop that this thread keeps.

    An async client keeps connections that belong to the loop on which they were made, so a new loop for each call would
    break the second one.

    Raises:
        RuntimeError: It was called from async code.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        runner = _runner()
        try:
            return runner.run(_without_leftovers(coroutine))
        finally:
            _finish(runner)
    coroutine.close()
    raise RuntimeError(f"{name}_sync was called from async code: write await {name}(…)")


def _runner() -> asyncio.Runner:
    runner: asyncio.Runner | None = getattr(_local, "runner", None)
    if runner is None or runner.get_loop().is_closed():
        runner = _local.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        weakref.finalize(threading.current_thread(), runner.get_loop().close)
    return runner


def _finish(runner: asyncio.Runner) -> None:
    """Let tasks come to their end that a KeyboardInterrupt left behind: it ends the loop and not them."""
    for _ in range(_ENDINGS):
        tasks = asyncio.all_tasks(runner.get_loop())
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            runner.run(_all_done(tasks))


async def _all_done(tasks: Collection[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


async def _without_leftovers(coroutine: Coroutine[Any, Any, R]) -> R:
    before = asyncio.all_tasks()
    try:
        return await coroutine
    finally:
        for task in asyncio.all_tasks() - before:
            task.cancel()
        await asyncio.sleep(0)
