"""How an application takes part in a conversation: its decision on a call, its hooks around it, and its listener."""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from clientkit.confirm import Confirm, ConfirmByName, Question, Verdict, verdict_on
from clientkit.errors import OutOfTime
from clientkit.events import ConfirmationRequested, Event
from clientkit.transcript import CallRecord

OnEvent: TypeAlias = Callable[[Event], Awaitable[None] | None]
"""Receives the events of a conversation; a plain or an async function."""

BeforeCall: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[str | None] | str | None]
"""Sees a call before the user is asked, with the tool's name and the arguments; a text is the reason to forbid it."""

AfterCall: TypeAlias = Callable[[CallRecord], Awaitable[str | None] | str | None]
"""Sees a call that ran; a text replaces the result that the model reads."""


class TimeLimit:
    """The time that a question may take in all; it stands still while the user thinks."""

    def __init__(self) -> None:
        self._limit: asyncio.Timeout | None = None

    @asynccontextmanager
    async def running(self, seconds: float | None) -> AsyncIterator[None]:
        """Bound what happens inside.

        Raises:
            OutOfTime: It took longer than `seconds`.
        """
        try:
            async with asyncio.timeout(seconds) as self._limit:
                yield
        except TimeoutError:
            if seconds is None or self._limit is None or not self._limit.expired():
                raise
            raise OutOfTime(seconds) from None
        finally:
            self._limit = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let no time pass inside."""
        limit, end = self._limit, self._limit.when() if self._limit else None
        if limit is None or end is None or limit.expired():
            yield
            return
        now = asyncio.get_running_loop().time
        left = end - now()
        limit.reschedule(None)
        try:
            yield
        finally:
            if not limit.expired():
                limit.reschedule(now() + left)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The functions that an application hands in. What one of them raises ends the question, not the conversation."""

    conversation_id: str
    confirm: Confirm | ConfirmByName | None = None
    before_call: BeforeCall | None = None
    after_call: AfterCall | None = None
    on_event: OnEvent | None = None
    limit: TimeLimit = field(default_factory=TimeLimit)

    async def emit(self, event: Event) -> None:
        """Pass an event to the listener, if there is one."""
        if self.on_event is not None:
            await _result(self.on_event, replace(event, conversation_id=self.conversation_id))

    async def decide(self, question: Question) -> Verdict:
        """The user's decision; the time they take does not count.

        Raises:
            TypeError: `confirm` returned something that is not a decision.
        """
        await self.emit(ConfirmationRequested(question.id, question.name, question.bound))
        with self.limit.paused():
            return await verdict_on(self.confirm, question)

    async def objection(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        """Why a call may not run, None if it may."""
        reason = await _result(self.before_call, name, copy.deepcopy(dict(arguments)))
        return None if reason is None else str(reason)

    async def substitute(self, record: CallRecord) -> CallRecord:
        """The record of a call that ran, with the content that the model is to be told."""
        content = await _result(self.after_call, record)
        return record if content is None else replace(record, content=str(content))


async def _result(function: Callable[..., Any] | None, *values: Any) -> Any:
    if function is None:
        return None
    result = function(*values)
    return await result if inspect.isawaitable(result) else result
