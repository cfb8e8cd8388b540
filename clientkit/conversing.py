"""Holds a conversation with a model: what an application calls, for code with and without async."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from clientkit.answer import Answer
from clientkit.callbacks import AfterCall, BeforeCall, Callbacks, OnEvent
from clientkit.calls import CallRunner
from clientkit.confirm import Confirm
from clientkit.errors import ClientKitError, OutOfTime
from clientkit.loop import four_steps
from clientkit.model import Message, Model, ModelWithTools
from clientkit.tools import AnyTool, by_name, permitted
from clientkit.transcript import Transcript

P = ParamSpec("P")
R = TypeVar("R")


async def converse(  # noqa: PLR0913 - one keyword for each bound and each way to take part
    chat: Model,
    question: str | Iterable[Message],
    tools: Sequence[AnyTool | Callable[..., Any]] = (),
    *,
    confirm: Confirm | None = None,
    stream: bool = False,
    on_event: OnEvent | None = None,
    before_call: BeforeCall | None = None,
    after_call: AfterCall | None = None,
    rounds: int = 10,
    calls: int = 100,
    parallel: int = 8,
    timeout: float | None = None,  # noqa: ASYNC109 - plain code, which knows no asyncio.timeout, needs it too
) -> Answer:
    """Asks the model, runs the tools that it calls, and gives its answer.

    `question` is a user's text or a list of messages. `confirm(name, arguments)` is asked before a tool that acts runs;
    without it none does. `stream` has replies sent in pieces, and `on_event` hears of everything as it happens.
    `before_call(name, arguments)` may forbid a call by giving the reason, `after_call(record)` may give the words in
    which the model is told its result. At most `rounds` replies are asked for, `calls` calls looked at, `parallel` of
    them run side by side, and `timeout` seconds pass.

    Raises APIError and StreamError as `Chat` does, IncompleteReply, TooManyRounds, and OutOfTime, which is a
    TimeoutError. Each of them has the `transcript` and the `calls` so far: what ran has run.
    """
    if min(rounds, calls, parallel) < 1:
        raise ValueError("rounds, calls and parallel must be 1 at least")
    offered = by_name(tools)
    callbacks = Callbacks(confirm, before_call, after_call, on_event)
    transcript = Transcript.opened_with(question)
    model = ModelWithTools(chat, [tool.definition for tool in offered.values()], callbacks, stream)
    # What the requests say about calls holds even where the model or its server does not keep to it.
    said: Mapping[str, Any] = getattr(chat, "options", {})
    side_by_side = 1 if said.get("parallel_tool_calls") is False else parallel
    callable_now = permitted(offered, said.get("tool_choice"))
    runner = CallRunner(callable_now, callbacks, parallel=side_by_side, most=calls)
    with _kept_in_errors(transcript, runner):
        async with _time_limit(timeout):
            reply = await four_steps(model, transcript, runner, rounds)
    return Answer(reply.text or "", reply.refusal, transcript, tuple(runner.records))


@contextmanager
def _kept_in_errors(transcript: Transcript, runner: CallRunner) -> Iterator[None]:
    """Gives an error what had happened before it, so that the conversation can go on from there."""
    try:
        yield
    except ClientKitError as error:
        transcript.tell(runner.give_up())
        error.transcript, error.calls = transcript, tuple(runner.records)
        raise


@asynccontextmanager
async def _time_limit(seconds: float | None) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if seconds is None or not limit.expired():
            raise
        raise OutOfTime(seconds) from None


def _blocking(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """The function as one that runs to its end before it returns."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(function(*args, **kwargs))
        raise RuntimeError(f"{function.__name__}_sync was called from async code: write await {function.__name__}(…)")

    run.__name__ = run.__qualname__ = f"{function.__name__}_sync"
    return run


converse_sync = _blocking(converse)
"""The same for code without async and await."""
