"""Runs plain functions beside the event loop, in threads that never keep the program from ending."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

R = TypeVar("R")


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
