"""Carries out what the model asks for: check each call, get a yes where it acts, run it, and note what became of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from clientkit.answer import CallRecord, Outcome
from clientkit.callbacks import Callbacks
from clientkit.check import FittingCall, check_call
from clientkit.confirm import Agreement, agreement, fingerprint
from clientkit.errors import BadCall
from clientkit.events import CallAnswered, CallStarted
from clientkit.execution import execute
from clientkit.printable import as_json, shortened
from clientkit.reply import ToolCall
from clientkit.tools import AnyTool

MAX_RUNS = 3
"""How often the same tool runs with the same arguments in one conversation."""

_AGAIN = "Correct the arguments and call the tool again."
_DECLINED = (
    "The user did not agree to this call, so it was not run. Do not repeat it; ask what they would like instead."
)
_FORBIDDEN = "Not run: {reason}"
_TOO_OFTEN = f"Not run: this same call ran {MAX_RUNS} times already. Use the results you have, or try something else."
_TWICE = "Not run: this reply holds the same call already. Call it again if it is really wanted twice."
_TOO_MANY = "Not run: this conversation may hold {most} calls at most. Answer with what you have."
_GIVEN_UP = "Not run: the conversation was given up before."
_UNKNOWN = "Not known: the conversation was given up while this ran. It may have been done."
_REPAIRED = "\n(The arguments were no strict JSON. They were read as {arguments}.)"


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call on its way: with `record` it is settled and will not run; to act it needs `agreed`."""

    call: ToolCall
    fitting: FittingCall | None = None
    agreed: Agreement | None = None
    record: CallRecord | None = None
    same_as: str | None = None
    """The id of an earlier call of this reply that asks for the very same, so that one run answers both."""

    def settled(self, outcome: Outcome, content: str) -> PendingCall:
        """The same call, which will not run."""
        return replace(self, record=self.recorded(outcome, content))

    def recorded(self, outcome: Outcome, content: str) -> CallRecord:
        """What became of the call."""
        record = CallRecord(self.call.id, self.call.name, None, outcome, content)
        if self.fitting is None:
            return record
        fitting = self.fitting
        return replace(record, arguments=fitting.arguments, coerced=fitting.coerced, repaired=fitting.repaired)


class CallRunner:
    """Carries out the calls of one conversation; `records` is what became of those whose results are known."""

    def __init__(self, tools: Mapping[str, AnyTool], callbacks: Callbacks, *, parallel: int, most: int) -> None:
        self.records: list[CallRecord] = []
        self._tools = tools
        self._callbacks = callbacks
        self._places = asyncio.Semaphore(parallel)
        self._most = most
        self._seen = 0
        self._runs: Counter[str] = Counter()
        self._declined: set[str] = set()
        self._open: list[PendingCall] = []
        self._started: set[str] = set()
        self._ended: dict[str, CallRecord] = {}

    def check(self, calls: Sequence[ToolCall]) -> list[PendingCall]:
        """The calls of one reply, those settled that must not run: they do not fit, or there are too many of them."""
        earlier: dict[str, str] = {}
        self._open = [self._check(call, earlier) for call in calls]
        return self._open

    def _check(self, call: ToolCall, earlier: dict[str, str]) -> PendingCall:
        pending = PendingCall(call)
        self._seen += 1
        if self._seen > self._most:
            return pending.settled("skipped", _TOO_MANY.format(most=self._most))
        try:
            fitting = check_call(self._tools, call.name, call.arguments)
        except BadCall as bad:
            record = pending.recorded("bad", f"{bad}\n{_AGAIN}")
            return replace(pending, record=replace(record, problem=bad))
        pending = PendingCall(call, fitting)
        same = fingerprint(call.name, fitting.arguments)
        if same in earlier:
            return pending.settled("skipped", _TWICE) if fitting.tool.acts else replace(pending, same_as=earlier[same])
        if self._runs[same] >= MAX_RUNS:
            return pending.settled("skipped", _TOO_OFTEN)
        self._runs[same] += 1
        earlier[same] = call.id
        return pending

    async def confirm(self, pending: PendingCall) -> PendingCall:
        """The call with a yes if it needs one and gets it; settled if it gets none. What was declined stays so."""
        fitting = pending.fitting
        if pending.record or fitting is None or not fitting.tool.acts:
            return pending
        same = fingerprint(fitting.tool.name, fitting.arguments)
        agreed = None
        if same not in self._declined:
            agreed = await agreement(
                self._callbacks.confirm, fitting.tool.name, fitting.arguments, repaired=fitting.repaired
            )
        if agreed:
            return replace(pending, agreed=agreed)
        self._declined.add(same)
        self._runs[same] -= 1
        return pending.settled("declined", _DECLINED)

    async def run(self, calls: Sequence[PendingCall]) -> list[CallRecord]:
        """Runs side by side what may run; gives what became of every call, in their order."""
        tasks: dict[str, asyncio.Task[CallRecord]] = {}
        for pending in calls:
            tasks[pending.call.id] = asyncio.create_task(self._run(pending, tasks))
        try:
            results = await asyncio.gather(*tasks.values())
        finally:
            for task in tasks.values():
                task.cancel()
        self.records += results
        self._open = []
        return results

    def give_up(self) -> list[CallRecord]:
        """What is to be said of the calls that are still without a result, now that nobody waits for them."""
        results = [self._given_up(pending) for pending in self._open]
        self.records += results
        self._open = []
        return results

    def _given_up(self, pending: PendingCall) -> CallRecord:
        known = self._ended.get(pending.call.id) or pending.record
        if known:
            return known
        started = pending.call.id in self._started
        return pending.recorded("failed", _UNKNOWN) if started else pending.recorded("skipped", _GIVEN_UP)

    async def _run(self, pending: PendingCall, others: Mapping[str, asyncio.Task[CallRecord]]) -> CallRecord:
        if pending.record:
            record = pending.record
        elif pending.same_as:
            record = replace(await others[pending.same_as], id=pending.call.id, outcome="skipped")
        else:
            async with self._places:
                record = await self._result(pending)
        self._ended[record.id] = record
        await self._callbacks.tell(CallAnswered(record))
        return record

    async def _result(self, pending: PendingCall) -> CallRecord:
        fitting = pending.fitting
        if fitting is None:
            raise AssertionError("a call without a fitting tool is settled before it could run")
        tool, arguments = fitting.tool, fitting.arguments
        if tool.acts and not (pending.agreed and pending.agreed.covers(tool.name, arguments)):
            return pending.recorded("declined", _DECLINED)
        if reason := await self._callbacks.objection(tool.name, arguments):
            return pending.recorded("declined", _FORBIDDEN.format(reason=reason))
        self._started.add(pending.call.id)
        await self._callbacks.tell(CallStarted(pending.call))
        result = await execute(fitting)
        note = _REPAIRED.format(arguments=shortened(as_json(arguments), 2000)) if fitting.repaired else ""
        record = replace(pending.recorded(result.outcome, result.content + note), value=result.value)
        return await self._callbacks.worded(record)
