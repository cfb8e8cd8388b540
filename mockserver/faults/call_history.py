"""Call history: past calls of a conversation with their results, texts that it holds, and replies at its pace."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.chat import ChatRequest, Reply, ToolCall, tool_results
from mockserver.faults.fault import Context, NotHere

_ERROR = re.compile(
    r"\b(error|exception|traceback|failed|failure|denied|forbidden|unauthorized|timed? ?out|invalid|not found)\b"
    r"|\"(status|code)\"\s*:\s*\"?[45]\d\d",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(
    r"\b(no|without|0) (errors?|exceptions?|failures?)\b|\"errors?\"\s*:\s*(null|\[\]|false|0)", re.IGNORECASE
)
_WORD = re.compile(r"[\w'-]+")


class PastCall(NamedTuple):
    """A call of an earlier turn, and its result (None: it was never answered)."""

    call: ToolCall
    result: str | None

    @property
    def failed(self) -> bool:
        """Whether the result reads like an error."""
        return self.result is not None and is_error(self.result)


def calls_with_results(request: ChatRequest) -> list[PastCall]:
    """Every call of the conversation with its result, in order."""
    results = {message.tool_call_id: message.content or "" for message in tool_results(request.messages)}
    return [
        PastCall(call, results.get(call.id))
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
    return bool(text) and any(text in source for source in _texts(request))


def _texts(request: ChatRequest) -> Iterator[str]:
    for message in request.messages:
        yield (message.content or "").casefold()
        yield from (call.arguments.casefold() for call in message.tool_calls)


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
    """The system prompt: what the application says to the model before the conversation."""
    return "\n".join(message.content or "" for message in request.messages if message.role in ("system", "developer"))


def past_calls(context: Context) -> list[PastCall]:
    """The calls of earlier turns.

    Raises:
        NotHere: none was made.
    """
    past = calls_with_results(context.request)
    if not past:
        raise NotHere("no function was called earlier in this conversation")
    return past


def last_turn(context: Context) -> list[ToolCall]:
    """The calls of the latest message that made some."""
    past_calls(context)
    return list(next(message.tool_calls for message in reversed(context.request.messages) if message.tool_calls))


def failed_call(context: Context) -> PastCall:
    """A call whose result, just given, is an error.

    Raises:
        NotHere: none is.
    """
    given = {message.tool_call_id for message in context.request.results if is_error(message.content or "")}
    for past in reversed(calls_with_results(context.request)):
        if past.call.id in given:
            return past
    raise NotHere("no tool result that has just been given is an error")


def latest_result(context: Context) -> str:
    """A result that was just given.

    Raises:
        NotHere: the conversation does not end with one.
    """
    results = context.request.results
    if not results:
        raise NotHere("the conversation does not end with a tool result")
    return results[-1].content or ""


def in_words(name: str) -> str:
    """A name as people would say it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", name).strip().casefold() or "it"


def says(reply: Reply, text: str, calls: Sequence[ToolCall] = ()) -> Reply:
    """A reply with these words and calls in place of its own, at the same pace."""
    return Reply(text, calls, stream=reply.stream, timing=reply.timing)


def calls_again(reply: Reply, *calls: ToolCall) -> Reply:
    """Nothing but calls of the past, which get ids of their own."""
    return Reply(calls=[replace(call, id=None) for call in calls], stream=reply.stream, timing=reply.timing)


def only_calls(reply: Reply, *calls: ToolCall) -> Reply:
    """Nothing but these calls, at the same pace."""
    return Reply(calls=calls, stream=reply.stream, timing=reply.timing)
