"""A reply made to fit the request that it answers: the kind of its calls, stop sequences, limits, how it finishes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.tokens import PER_CALL, Counter, counter

NamedFinish = Literal["stop", "tool_calls"]
"""How a call of the one function that a request names finishes."""

_BOUNDS = frozenset({"stop", "max_tokens", "max_completion_tokens"})


def apply_limits(reply: Reply, request: ChatRequest, named_finish: NamedFinish | None = None) -> Reply:
    """What the model gets to say of a reply.

    A call of a custom tool is marked as one. A text ends before the first stop sequence, and whatever does not fit
    into `max_completion_tokens` (or `max_tokens`) is cut off, with finish reason `length`, arguments included. A
    finish reason that the reply names itself stays; otherwise a call of the named function finishes with
    `named_finish`, where that is given, and as the model's family does where it is not. A recorded reply fits as it
    is: a model said it to this request.
    """
    if reply.sent is not None:
        return reply
    custom = [tool.name for tool in request.tools if tool.kind == "custom"] if reply.calls else ()
    if custom:
        calls = [replace(call, kind="custom") if call.name in custom else call for call in reply.calls]
        reply = replace(reply, calls=calls)
    if request.options.keys() & _BOUNDS:
        reply = _stopped(reply, request.options.get("stop"))
        most = request.options.get("max_completion_tokens", request.options.get("max_tokens"))
        reply = reply if most is None else _shortened(reply, most, counter(request.model))
    return reply if named_finish is None else _finished(reply, request, named_finish)


def _finished(reply: Reply, request: ChatRequest, named: NamedFinish) -> Reply:
    """A call of the named function with this finish reason, `function_call` in the older form of `tool_calls`."""
    if not reply.calls or not request.tool_choice.named or reply.finish_reason is not None:
        return reply
    return replace(reply, finish_reason="function_call" if request.legacy and named == "tool_calls" else named)


def _stopped(reply: Reply, stop: str | Sequence[str] | None) -> Reply:
    """The text up to the first of the stop sequences; calls would have come after it."""
    if not stop or reply.text is None:
        return reply
    words = [stop] if isinstance(stop, str) else stop
    places = [(place, word) for word in words if word and (place := reply.text.find(word)) >= 0]
    if not places:
        return reply
    place, word = min(places)
    return replace(reply, text=reply.text[:place], calls=(), stop_sequence=word)


def _shortened(reply: Reply, most: int, by: Counter) -> Reply:
    thinking = by.first(reply.thinking, most) if reply.thinking is not None else None
    if thinking != reply.thinking:
        return replace(
            reply, thinking=thinking, text="", refusal=None, calls=(), finish_reason=reply.finish_reason or "length"
        )
    most -= by.count(thinking or "")
    text = by.first(reply.text, most) if reply.text is not None else None
    refusal = by.first(reply.refusal, most) if reply.refusal is not None else None
    left = most - by.count(text or "") - by.count(refusal or "")
    complete = (text, refusal) == (reply.text, reply.refusal)
    calls = _affordable(reply.calls, left, by) if complete else []
    if complete and calls == list(reply.calls):
        return reply
    return replace(reply, text=text, refusal=refusal, calls=calls, finish_reason=reply.finish_reason or "length")


def _affordable(calls: Sequence[ToolCall], left: int, by: Counter) -> list[ToolCall]:
    """The calls that there are tokens for; the last one may end in the middle of its arguments."""
    kept: list[ToolCall] = []
    for call in calls:
        left -= PER_CALL + by.count(call.name)
        if left <= 0 and kept:
            break
        arguments = by.first(call.arguments, max(left, 0))
        kept.append(call if arguments == call.arguments else replace(call, arguments=arguments))
        left -= by.count(arguments)
        if arguments != call.arguments:
            break
    return kept
