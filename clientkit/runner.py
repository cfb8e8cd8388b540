"""Runs the calls of a reply: harmless ones side by side, acting ones in order and only after the user's yes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from clientkit.answer import OpenCall
from clientkit.callbacks import Callbacks
from clientkit.calls import CallChecker, CheckedCall, reopened
from clientkit.check import FittingCall
from clientkit.confirm import Agreement, Decision, Question, Verdict, bound_arguments, earlier_calls
from clientkit.display import as_json, shortened
from clientkit.errors import ApprovalError
from clientkit.events import CallAnswered, CallProgress, CallStarted
from clientkit.execution import execute, is_cancelled
from clientkit.record import CallRecord
from clientkit.reply import ToolCall
from clientkit.tools import AnyTool
from clientkit.transcript import UNKNOWN_RESULT

_LOGGER = logging.getLogger("clientkit")

_DECLINED = "The user did not agree to this call, so it was not run."
_ASK_INSTEAD = "Do not repeat it; ask what they would like instead."
_FORBIDDEN = "Not run: {reason}"
_ABANDONED = "Not run: the question was abandoned before."
_WAITING = "Not run: the user has not decided yet."
_UNKNOWN = f"{UNKNOWN_RESULT}the question was abandoned while this ran. It may have been done."
_REPAIRED = "\n(The arguments were not strict JSON. They were read as {arguments}.)"
_EDITED = "\n(The user changed the arguments. It ran with {arguments}.)"


class CallRunner:
    """Runs the calls of one question; at every moment it says what became of each call of the latest reply."""

    def __init__(self, callbacks: Callbacks, *, parallel: int, most: int, history: Sequence[CallRecord]) -> None:
        self.open: tuple[OpenCall, ...] = ()
        """The calls of the latest reply that wait for a later decision."""
        self.records: list[CallRecord] = []
        """The records of the calls whose results the model was told."""
        self.remembered: set[str] = set()
        """Fingerprints of the calls to which the user agreed for the rest of the conversation."""
        self.final: str | None = None
        """The name of the tool with which the model gives its answer, if it answers so."""
        self._callbacks = callbacks
        self._checker = CallChecker(most)
        self._history = history
        self._places = asyncio.Semaphore(parallel)
        self._tools: Mapping[str, AnyTool] = {}
        self._declined: dict[str, str] = {}
        self._answers: Mapping[str, Verdict] | None = None
        self._current: list[CheckedCall] = []
        self._started: set[str] = set()
        self._ended: dict[str, CallRecord] = {}

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be asked: calls wait for a decision, or the answer was given by a call."""
        return bool(self.open) or any(each.name == self.final and each.outcome == "ran" for each in self.records)

    def check(self, calls: Sequence[ToolCall], tools: Mapping[str, AnyTool]) -> list[CheckedCall]:
        """The calls of a reply, those settled that must not run; `tools` are those that the request permitted."""
        self._tools = tools
        self._current = self._checker.check(calls, tools)
        return self._current

    def reopen(
        self, calls: Sequence[OpenCall], tools: Mapping[str, AnyTool], answers: Mapping[str, Verdict]
    ) -> list[CheckedCall]:
        """Calls that waited for a decision; `answers` are the decisions by id, the rest stays open.

        Raises:
            ApprovalError: A decision is not for one of these calls, or a call is not the one that was shown.
        """
        by_fingerprint = {call.fingerprint: call.id for call in calls}
        given = {by_fingerprint.get(key, key): answer for key, answer in answers.items()}
        if unknown := sorted(given.keys() - by_fingerprint.values()):
            raise ApprovalError(
                f"no open call has the id {', '.join(unknown)}; open: {', '.join(by_fingerprint.values())}"
            )
        checked = [reopened(call, tools) for call in calls]
        self._tools, self._answers, self._current = tools, given, checked
        return checked

    async def run(self, calls: Sequence[CheckedCall]) -> list[CallRecord]:
        """Run what may run; returns what became of every call that is not left open, in their order."""
        tasks: dict[str, asyncio.Task[CallRecord]] = {}
        acting = [checked for checked in calls if checked.waits_for_user]
        for checked in calls:
            if not checked.waits_for_user:
                tasks[checked.call.id] = asyncio.create_task(self._run_harmless(checked, tasks))
        everything: list[asyncio.Task[Any]] = [*tasks.values(), asyncio.create_task(self._run_acting(acting))]
        try:
            await asyncio.gather(*everything)
        finally:
            for task in everything:
                task.cancel()
        return self.close(keep_open=True)

    def results(self) -> list[CallRecord]:
        """What can be said now of each call of the latest reply, whether it has ended or not."""
        return [self._ended.get(checked.call.id) or self._unfinished(checked) for checked in self._current]

    def close(self, *, keep_open: bool = False) -> list[CallRecord]:
        """The results of the calls of the latest reply as they stand now, for the last time; empties the runner."""
        waiting = {call.id for call in self.open} if keep_open else set()
        results = [record for record in self.results() if record.id not in waiting]
        self.records += results
        self._current = [checked for checked in self._current if checked.call.id in waiting]
        if not keep_open:
            self.open = ()
        self._answers = None
        return results

    def _unfinished(self, checked: CheckedCall) -> CallRecord:
        if checked.record:
            return checked.record
        if checked.call.id in self._started:
            return checked.recorded("unknown", _UNKNOWN)
        waits = any(call.id == checked.call.id for call in self.open)
        return checked.recorded("skipped", _WAITING if waits else _ABANDONED)

    async def _run_harmless(self, checked: CheckedCall, others: Mapping[str, asyncio.Task[CallRecord]]) -> CallRecord:
        if checked.record:
            return await self._end(checked.record)
        if checked.same_as:
            return await self._end(replace(await others[checked.same_as], id=checked.call.id, outcome="skipped"))
        async with self._places:
            if reason := await self._objection(checked):
                return await self._end(checked.recorded("declined", _FORBIDDEN.format(reason=reason)))
            return await self._execute(checked)

    async def _run_acting(self, calls: Sequence[CheckedCall]) -> None:
        """Ask about all of them first, then run those agreed to, one after another."""
        batch = [self._question(checked) for checked in calls]
        batch = [replace(question, batch=tuple(batch)) for question in batch]
        decided: list[CheckedCall] = []
        refuse_rest = False
        for checked, question in zip(calls, batch, strict=True):
            verdict = False if refuse_rest else await self._verdict(checked, question)
            if verdict is Decision.LATER:
                self.open = tuple(_open_call(each) for each in calls[len(decided) :])
                break
            refuse_rest = refuse_rest or verdict is Decision.NO_TO_ALL
            decided.append(await self._apply(checked, verdict))
        for checked in decided:
            if checked.record:
                await self._end(checked.record)
            else:
                async with self._places:
                    await self._execute(checked)

    def _question(self, checked: CheckedCall) -> Question:
        fitting = _fitting(checked)
        records = [*self._history, *self.records]
        earlier = earlier_calls(fitting.tool, fitting.arguments, records)
        return Question(checked.call.id, fitting.tool.name, fitting.arguments, fitting.tool, fitting.repaired, earlier)

    async def _verdict(self, checked: CheckedCall, question: Question) -> Verdict:
        """Policy first, then what was decided before, then the user."""
        if reason := await self._objection(checked):
            return _Forbidden(_FORBIDDEN.format(reason=reason))
        same = checked.fingerprint
        if same in self._declined:
            return self._declined[same]
        if self._answers is not None:
            return self._answers.get(checked.call.id, Decision.LATER)
        if same in self.remembered and not (question.repaired or question.may_have_been_done):
            return True
        return await self._callbacks.decide(question)

    async def _apply(self, checked: CheckedCall, verdict: Verdict) -> CheckedCall:
        """The call with a yes, or settled if it gets none."""
        if isinstance(verdict, Mapping):
            edited = checked.with_arguments(self._tools, verdict)
            if edited.record:
                return edited
            reason = await self._objection(edited)
            if reason:
                return edited.settled("declined", _FORBIDDEN.format(reason=reason))
            return replace(edited, agreed=Agreement(edited.fingerprint))
        if verdict is Decision.ALWAYS:
            self.remembered.add(checked.fingerprint)
        if verdict is True or verdict is Decision.ALWAYS:
            return replace(checked, agreed=Agreement(checked.fingerprint))
        self._checker.release(checked)
        if isinstance(verdict, _Forbidden):
            return checked.settled("declined", verdict)
        reason = f" The reason: {shortened(verdict, 2000)}" if isinstance(verdict, str) and verdict.strip() else ""
        self._declined[checked.fingerprint] = verdict if isinstance(verdict, str) else ""
        return checked.settled("declined", f"{_DECLINED}{reason} {_ASK_INSTEAD}")

    async def _objection(self, checked: CheckedCall) -> str | None:
        fitting = _fitting(checked)
        return await self._callbacks.objection(fitting.tool.name, fitting.arguments)

    async def _execute(self, checked: CheckedCall) -> CallRecord:
        fitting, identity = _fitting(checked), checked.call.id
        tool, arguments = fitting.tool, fitting.arguments
        if tool.acts and not (checked.agreed and checked.agreed.covers(tool.name, bound_arguments(tool, arguments))):
            return await self._end(checked.recorded("declined", f"{_DECLINED} {_ASK_INSTEAD}"))
        await self._callbacks.emit(CallStarted(checked.call))
        if is_cancelled() or all(each.call.id != identity for each in self._current):
            # A hook swallowed the cancellation; the question is abandoned all the same.
            raise asyncio.CancelledError
        self._started.add(identity)
        result = await execute(fitting, lambda value: self._callbacks.emit(CallProgress(checked.call, value)))
        shown = shortened(as_json(arguments), 2000)
        note = _REPAIRED.format(arguments=shown) if fitting.repaired else ""
        note += _EDITED.format(arguments=shown) if checked.edited else ""
        record = checked.recorded(result.outcome, result.content + note)
        # Kept before anything else is awaited: whatever happens next, this call has ended.
        record = self._ended[identity] = replace(record, value=result.value, error=result.error)
        if result.error is not None:
            _LOGGER.warning("the tool %s %s", tool.name, result.outcome, exc_info=result.error)
        return await self._end(await self._callbacks.substitute(record))

    async def _end(self, record: CallRecord) -> CallRecord:
        self._ended[record.id] = record
        await self._callbacks.emit(CallAnswered(record))
        return record


class _Forbidden(str):
    """What the model is told of a call that a hook forbade."""

    __slots__ = ()


def _fitting(checked: CheckedCall) -> FittingCall:
    if checked.fitting is None:
        raise AssertionError("a call that does not fit is settled before it could run")
    return checked.fitting


def _open_call(checked: CheckedCall) -> OpenCall:
    fitting = _fitting(checked)
    return OpenCall(checked.call.id, fitting.tool.name, fitting.arguments, checked.fingerprint, fitting.repaired)
