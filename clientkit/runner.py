"""Runs the calls of a reply: harmless ones side by side, acting ones in order and only after the user's yes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from clientkit.answer import OpenCall
from clientkit.callbacks import Callbacks
from clientkit.calls import CallChecker, CallPlan, reopen_call
from clientkit.check import ValidCall
from clientkit.confirm import Agreement, Decision, Question, Verdict, bound_arguments, earlier_calls
from clientkit.display import as_json, shorten
from clientkit.errors import ApprovalError
from clientkit.events import CallAnswered, CallProgress, CallStarted
from clientkit.execution import execute, is_cancelled
from clientkit.reply import ToolCall
from clientkit.tools import AnyTool
from clientkit.transcript import UNKNOWN_RESULT, CallRecord

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
        self.standing: set[str] = set()
        """Fingerprints of the calls to which the user agreed for the rest of the conversation."""
        self.final: str | None = None
        """The name of the tool with which the model gives its answer, if it answers so."""
        self._callbacks = callbacks
        self._checker = CallChecker(most)
        self._history = history
        self._places = asyncio.Semaphore(parallel)
        self._tools: Mapping[str, AnyTool] = {}
        self._refusals: dict[str, str] = {}
        self._answers: Mapping[str, Verdict] | None = None
        self._current: list[CallPlan] = []
        self._running_ids: set[str] = set()
        self._records_by_id: dict[str, CallRecord] = {}

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be asked: calls wait for a decision, or the answer was given by a call."""
        return bool(self.open) or any(each.name == self.final and each.outcome == "ran" for each in self.records)

    def check(self, calls: Sequence[ToolCall], tools: Mapping[str, AnyTool]) -> list[CallPlan]:
        """The calls of a reply, those settled that must not run; `tools` are those that the request permitted."""
        self._tools = tools
        self._current = self._checker.check(calls, tools)
        return self._current

    def reopen(
        self, calls: Sequence[OpenCall], tools: Mapping[str, AnyTool], answers: Mapping[str, Verdict]
    ) -> list[CallPlan]:
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
        plans = [reopen_call(call, tools) for call in calls]
        self._tools, self._answers, self._current = tools, given, plans
        return plans

    async def run(self, calls: Sequence[CallPlan]) -> list[CallRecord]:
        """Run what may run; returns what became of every call that is not left open, in their order."""
        tasks: dict[str, asyncio.Task[CallRecord]] = {}
        acting = [plan for plan in calls if plan.waits_for_user]
        for plan in calls:
            if not plan.waits_for_user:
                tasks[plan.call.id] = asyncio.create_task(self._run_harmless(plan, tasks))
        everything: list[asyncio.Task[Any]] = [*tasks.values(), asyncio.create_task(self._run_acting(acting))]
        try:
            await asyncio.gather(*everything)
        finally:
            for task in everything:
                task.cancel()
        return self.close(keep_open=True)

    def results(self) -> list[CallRecord]:
        """What can be said now of each call of the latest reply, whether it has ended or not."""
        return [self._records_by_id.get(plan.call.id) or self._interim_record(plan) for plan in self._current]

    def close(self, *, keep_open: bool = False) -> list[CallRecord]:
        """The results of the calls of the latest reply as they stand now, for the last time; empties the runner."""
        waiting = {call.id for call in self.open} if keep_open else set()
        results = [record for record in self.results() if record.id not in waiting]
        self.records += results
        self._current = [plan for plan in self._current if plan.call.id in waiting]
        if not keep_open:
            self.open = ()
        self._answers = None
        return results

    def _interim_record(self, plan: CallPlan) -> CallRecord:
        if plan.record:
            return plan.record
        if plan.call.id in self._running_ids:
            return plan.to_record("unknown", _UNKNOWN)
        waits = any(call.id == plan.call.id for call in self.open)
        return plan.to_record("skipped", _WAITING if waits else _ABANDONED)

    async def _run_harmless(self, plan: CallPlan, others: Mapping[str, asyncio.Task[CallRecord]]) -> CallRecord:
        if plan.record:
            return await self._end(plan.record)
        if plan.same_as:
            return await self._end(replace(await others[plan.same_as], id=plan.call.id, outcome="skipped"))
        async with self._places:
            if reason := await self._objection(plan):
                return await self._end(plan.to_record("declined", _FORBIDDEN.format(reason=reason)))
            return await self._execute(plan)

    async def _run_acting(self, calls: Sequence[CallPlan]) -> None:
        """Ask about all of them first, then run those agreed to, one after another."""
        batch = [self._question(plan) for plan in calls]
        batch = [replace(question, batch=tuple(batch)) for question in batch]
        plans: list[CallPlan] = []
        refuse_rest = False
        for plan, question in zip(calls, batch, strict=True):
            verdict = False if refuse_rest else await self._verdict(plan, question)
            if verdict is Decision.LATER:
                self.open = tuple(_open_call(each) for each in calls[len(plans) :])
                break
            refuse_rest = refuse_rest or verdict is Decision.NO_TO_ALL
            plans.append(await self._apply(plan, verdict))
        for plan in plans:
            if plan.record:
                await self._end(plan.record)
            else:
                async with self._places:
                    await self._execute(plan)

    def _question(self, plan: CallPlan) -> Question:
        valid_call = _require_valid(plan)
        records = [*self._history, *self.records]
        earlier = earlier_calls(valid_call.tool, valid_call.arguments, records)
        return Question(
            plan.call.id, valid_call.tool.name, valid_call.arguments, valid_call.tool, valid_call.repaired, earlier
        )

    async def _verdict(self, plan: CallPlan, question: Question) -> Verdict:
        """Policy first, then what was decided before, then the user."""
        if reason := await self._objection(plan):
            return _Forbidden(_FORBIDDEN.format(reason=reason))
        same = plan.fingerprint
        if same in self._refusals:
            return self._refusals[same]
        if self._answers is not None:
            return self._answers.get(plan.call.id, Decision.LATER)
        if same in self.standing and not (question.repaired or question.may_have_been_done):
            return True
        return await self._callbacks.decide(question)

    async def _apply(self, plan: CallPlan, verdict: Verdict) -> CallPlan:
        """The call with a yes, or settled if it gets none."""
        if isinstance(verdict, Mapping):
            edited = plan.with_arguments(self._tools, verdict)
            if edited.record:
                return edited
            reason = await self._objection(edited)
            if reason:
                return edited.settle("declined", _FORBIDDEN.format(reason=reason))
            return replace(edited, agreement=Agreement(edited.fingerprint))
        if verdict is Decision.ALWAYS:
            self.standing.add(plan.fingerprint)
        if verdict is True or verdict is Decision.ALWAYS:
            return replace(plan, agreement=Agreement(plan.fingerprint))
        self._checker.release(plan)
        if isinstance(verdict, _Forbidden):
            return plan.settle("declined", verdict)
        reason = f" The reason: {shorten(verdict, 2000)}" if isinstance(verdict, str) and verdict.strip() else ""
        self._refusals[plan.fingerprint] = verdict if isinstance(verdict, str) else ""
        return plan.settle("declined", f"{_DECLINED}{reason} {_ASK_INSTEAD}")

    async def _objection(self, plan: CallPlan) -> str | None:
        valid_call = _require_valid(plan)
        return await self._callbacks.objection(valid_call.tool.name, valid_call.arguments)

    async def _execute(self, plan: CallPlan) -> CallRecord:
        valid_call, identity = _require_valid(plan), plan.call.id
        tool, arguments = valid_call.tool, valid_call.arguments
        if tool.acts and not (plan.agreement and plan.agreement.covers(tool.name, bound_arguments(tool, arguments))):
            return await self._end(plan.to_record("declined", f"{_DECLINED} {_ASK_INSTEAD}"))
        await self._callbacks.emit(CallStarted(plan.call))
        if is_cancelled() or all(each.call.id != identity for each in self._current):
            # A hook swallowed the cancellation; the question is abandoned all the same.
            raise asyncio.CancelledError
        self._running_ids.add(identity)
        result = await execute(valid_call, lambda value: self._callbacks.emit(CallProgress(plan.call, value)))
        shown = shorten(as_json(arguments), 2000)
        note = _REPAIRED.format(arguments=shown) if valid_call.repaired else ""
        note += _EDITED.format(arguments=shown) if plan.edited else ""
        record = plan.to_record(result.outcome, result.content + note)
        # Kept before anything else is awaited: whatever happens next, this call has ended.
        record = self._records_by_id[identity] = replace(record, value=result.value, error=result.error)
        if result.error is not None:
            _LOGGER.warning("the tool %s %s", tool.name, result.outcome, exc_info=result.error)
        return await self._end(await self._callbacks.substitute(record))

    async def _end(self, record: CallRecord) -> CallRecord:
        self._records_by_id[record.id] = record
        await self._callbacks.emit(CallAnswered(record))
        return record


class _Forbidden(str):
    """What the model is told of a call that a hook forbade."""

    __slots__ = ()


def _require_valid(plan: CallPlan) -> ValidCall:
    if plan.valid_call is None:
        raise AssertionError("a call that does not fit is settled before it could run")
    return plan.valid_call


def _open_call(plan: CallPlan) -> OpenCall:
    valid_call = _require_valid(plan)
    return OpenCall(plan.call.id, valid_call.tool.name, valid_call.arguments, plan.fingerprint, valid_call.repaired)
