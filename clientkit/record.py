"""What became of a call: ran, failed, did not fit, was declined or skipped, or its end was not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from clientkit.display import as_json, shortened

Outcome: TypeAlias = Literal["ran", "failed", "bad", "declined", "skipped", "unknown"]
"""`ran`: the function returned a value. `failed`: it raised, or a tool that does not act took too long. `bad`: the call
does not fit. `declined`: the user did not agree, or a hook forbade it. `skipped`: the same call ran already or too
often, there were too many, or the question was abandoned. `unknown`: it began and its end was not seen, so it may have
been done. Only `ran`, `failed` and `unknown` started anything."""

STARTED = frozenset({"ran", "failed", "unknown"})
"""The outcomes of calls that began to run."""


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()
"""Stands for a value that is missing altogether."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit: where, what was there, and what is allowed there."""

    path: str
    value: Any
    allowed: str

    def __str__(self) -> str:
        found = "nothing" if self.value is NOTHING else shortened(as_json(self.value), 200)
        return f"{shortened(self.path, 200)}: got {found}; allowed: {self.allowed}"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call and what became of it.

    `content` is the result as the model reads it, `value` what the function returned, and `error` the exception of a
    call that failed, did not fit or ran out of time.
    """

    id: str
    name: str
    arguments: dict[str, Any] | None
    outcome: Outcome
    content: str
    value: Any = None
    error: BaseException | None = None
    coerced: tuple[str, ...] = ()
    """The places in the arguments that were corrected, because the tool asks for that."""
    repaired: bool = False
    """Whether the arguments were broken JSON and were repaired, because the tool asks for that."""
    edited: bool = False
    """Whether the user changed the arguments when asked."""

    @property
    def problem(self) -> Any:
        """The BadCall of a call that does not fit; None for any other."""
        return self.error if self.outcome == "bad" else None
