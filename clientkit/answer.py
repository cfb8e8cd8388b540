"""What a conversation comes to: an answer, a typed value, or calls that wait for a person's decision."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Generic

from pydantic import create_model
from typing_extensions import TypeVar

from clientkit.check import check_call, read_values
from clientkit.errors import BadCall
from clientkit.schema import strict_form
from clientkit.signature import read_model
from clientkit.tools import Tool, tool_from_model
from clientkit.transcript import CallRecord, Transcript

T_co = TypeVar("T_co", covariant=True, default=None)

T = TypeVar("T")

_VERSION = 1
_CORRECTION = "The answer does not fit what was asked for:\n{problems}\nAnswer again with one JSON object that fits."
_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests made and tokens used, as far as the server reports them; `+` adds them up."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Tokens of prompts and completions together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    @classmethod
    def of_reply(cls, usage: Mapping[str, Any] | None) -> Usage:
        """The usage of one request, from what the API's `usage` object says."""
        return cls(1, *(_count((usage or {}).get(name)) for name in ("prompt_tokens", "completion_tokens")))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """The model's answer, and how it came to that.

    `text` is the answer, which `str()` shows too; `value` the typed one, where `answer_as` asked for it. `calls` are
    those made since the question, `usage` is what the question cost. To go on, ask the same Conversation again, or
    another one with `[*answer.transcript, {"role": "user", "content": …}]`.
    """

    text: str
    refusal: str | None
    transcript: Transcript
    calls: tuple[CallRecord, ...]
    value: T_co
    usage: Usage = field(default_factory=Usage)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that waits for a decision; `fingerprint` stands for exactly what is to be shown and run."""

    id: str
    name: str
    arguments: dict[str, Any]
    fingerprint: str
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Pending(Answer[Any]):
    """An answer that is still to come: calls wait for a decision, since `confirm` answered LATER.

    `open` are these calls; `transcript` ends with them, so it is not to be sent as it is. Keep `to_json()` where users
    cannot change it, and go on in any process with `Conversation.resume(pending, {call.id: True})`.
    """

    open: tuple[OpenCall, ...] = ()

    def to_json(self) -> str:
        """The state as JSON text: the messages, the open calls, and what became of the earlier ones."""
        calls = [[each.id, each.name, each.arguments, each.outcome, each.content] for each in self.calls]
        state = {"version": _VERSION, "transcript": self.transcript, "calls": calls, "usage": asdict(self.usage)}
        return json.dumps({**state, "open": [asdict(call) for call in self.open]})

    @classmethod
    def from_json(cls, text: str | bytes) -> Pending:
        """The state that `to_json` wrote.

        Raises:
            ValueError: The text is not such a state.
        """
        try:
            state = json.loads(text)
            if state["version"] != _VERSION:
                raise ValueError(f"version {state['version']!r} instead of {_VERSION}")
            calls = tuple(CallRecord(*fields) for fields in state["calls"])
            waiting = tuple(OpenCall(**fields) for fields in state["open"])
            transcript, usage = Transcript(state["transcript"]), Usage(**state["usage"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"this is not what Pending.to_json() wrote: {error}") from None
        return cls("", None, transcript, calls, None, usage, waiting)


class AnswerForm(Generic[T]):
    """How an answer of a type is asked for: over `response_format`, or over a tool where other tools are offered.

    Raises:
        TypeError: JSON cannot express the type.
    """

    def __init__(self, kind: type[T], tools: Collection[str]) -> None:
        self._wrapped = False
        try:
            signature = read_model(kind)
        except (TypeError, AttributeError):
            # A list or a number: an object with one field holds it.
            kind_of_answer: Any = create_model("Answer", answer=(kind, ...))
            signature, self._wrapped = read_model(kind_of_answer), True
            made: Tool[..., Any] = tool_from_model(kind_of_answer)
        else:
            made = tool_from_model(kind)
        name = "final_answer"
        while name in tools:
            name += "_"
        about = signature.description or "The answer to the user's question, in the form that the application needs."
        self.tool: Tool[..., Any] = replace(
            made, name=name, description=f"Give the final answer. {about}", function=_identity
        )
        self.over_tool = bool(tools)
        self._title = _NOT_A_NAME.sub("_", signature.name)[:64]

    @property
    def response_format(self) -> dict[str, Any]:
        """The API's `response_format` for the type, in strict form where that can express it."""
        try:
            described = {"schema": strict_form(self.tool.parameters), "strict": True}
        except ValueError:
            described = {"schema": dict(self.tool.parameters)}
        return {"type": "json_schema", "json_schema": {"name": self._title, **described}}

    def read(self, text: str) -> T:
        """The value that a text of JSON holds.

        Raises:
            BadCall: It does not fit the type.
        """
        strict = replace(self.tool, strict="strict" in self.response_format["json_schema"])
        valid_call = check_call({self.tool.name: strict}, self.tool.name, text)
        return self.value_of(read_values(self.tool, valid_call.arguments)["value"])

    def value_of(self, value: Any) -> T:
        """The value itself, without the object that may hold it."""
        result: T = value.answer if self._wrapped else value
        return result


def _identity(value: Any) -> Any:
    return value


def correction(bad: BadCall) -> dict[str, Any]:
    """The message that asks the model to answer again."""
    problems = "\n".join(f"- {problem}" for problem in bad.problems)
    return {"role": "user", "content": _CORRECTION.format(problems=problems)}
