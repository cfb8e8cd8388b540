"""How an application takes part in a conversation: its yes to a call, its hooks around it, and its listener."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from clientkit.answer import CallRecord
from clientkit.confirm import Confirm
from clientkit.events import Event

OnEvent: TypeAlias = Callable[[Event], Awaitable[None] | None]
"""Hears what goes on; a plain or an async function."""

BeforeCall: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[str | None] | str | None]
"""Hears of a call that is about to run, with the tool's name and the arguments; a text is the reason why it may not."""

AfterCall: TypeAlias = Callable[[CallRecord], Awaitable[str | None] | str | None]
"""Hears of a call that ran; a text is told to the model in place of the result."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The functions that an application hands in, as many as it likes. What one raises ends the conversation."""

    confirm: Confirm | None = None
    before_call: BeforeCall | None = None
    after_call: AfterCall | None = None
    on_event: OnEvent | None = None

    async def tell(self, event: Event) -> None:
        """Tells the listener, if there is one."""
        await _answer(self.on_event, event)

    async def objection(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        """Why a call may not run, None if it may."""
        reason = await _answer(self.before_call, name, copy.deepcopy(dict(arguments)))
        return None if reason is None else str(reason)

    async def worded(self, record: CallRecord) -> CallRecord:
        """The record of a call that ran, with the words in which the model is to be told."""
        content = await _answer(self.after_call, record)
        return record if content is None else replace(record, content=str(content))


async def _answer(function: Callable[..., Any] | None, *values: Any) -> Any:
    if function is None:
        return None
    answer = function(*values)
    return await answer if inspect.isawaitable(answer) else answer
