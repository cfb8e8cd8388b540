"""A sealed reply as the chunks of a streamed answer."""

from collections.abc import Sequence
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.wire.cut import cut

JsonObject = dict[str, Any]


def deltas(reply: Reply) -> list[JsonObject]:
    """The deltas of one choice in the order of the stream: the role first, each call opened before its arguments.

    A single call is opened by the chunk that brings the role; several calls come after it, one after another.
    """
    if reply.calls and reply.text is None:
        start: JsonObject = {"role": "assistant", "content": None}
        if len(reply.calls) == 1:
            only = {**start, "tool_calls": [_call_head(0, reply.calls[0])], "refusal": None}
            return [only, *_arguments(0, reply.calls[0], reply)]
        return [start, *_opened_calls(reply)]
    start = {"role": "assistant", "content": "" if reply.refusal is None else None, "refusal": None}
    said = [{"content": piece} for piece in cut(reply.text or "", reply.stream)]
    refused = [{"refusal": piece} for piece in cut(reply.refusal or "", reply.stream)]
    return [start, *said, *refused, *_opened_calls(reply)]


def chunks(replies: Sequence[Reply], shared: JsonObject, usage: JsonObject | None = None) -> list[JsonObject]:
    """The chunks of a streamed answer, without the closing `[DONE]`; with `usage` there is one more that carries it."""
    tail = {"usage": None} if usage is not None else {}
    found: list[JsonObject] = []
    for index, reply in enumerate(replies):
        for delta in deltas(reply):
            choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}
            found.append({**shared, "choices": [choice], **tail})
        end = {"index": index, "delta": {}, "logprobs": None, "finish_reason": reply.finish_reason}
        found.append({**shared, "choices": [end], **tail})
    if usage is not None:
        found.append({**shared, "choices": [], "usage": usage})
    return found


def _opened_calls(reply: Reply) -> list[JsonObject]:
    found: list[JsonObject] = []
    for index, call in enumerate(reply.calls):
        found.append({"tool_calls": [_call_head(index, call)]})
        found.extend(_arguments(index, call, reply))
    return found


def _call_head(index: int, call: ToolCall) -> JsonObject:
    return {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}


def _arguments(index: int, call: ToolCall, reply: Reply) -> list[JsonObject]:
    pieces = [call.arguments] if call.arguments == "{}" else cut(call.arguments, reply.stream, arguments=True)
    return [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces]
