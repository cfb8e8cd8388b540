"""Carries out what the model asks for: check each call, get a yes where it acts, run, and word what became of it."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from clientkit.answer import CallRecord
from clientkit.asking import OnEvent, tell
from clientkit.check import FittingCall, check_call, read_values
from clientkit.confirm import Agreement, Confirm, agreement, fingerprint
from clientkit.errors import BadCall
from clientkit.events import CallAnswered, CallStarted
from clientkit.printable import shortened
from clientkit.reply import ToolCall
from clientkit.threads import run_in_thread
from clientkit.tools import AnyTool

MAX_RUNS = 3
"""How often the same tool runs with the same arguments in one conversation."""

MAX_CALLS = 64
"""How many calls of one reply are looked at."""

_AGAIN = "Correct the arguments and call the tool again."
_DECLINED = (
    "The user did not agree to this call, so it was not run. Do not repeat it; ask what they would like instead."
)
_TOO_OFTEN = f"Not run: this same call ran {MAX_RUNS} times already. Use the results you have, or try something else."
_TWICE = "Not run: this reply holds the same call already. Call it again if it is really wanted twice."
_TOO_MANY = f"Not run: one reply may hold {MAX_CALLS} calls at most. Call again for what is missing."


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call on its way: with `record` it is settled and will not run; to act it needs `agreed`."""

    call: ToolCall
    fitting: FittingCall | None = None
    agreed: Agreement | None = None
    record: CallRecord | None = None

    def settled(self, record: CallRecord) -> PendingCall:
        """The same call, which will not run."""
        return replace(self, record=record)


class CallRunner:
    """Carries out the calls of one conversation."""

    def __init__(
        self, tools: Mapping[str, AnyTool], confirm: Confirm | None, parallel: int, listener: OnEvent | None
    ) -> None:
        self._tools = tools
        self._confirm = confirm
        self._listener = listener
        self._places = asyncio.Semaphore(parallel)
        self._runs: Counter[str] = Counter()
        self._declined: set[str] = set()

    def check(self, calls: Sequence[ToolCall]) -> list[PendingCall]:
        """The calls of one reply, those settled that must not run: they do not fit, or there are too many of them."""
        acting: set[str] = set()
        return [self._check(call, acting, too_many=place >= MAX_CALLS) for place, call in enumerate(calls)]

    def _check(self, call: ToolCall, acting: set[str], *, too_many: bool) -> PendingCall:
        if too_many:
            return PendingCall(call, record=CallRecord(call.id, call.name, None, "skipped", _TOO_MANY))
        try:
            fitting = check_call(self._tools, call.name, call.arguments)
        except BadCall as bad:
            content = f"{bad}\n{_AGAIN}"
            return PendingCall(call, record=CallRecord(call.id, call.name, None, "bad", content, problem=bad))
        pending = PendingCall(call, fitting)
        same = fingerprint(call.name, fitting.arguments)
        if same in acting:
            return pending.settled(_record(pending, "skipped", _TWICE))
        if self._runs[same] >= MAX_RUNS:
            return pending.settled(_record(pending, "skipped", _TOO_OFTEN))
        self._runs[same] += 1
        if fitting.tool.acts:
            acting.add(same)
        return pending

    async def confirm(self, pending: PendingCall) -> PendingCall:
        """The call with a yes if it needs one and gets it; settled if it gets none. What was declined stays so."""
        fitting = pending.fitting
        if pending.record or fitting is None or not fitting.tool.acts:
            return pending
        same = fingerprint(fitting.tool.name, fitting.arguments)
        agreed = None
        if same not in self._declined:
            agreed = await agreement(self._confirm, fitting.tool.name, fitting.arguments)
        if agreed:
            return replace(pending, agreed=agreed)
        self._declined.add(same)
        self._runs[same] -= 1
        return pending.settled(_record(pending, "declined", _DECLINED))

    async def run(self, calls: Sequence[PendingCall]) -> list[CallRecord]:
        """Runs side by side what may run; gives what became of every call, in their order."""
        tasks = [asyncio.create_task(self._run(pending)) for pending in calls]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _run(self, pending: PendingCall) -> CallRecord:
        record = pending.record
        if record is None:
            async with self._places:
                await tell(self._listener, CallStarted(pending.call))
                record = await _result(pending)
        await tell(self._listener, CallAnswered(record))
        return record


async def _result(pending: PendingCall) -> CallRecord:
    fitting = pending.fitting
    if fitting is None:
        raise AssertionError("a call without a fitting tool is settled before it could run")
    tool = fitting.tool
    if tool.acts and not (pending.agreed and pending.agreed.covers(tool.name, fitting.arguments)):
        return _record(pending, "declined", _DECLINED)
    try:
        async with asyncio.timeout(tool.timeout) as limit:
            value = await _call(tool, read_values(tool, fitting.arguments))
    except TimeoutError as error:
        late = f"it did not end within {tool.timeout:g} seconds" if limit.expired() else shortened(str(error))
        return _record(pending, "failed", f"The tool failed: TimeoutError: {late}")
    except Exception as error:
        # Whatever a tool raises is told to the model, which can react to it.
        return _record(pending, "failed", f"The tool failed: {type(error).__name__}: {shortened(str(error), 2000)}")
    return replace(_record(pending, "ran", result_text(value)), value=value)


async def _call(tool: AnyTool, values: dict[str, Any]) -> Any:
    if inspect.iscoroutinefunction(tool.function):
        return await tool.function(**values)
    value = await run_in_thread(tool.function, **values)
    return await value if inspect.isawaitable(value) else value


def result_text(value: Any) -> str:
    """What the model is told of a value: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    try:
        return to_json(value, fallback=str, bytes_mode="base64").decode()
    except (PydanticSerializationError, ValueError, RecursionError):
        return shortened(repr(value), 10_000)


def _record(pending: PendingCall, outcome: Any, content: str) -> CallRecord:
    arguments, mended = (pending.fitting.arguments, pending.fitting.coerced) if pending.fitting else (None, ())
    return CallRecord(pending.call.id, pending.call.name, arguments, outcome, content, coerced=mended)
