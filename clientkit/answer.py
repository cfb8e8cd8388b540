"""What a conversation comes to: the answer, and what became of each call on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from clientkit.errors import BadCall
    from clientkit.transcript import Transcript

Outcome: TypeAlias = Literal["ran", "failed", "bad", "declined", "skipped"]
"""`ran`: the function gave a value. `failed`: it raised, or took too long. `bad`: the call does not fit. `declined`: no
person agreed to it, or a hook forbade it. `skipped`: the same call ran already or too often, there were too many, or
the conversation was given up. Only the first two ran anything."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call and what became of it: `content` is what the model was told, `value` what the function gave."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    outcome: Outcome
    content: str
    value: Any = None
    problem: BadCall | None = None
    coerced: tuple[str, ...] = ()
    """The places in the arguments that were mended, because the tool asks for that."""
    repaired: bool = False
    """Whether the arguments were broken JSON and were repaired, because the tool asks for that."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said in the end, and how it came to that.

    To go on, ask again with `[*answer.transcript, {"role": "user", "content": …}]`.
    """

    text: str
    refusal: str | None
    transcript: Transcript
    calls: tuple[CallRecord, ...]

    def __str__(self) -> str:
        return self.text
