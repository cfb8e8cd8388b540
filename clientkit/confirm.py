"""The user's decision before a tool acts on the world, bound to one call with exactly these arguments."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal, TypeAlias

from clientkit.tools import AnyTool
from clientkit.transcript import RUN_OUTCOMES, CallRecord


class Decision(Enum):
    """Answers to a question beside yes, no, a reason and edited arguments."""

    LATER = "later"
    """Leaves the call, and the acting calls after it in the same reply, open for a later decision."""
    ALWAYS = "always"
    """A yes that holds for the same call, with the same arguments, for the rest of the conversation."""
    NO_TO_ALL = "no to all"
    """A no to this call and to the acting calls after it in the same reply."""


LATER: Literal[Decision.LATER] = Decision.LATER

Verdict: TypeAlias = bool | str | Mapping[str, Any] | Decision
"""True runs the call, False does not; a text is a no with its reason, a mapping the arguments that the user wants."""


@dataclass(frozen=True, slots=True)
class Question:
    """One call about which the user is asked.

    `earlier` are the calls of this conversation that began before and were the same, or were of the same tool and have
    an unknown end. `batch` are all questions of the same reply, this one included, in their order.
    """

    id: str
    name: str
    arguments: dict[str, Any]
    tool: AnyTool
    repaired: bool = False
    """Whether the arguments were read out of broken JSON."""
    earlier: tuple[CallRecord, ...] = ()
    batch: tuple[Question, ...] = field(default=(), repr=False, compare=False)

    @property
    def seen_before(self) -> bool:
        """Whether the same call began before in this conversation."""
        return bool(self.earlier)

    @property
    def may_have_been_done(self) -> bool:
        """Whether such a call began before and its end was not seen."""
        return any(record.outcome == "unknown" for record in self.earlier)

    @property
    def bound(self) -> dict[str, Any]:
        """The arguments as they will be bound: in the order of the signature, defaults filled in."""
        return bound_arguments(self.tool, self.arguments)

    @property
    def fingerprint(self) -> str:
        """A hash of what is asked: the tool's name and the bound arguments."""
        return fingerprint(self.name, self.bound)


Confirm: TypeAlias = Callable[[Question], Verdict | Awaitable[Verdict]]
"""Answers a question about a call; a plain or an async function."""

ConfirmByName: TypeAlias = Callable[[str, dict[str, Any]], bool | Awaitable[bool]]
"""The older form: called with the tool's name and the arguments."""


class RepairedArguments(dict[str, Any]):
    """Arguments that were read out of broken JSON, as the older form of `confirm` gets them."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A yes, bound to the call that the user saw."""

    fingerprint: str

    def covers(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether it was this call, with these bound arguments, that the user agreed to."""
        return self.fingerprint == fingerprint(name, arguments)


def fingerprint(name: str, arguments: Mapping[str, Any]) -> str:
    """A hash of a tool's name and arguments: the same for the same call, in whatever order it was written."""
    text = json.dumps([name, arguments], sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def bound_arguments(tool: AnyTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the order of the tool's parameters, with the defaults of those left out."""
    ordered = {
        name: arguments[name] if name in arguments else tool.defaults[name]
        for name in tool.parameters.get("properties", {})
        if name in arguments or name in tool.defaults
    }
    return {**ordered, **arguments}


def earlier_calls(tool: AnyTool, arguments: Mapping[str, Any], records: list[CallRecord]) -> tuple[CallRecord, ...]:
    """Those of the records that began and were this very call, or calls of the tool whose end was not seen."""
    this = fingerprint(tool.name, bound_arguments(tool, arguments))
    return tuple(
        record
        for record in records
        if record.name == tool.name
        and record.outcome in RUN_OUTCOMES
        and (
            record.outcome == "unknown" or fingerprint(tool.name, bound_arguments(tool, record.arguments or {})) == this
        )
    )


async def verdict_on(confirm: Confirm | ConfirmByName | None, question: Question) -> Verdict:
    """Ask for a decision; without anyone to ask it is a no.

    Raises:
        TypeError: `confirm` returned something that is not a decision.
    """
    if confirm is None:
        return False
    shown = copy.deepcopy(question.arguments)
    by_name = _takes_name_and_arguments(confirm)
    given: Any = (
        (question.name, RepairedArguments(shown) if question.repaired else shown)
        if by_name
        else (replace(question, arguments=shown),)
    )
    function: Callable[..., Any] = confirm
    answer = function(*given)
    if inspect.isawaitable(answer):
        answer = await answer
    if answer is None and by_name:
        return False
    if not isinstance(answer, bool | str | Mapping | Decision):
        raise TypeError(
            f"confirm returned {answer!r}: return True or False, a text (the reason for a no), a dict (the arguments "
            "as the user wants them), or LATER"
        )
    return answer


def _takes_name_and_arguments(confirm: Callable[..., Any]) -> bool:
    """Whether it is the older form `confirm(name, arguments)`: it takes two values and cannot do with one."""
    try:
        signature = inspect.signature(confirm)
        signature.bind("name", {})
    except (TypeError, ValueError):
        return False
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return True
    try:
        signature.bind("question")
    except TypeError:
        return True
    return False


def remember(confirm: Confirm) -> Confirm:
    """A `confirm` whose yes to a call also holds for the same call for the rest of the conversation."""

    async def ask(question: Question) -> Verdict:
        verdict = await verdict_on(confirm, question)
        return Decision.ALWAYS if verdict is True else verdict

    return ask


def allow_only(*names: str) -> Confirm:
    """A `confirm` that agrees to calls of the tools named, to no others.

    Never to arguments that had to be repaired, nor to a call that may have been done already.
    """

    def ask(question: Question) -> bool:
        return question.name in names and not question.repaired and not question.may_have_been_done

    return ask


def deny_all(_question: Question) -> bool:
    """A `confirm` that agrees to nothing."""
    return False
