"""What a conversation holds: its texts, the calls that were made and what came back, and whether that was an error."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.chat import ChatRequest, ToolCall, tool_results

_ERROR = re.compile(
    r"\b(error|exception|traceback|failed|failure|denied|forbidden|unauthorized|timed? ?out|invalid|not found)\b"
    r"|\"(status|code)\"\s*:\s*\"?[45]\d\d",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(
    r"\b(no|without|0) (errors?|exceptions?|failures?)\b|\"errors?\"\s*:\s*(null|\[\]|false|0)", re.IGNORECASE
)
_WORD = re.compile(r"[\w'-]+")


class Answered(NamedTuple):
    """A call of an earlier turn, and its result (None: it was never answered)."""

    call: ToolCall
    result: str | None

    @property
    def failed(self) -> bool:
        """Whether the result reads like an error."""
        return self.result is not None and is_error(self.result)


def answered(request: ChatRequest) -> list[Answered]:
    """Every call of the conversation with its result, in order."""
    results = {message.tool_call_id: message.content or "" for message in tool_results(request.messages)}
    return [
        Answered(call, results.get(call.id))
        for message in request.messages
        if message.role == "assistant"
        for call in message.tool_calls
    ]


def is_error(result: str) -> bool:
    """Whether a tool's result reads like an error."""
    return bool(_ERROR.search(_NO_ERROR.sub("", result)))


def holds(request: ChatRequest, value: Any) -> bool:
    """Whether the conversation holds a value: its text in any message, or among the arguments of any call."""
    text = str(value).casefold().strip()
    return bool(text) and any(text in told for told in _told(request))


def _told(request: ChatRequest) -> Iterator[str]:
    for message in request.messages:
        yield (message.content or "").casefold()
        yield from (call.arguments.casefold() for call in message.tool_calls)


def values_of(call: ToolCall) -> dict[str, Any] | None:
    """A call's arguments; None when they are not a JSON object."""
    try:
        values = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The plain values within a value, each with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def system_text(request: ChatRequest) -> str:
    """What the application told the model before the conversation."""
    return "\n".join(message.content or "" for message in request.messages if message.role in ("system", "developer"))
