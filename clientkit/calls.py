"""Checks the calls of a reply before anything runs: do they fit, are they repeated, are there too many?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clientkit.answer import OpenCall
from clientkit.check import ValidCall, check_call
from clientkit.confirm import Agreement, bound_arguments, fingerprint
from clientkit.errors import ApprovalError, BadCall
from clientkit.reply import ToolCall
from clientkit.tools import AnyTool
from clientkit.transcript import CallRecord, Outcome

MAX_RUNS = 3
"""How often the same tool runs with the same arguments for one question."""

_AGAIN = "Correct the arguments and call the tool again."
_TOO_OFTEN = f"Not run: this same call ran {MAX_RUNS} times already. Use the results you have, or try something else."
_TWICE = "Not run: this reply holds the same call already. Call it again if it is really wanted twice."
_TOO_MANY = "Not run: this conversation may hold {most} calls at most. Answer with what you have."


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What is to become of a call that was checked.

    With a `record` it is settled and will not run; to act it needs an `agreement`.
    """

    call: ToolCall
    valid_call: ValidCall | None = None
    agreement: Agreement | None = None
    record: CallRecord | None = None
    same_as: str | None = None
    """The id of an earlier call of this reply that asks for the very same, so that one run answers both."""
    edited: bool = False

    @property
    def fingerprint(self) -> str:
        """A hash of the tool's name and the bound arguments; empty for a call that does not fit."""
        if self.valid_call is None:
            return ""
        tool = self.valid_call.tool
        return fingerprint(tool.name, bound_arguments(tool, self.valid_call.arguments))

    @property
    def waits_for_user(self) -> bool:
        """Whether it acts and is not settled, so that it runs only after a yes."""
        return self.record is None and self.valid_call is not None and self.valid_call.tool.acts

    def settle(self, outcome: Outcome, content: str, error: BaseException | None = None) -> CallPlan:
        """The same call, which will not run."""
        return replace(self, record=replace(self.to_record(outcome, content), error=error))

    def to_record(self, outcome: Outcome, content: str) -> CallRecord:
        """What became of the call."""
        record = CallRecord(self.call.id, self.call.name, None, outcome, content, edited=self.edited)
        if self.valid_call is None:
            return record
        valid_call = self.valid_call
        return replace(record, arguments=valid_call.arguments, coerced=valid_call.coerced, repaired=valid_call.repaired)

    def with_arguments(self, tools: Mapping[str, AnyTool], arguments: Mapping[str, Any]) -> CallPlan:
        """The call with the arguments that the user wrote instead, checked anew; settled if they do not fit."""
        edited = replace(self, edited=True)
        try:
            return replace(edited, valid_call=check_call(tools, self.call.name, json.dumps(dict(arguments))))
        except (BadCall, TypeError, ValueError) as error:
            text = f"Not run: the user changed the arguments, and these do not fit.\n{error}"
            return edited.settle("bad", text, error)


class CallChecker:
    """Checks the calls of one question against the tools that may be called and the bounds on repetition."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen = 0
        self._runs: Counter[str] = Counter()

    def check(self, calls: Sequence[ToolCall], tools: Mapping[str, AnyTool]) -> list[CallPlan]:
        """The calls of one reply, those settled that must not run."""
        earlier: dict[str, str] = {}
        return [self._check(call, tools, earlier) for call in calls]

    def release(self, plan: CallPlan) -> None:
        """Do not count a call that was not run after all."""
        self._runs[plan.fingerprint] -= 1

    def _check(self, call: ToolCall, tools: Mapping[str, AnyTool], earlier: dict[str, str]) -> CallPlan:
        plan = CallPlan(call)
        self._seen += 1
        if self._seen > self._most:
            return plan.settle("skipped", _TOO_MANY.format(most=self._most))
        try:
            plan = CallPlan(call, check_call(tools, call.name, call.arguments))
        except BadCall as bad:
            return plan.settle("bad", f"{bad}\n{_AGAIN}", bad)
        same = plan.fingerprint
        if same in earlier:
            acts = plan.waits_for_user
            return plan.settle("skipped", _TWICE) if acts else replace(plan, same_as=earlier[same])
        if self._runs[same] >= MAX_RUNS:
            return plan.settle("skipped", _TOO_OFTEN)
        self._runs[same] += 1
        earlier[same] = call.id
        return plan


def reopen_call(waiting: OpenCall, tools: Mapping[str, AnyTool]) -> CallPlan:
    """A call that waited for a decision, checked anew.

    Raises:
        ApprovalError: It is not the call that was shown: its arguments, or the tool's defaults, changed since.
    """
    text = json.dumps(waiting.arguments)
    plan = CallPlan(ToolCall(waiting.id, waiting.name, text))
    try:
        valid_call = check_call(tools, waiting.name, text)
    except BadCall as bad:
        raise ApprovalError(f"the open call {waiting.id} does not fit any more: {bad}") from bad
    plan = replace(plan, valid_call=replace(valid_call, repaired=waiting.repaired))
    if plan.fingerprint != waiting.fingerprint:
        raise ApprovalError(f"the open call {waiting.id} of {waiting.name} is not the one that was shown: it changed")
    return plan
