"""Runs the function of a tool, within its time and whatever it raises, and words what the model is told of it."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import PydanticSerializationError, to_json

from clientkit.check import FittingCall, read_values
from clientkit.printable import shortened
from clientkit.threads import run_in_thread
from clientkit.tools import AnyTool


@dataclass(frozen=True, slots=True)
class Result:
    """What came of running a function: the words for the model, and the value if there is one."""

    outcome: Literal["ran", "failed"]
    content: str
    value: Any = None


async def execute(fitting: FittingCall) -> Result:
    """Runs the call. Raises nothing that the function raises: a model can react to what it is told."""
    tool = fitting.tool
    try:
        async with asyncio.timeout(tool.timeout) as limit:
            value = await _call(tool, read_values(tool, fitting.arguments))
        return Result("ran", result_text(value), value)
    except TimeoutError as error:
        return _failure(error, f"it did not end within {tool.timeout:g} seconds" if limit.expired() else str(error))
    except asyncio.CancelledError as error:
        if _is_cancelled():
            raise
        return _failure(error, "it gave up by itself")
    except (Exception, SystemExit) as error:
        return _failure(error, str(error))


async def _call(tool: AnyTool, values: dict[str, Any]) -> Any:
    if inspect.iscoroutinefunction(tool.function):
        return await tool.function(**values)
    value = await run_in_thread(tool.function, **values)
    return await value if inspect.isawaitable(value) else value


def _is_cancelled() -> bool:
    """Whether it is the conversation that ends, and not something inside the function."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _failure(error: BaseException, reason: str) -> Result:
    return Result("failed", f"The tool failed: {type(error).__name__}: {shortened(reason, 2000)}")


def result_text(value: Any) -> str:
    """What the model is told of a value: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    try:
        return to_json(value, fallback=str, bytes_mode="base64").decode()
    except (PydanticSerializationError, ValueError, RecursionError):
        return shortened(repr(value), 10_000)
