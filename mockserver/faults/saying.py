"""What dialogue faults say: earlier calls and results looked up, and replies made in the place of others."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mockserver.chat import Reply, Tool, ToolCall
from mockserver.faults.arguments import values_fit, written
from mockserver.faults.conversation import Answered, answered, is_error, leaves, values_of
from mockserver.faults.fault import Context, NotHere
from mockserver.faults.sites import put_at


def says(reply: Reply, text: str, calls: Sequence[ToolCall] = ()) -> Reply:
    """A reply with these words and calls in place of its own, at the same pace."""
    return Reply(text, calls, stream=reply.stream, timing=reply.timing)


def calls_again(reply: Reply, *calls: ToolCall) -> Reply:
    """Nothing but calls of the past, which get ids of their own."""
    return Reply(calls=[replace(call, id=None) for call in calls], stream=reply.stream, timing=reply.timing)


def past_calls(context: Context) -> list[Answered]:
    """The calls of earlier turns.

    Raises:
        NotHere: none was made.
    """
    past = answered(context.request)
    if not past:
        raise NotHere("no function was called earlier in this conversation")
    return past


def last_turn(context: Context) -> list[ToolCall]:
    """The calls of the latest message that made some."""
    past_calls(context)
    return list(next(message.tool_calls for message in reversed(context.request.messages) if message.tool_calls))


def failed_call(context: Context) -> Answered:
    """A call whose result, just given, is an error.

    Raises:
        NotHere: none is.
    """
    given = {message.tool_call_id for message in context.request.results if is_error(message.content or "")}
    for past in reversed(answered(context.request)):
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


def only_calls(reply: Reply, *calls: ToolCall) -> Reply:
    """Nothing but these calls, at the same pace."""
    return Reply(calls=calls, stream=reply.stream, timing=reply.timing)


def filled(call: ToolCall, tool: Tool, texts: Sequence[str]) -> ToolCall:
    """The call with one of these texts in one of its values, where one fits; unchanged otherwise."""
    values = values_of(call) or {}
    for text in texts:
        for path, value in leaves(values):
            filled = put_at(values, path, text)
            if isinstance(value, str) and values_fit(tool, filled):
                return replace(call, arguments=written(filled, like=call.arguments))
    return call
