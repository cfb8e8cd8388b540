"""The usual forms of an answer and of a stream's chunks, with holes for what the reply says.

A hole is a text such as `<text>`, `<arguments 0>` or `<id 1>`: the reply's text, the arguments of its first call, the
id of its second. A recording holds only the shapes that differ from these.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.wire.chat_completions.completion import message
from mockserver.wire.chat_completions.stream import deltas

JsonObject = dict[str, Any]

HOLE = re.compile(r"<([a-z_]+(?: [a-z0-9_]+)*)>")
CHUNK_OBJECT, BODY_OBJECT = "chat.completion.chunk", "chat.completion"
BODY, DONE, RAW, TORN = "body", "done", "raw", "torn"
"""The shape of a plain answer, the event `[DONE]`, events that are not JSON, and what a cut left of the last event."""
ANSWER_ID, ANSWER_CREATED = "answer id", "answer created"
"""The holes for what each answer has its own of, in chunks that a shared envelope does not surround."""
USAGE = "usage"
"""The chunk that only a request for `include_usage` gets."""
FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")

_NUMBERED = re.compile(r"(role call|call|arguments) ([0-9]+)")
_WHOLE = "whole"


@lru_cache(maxsize=256)
def usual(name: str) -> JsonObject | None:
    """The chunk that goes by this name in the stream of a sound answer; None where it has none."""
    found = _NUMBERED.fullmatch(name)
    return _plain_chunks().get(name) if found is None else _chunk(_delta_of_call(found[1], int(found[2])))


def usual_body(reply: Reply) -> JsonObject:
    """A plain answer, without what its envelope says."""
    content = "<text>" if reply.text is not None else None
    refusal = "<refusal>" if reply.refusal is not None else None
    calls = [_call(place) for place in range(len(reply.calls))]
    said = message(Reply(content, calls, refusal=refusal), content, [call.id for call in calls])
    choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": "<finish_reason>"}
    return {"choices": [choice], "usage": "<usage>"}


def filled(shape: Any, values: Mapping[str, Any]) -> Any:
    """A shape with its holes filled; a text that looks like a hole for which there is nothing is an ordinary text."""
    if isinstance(shape, str):
        found = HOLE.fullmatch(shape)
        return values[found[1]] if found and found[1] in values else shape
    if isinstance(shape, Mapping):
        return {key: filled(entry, values) for key, entry in shape.items()}
    if isinstance(shape, list | tuple):
        return [filled(entry, values) for entry in shape]
    return shape


def holes(shape: Any) -> list[str]:
    """The names of a shape's holes, in order."""
    if isinstance(shape, str):
        found = HOLE.fullmatch(shape)
        return [found[1]] if found else []
    entries = shape.values() if isinstance(shape, Mapping) else shape if isinstance(shape, list | tuple) else ()
    return [name for entry in entries for name in holes(entry)]


def only_counts(shape: Any) -> bool:
    """Whether a chunk brings the count of tokens and no choice."""
    return isinstance(shape, Mapping) and not shape.get("choices") and shape.get("usage") is not None


def _call(number: int) -> ToolCall:
    return ToolCall(f"<name {number}>", f"<arguments {number}>", f"<id {number}>")


def _delta_of_call(kind: str, number: int) -> JsonObject:
    """What opens a call beside the role, what opens it after the role, or its arguments."""
    call = _call(number)
    alone = deltas(message(Reply(calls=[call]), None, [call.id]), _WHOLE)
    _, head, arguments, *_ = deltas(message(Reply(calls=[call, call]), None, [call.id] * 2), _WHOLE)
    delta = {"role call": alone[0], "call": head, "arguments": arguments}[kind]
    return {**delta, "tool_calls": [{**delta["tool_calls"][0], "index": number}]}


@cache
def _plain_chunks() -> Mapping[str, JsonObject]:
    """The chunks that say nothing of a call, by name."""
    role, text = deltas(message(Reply("<text>"), "<text>", ()), _WHOLE)
    _, refusal = deltas(message(Reply(refusal="<refusal>"), None, ()), _WHOLE)
    role_alone, *_ = deltas(message(Reply(calls=[_call(0), _call(1)]), None, ["<id 0>", "<id 1>"]), _WHOLE)
    named = {"role": role, "role alone": role_alone, "text": text, "refusal": refusal}
    return {
        **{name: _chunk(delta) for name, delta in named.items()},
        "finish": _chunk({}, "<finish_reason>"),
        USAGE: {"choices": [], "usage": "<usage>"},
    }


def _chunk(delta: JsonObject, reason: str | None = None) -> JsonObject:
    return {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}
