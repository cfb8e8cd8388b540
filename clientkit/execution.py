"""Runs the function of a tool, within its time and whatever it raises, and states the result for the model."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic_core import PydanticSerializationError, to_json

from clientkit.check import ValidCall, read_values
from clientkit.display import shorten
from clientkit.threads import run_in_thread
from clientkit.tools import AnyTool
from clientkit.transcript import UNKNOWN_RESULT

Report: TypeAlias = Callable[[Any], Awaitable[None]]
"""Receives each value that a generator tool yields."""

_LATE_ACT = (
    f"{UNKNOWN_RESULT}it did not end within {{seconds:g}} seconds. It may have been done. "
    "Do not repeat it; find out whether it was done, or ask the user."
)
_END = object()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of running a function: the content for the model, and the value or the exception."""

    outcome: Literal["ran", "failed", "unknown"]
    content: str
    value: Any = None
    error: BaseException | None = None


async def execute(valid_call: ValidCall, report: Report) -> Result:
    """Run the call. What the function raises is part of the result: a model can react to what it is told."""
    tool = valid_call.tool
    try:
        async with asyncio.timeout(tool.timeout) as limit:
            value = await _call(tool, read_values(tool, valid_call.arguments), report)
        return Result("ran", result_text(value), value)
    except TimeoutError as error:
        if not limit.expired():
            return _failure(error, str(error))
        if tool.acts:
            return Result("unknown", _LATE_ACT.format(seconds=tool.timeout), error=error)
        return _failure(error, f"it did not end within {tool.timeout:g} seconds")
    except asyncio.CancelledError as error:
        if is_cancelled():
            raise
        return _failure(error, "it gave up by itself")
    except (Exception, SystemExit) as error:
        return _failure(error, str(error))


async def _call(tool: AnyTool, values: dict[str, Any], report: Report) -> Any:
    function = inspect.unwrap(tool.function)
    if inspect.isasyncgenfunction(function):
        return await _last_of(tool.function(**values), report)
    if inspect.isgeneratorfunction(function):
        return await _run_generator(tool, values, report)
    if inspect.iscoroutinefunction(function):
        return await tool.function(**values)
    value = await run_in_thread(tool.function, **values)
    return await value if inspect.isawaitable(value) else value


async def _last_of(generator: Any, report: Report) -> Any:
    last = None
    async with aclosing(generator):
        async for last in generator:
            await report(last)
    return last


async def _run_generator(tool: AnyTool, values: dict[str, Any], report: Report) -> Any:
    """The value that a generator returns, or else the last that it yields; it runs in one thread."""
    loop, yielded = asyncio.get_running_loop(), asyncio.Queue[Any]()
    stopped = False

    def run() -> Any:
        generator, last = tool.function(**values), None
        try:
            while not stopped:
                last = next(generator)
                loop.call_soon_threadsafe(yielded.put_nowait, last)
        except StopIteration as end:
            return last if end.value is None else end.value
        finally:
            generator.close()
            if not stopped:
                loop.call_soon_threadsafe(yielded.put_nowait, _END)

    running = asyncio.ensure_future(run_in_thread(run))
    try:
        while (value := await yielded.get()) is not _END:
            await report(value)
        return await running
    finally:
        stopped = True
        running.cancel()


def is_cancelled() -> bool:
    """Whether it is the conversation that ends, and not something inside the function."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _failure(error: BaseException, reason: str) -> Result:
    return Result("failed", f"The tool failed: {type(error).__name__}: {shorten(reason, 2000)}", error=error)


def result_text(value: Any) -> str:
    """What the model is told of a value: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    try:
        return to_json(value, fallback=str, bytes_mode="base64").decode()
    except (PydanticSerializationError, ValueError, RecursionError):
        return shorten(repr(value), 10_000)
