"""What a model says back: text, a refusal, or calls of tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clientkit.display import as_json

CUT_OFF = frozenset({"length", "content_filter"})
"""Finish reasons of a message that the server did not let come to its end."""

ANNOUNCES_CALLS = frozenset({"tool_calls", "function_call"})
"""Finish reasons that promise calls. Some servers say "stop" beside calls too."""

_FAILED = frozenset(
    {
        *("error", "failed", "network_error", "server_error", "model_error", "aborted", "cancelled", "timeout"),
        *("malformed_function_call", "safety", "recitation", "blocklist", "prohibited_content", "spii"),
    }
)

_USABLE_ID = re.compile(r"[!-~]{1,40}")


def is_cut_off(finish: str) -> bool:
    """Whether a finish reason says that the message ends before its end, or that the provider failed while writing it.

    Reasons that gateways pass on from other APIs are known too, in any case: `MALFORMED_FUNCTION_CALL`, `SAFETY`.
    """
    return finish in CUT_OFF or finish.casefold() in _FAILED


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that the model asks for; `arguments` is the text as the model wrote it, checked by nobody yet."""

    id: str
    name: str
    arguments: str
    extra_content: Mapping[str, Any] | None = None
    """What some providers want back beside the call, such as a thought signature."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The model's next message; `finish` is the finish reason as sent, None if there was none."""

    text: str | None = None
    refusal: str | None = None
    calls: tuple[ToolCall, ...] = ()
    finish: str | None = None
    usage: Mapping[str, Any] | None = field(default=None, compare=False)
    reasoning: str | None = None


def with_usable_ids(calls: Iterable[ToolCall], taken: Iterable[str] = ()) -> tuple[ToolCall, ...]:
    """The same calls, each with an id that no other has and that an API accepts when it comes back.

    An id that is missing, repeated, in `taken`, longer than 40 characters or not plain ASCII is replaced.
    """
    used = set(taken)
    result = []
    for call in calls:
        usable = call.id if _USABLE_ID.fullmatch(call.id) and call.id not in used else _unused_id(used)
        used.add(usable)
        result.append(replace(call, id=usable))
    return tuple(result)


def _unused_id(used: set[str]) -> str:
    number = len(used) + 1
    # Nine letters and digits: the one form that the strictest provider accepts too.
    while (candidate := f"call{number:05d}") in used:
        number += 1
    return candidate


def first_choice(body: Any) -> dict[str, Any] | None:
    """The choice with index 0 of a completion or a chunk, or the only one without an index."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list):
        return None
    return next((choice for choice in choices if isinstance(choice, dict) and not index_of(choice.get("index"))), None)


def index_of(value: Any) -> int | None:
    """A place in a list that was sent as a number or as text; None if it is neither."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def finish_of(choice: Mapping[str, Any]) -> str | None:
    """The finish reason, None if there is none yet."""
    finish = choice.get("finish_reason")
    return str(finish) if finish else None


def text_of(content: Any) -> str | None:
    """The text of a message's content: a string, or the text parts of a list; None if it has none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str)) or None
    return None


def arguments_text(arguments: Any) -> str:
    """The arguments as text: as written, an object as its JSON, nothing as the empty text."""
    if arguments is None:
        return ""
    return arguments if isinstance(arguments, str) else as_json(arguments)


def function_of(call: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a call that names the function; a custom tool's input stands in for its arguments."""
    function = call.get("function")
    if isinstance(function, dict):
        return function
    custom = call.get("custom")
    return {"name": custom.get("name"), "arguments": custom.get("input")} if isinstance(custom, dict) else {}
