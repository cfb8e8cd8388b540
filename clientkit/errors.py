"""What can go wrong, by type.

ClientKitError
├── APIError            the server refused, or could not be reached, or answered something unreadable
├── StreamError         a stream broke off
├── IncompleteReply     the model's message is not whole; none of its calls ran
├── TooManyRounds       the model went on calling tools
├── OutOfTime           the conversation took too long
├── ApprovalError       an approval does not belong to the calls that wait for one
└── BadCall             a call does not fit its tool
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clientkit.display import as_json, shorten
from clientkit.reply import Reply
from clientkit.transcript import CallRecord, Transcript

_OWN_CODES = frozenset({"connection", "timeout", "unreadable_reply"})


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
        found = "nothing" if self.value is NOTHING else shorten(as_json(self.value), 200)
        return f"{shorten(self.path, 200)}: got {found}; allowed: {self.allowed}"


class ClientKitError(Exception):
    """The base of every error of this package.

    One that ends a conversation keeps how far that came: `transcript`, in which every call has a result, and `calls`,
    what became of each. To go on without running anything twice, ask again with the transcript. An error raised outside
    a conversation has an empty transcript.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.transcript = Transcript()
        self.calls: tuple[CallRecord, ...] = ()


class APIError(ClientKitError):
    """The server refused, could not be reached, or answered something unreadable.

    `status` is the HTTP status, None if no answer came. `code` and `param` are the API's own; where the client itself
    tells what happened, `code` is "connection", "timeout" or "unreadable_reply". `retry_after` is in seconds;
    `should_retry` is what the server says about trying again. `partial` is what had arrived of a reply that ended so.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each thing that an API tells about an error
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        should_retry: bool | None = None,
        partial: Reply | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.param = param
        self.request_id = request_id
        self.retry_after = retry_after
        self.should_retry = should_retry
        self.partial = partial

    def __str__(self) -> str:
        code = None if self.code in _OWN_CODES else self.code
        facts = {"code": code, "param": self.param, "request": self.request_id}
        details = ", ".join(f"{name} {value}" for name, value in facts.items() if value)
        status = f"HTTP {self.status}: " if self.status is not None else ""
        return f"{status}{self.message}" + (f" ({details})" if details else "")


class StreamError(ClientKitError):
    """A stream broke off or ended without a finish; `partial` is what had arrived. Nothing of it was run."""

    def __init__(self, message: str, partial: Reply | None = None, *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.partial = partial
        self.request_id = request_id


class IncompleteReply(ClientKitError):
    """The model's message is not whole, so nothing of it was run.

    `reason` is the finish reason as sent (`length`, `content_filter`, `error`, or one that is not known), or one of
    these: "missing" if there was none, "empty" if the message holds neither text nor calls, "no_calls" if it only
    announces some, "call_in_text" if a call stands in its text, where it is neither a call nor an answer; and where a
    typed answer was asked for, "no_value" or "refusal". `reply` is the message.
    """

    def __init__(self, reason: str, reply: Reply) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply

    def __str__(self) -> str:
        advice = {
            "error": "the provider failed while it wrote it: ask again; what came is in .reply",
            "length": "it was cut off at the token limit: raise max_completion_tokens or ask for less",
            "content_filter": "the provider's content filter stopped it: change what is asked",
            "empty": "it holds neither text nor tool calls: ask again",
            "no_calls": "it announces tool calls but holds none: ask again",
            "call_in_text": "its text holds a tool call in markup that the server did not read: look at .reply.text",
            "refusal": "it refuses, where a typed answer was asked for: look at .reply.refusal",
            "no_value": "it holds text where a typed answer was asked for: look at .reply.text",
            "missing": "it has no finish reason, so it may be cut off: ask again",
        }.get(self.reason, f"its finish reason is {shorten(self.reason)!r}, which does not stand for a whole answer")
        return f"The model's reply is incomplete and nothing of it was run: {advice}."


class TooManyRounds(ClientKitError):
    """The model still called tools when the rounds were used up."""

    def __init__(self, rounds: int) -> None:
        super().__init__(rounds)
        self.rounds = rounds

    def __str__(self) -> str:
        return (
            f"The model still called tools after {self.rounds} rounds and gave no answer. "
            "Look at .transcript for what it repeats, or allow more with converse(..., rounds=N)."
        )


class OutOfTime(ClientKitError, TimeoutError):
    """The conversation took longer than it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"The conversation was given up after {self.seconds:g} seconds, as timeout=… says."


class ApprovalError(ClientKitError, ValueError):
    """Answers that were given for other calls than those that wait, or for arguments that changed; nothing was run."""


class BadCall(ClientKitError):
    """A call that does not fit: no such tool, unreadable arguments, or arguments outside the schema.

    `problems` says for each thing wrong its path, its value and what is allowed.
    """

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        super().__init__(name, problems)
        self.name = name
        self.problems = tuple(problems)

    def __str__(self) -> str:
        listed = "\n".join(f"- {problem}" for problem in self.problems)
        return f"The call of {shorten(self.name, 100)} does not fit and was not run:\n{listed}"
