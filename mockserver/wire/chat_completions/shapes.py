"""The usual forms of an answer and of a stream's chunks, with holes for what the reply says.

A hole is a text such as `<text>`, `<arguments 0>` or `<id 1>`: the reply's text, the arguments of its first call, the
id of its second. A recording holds only the shapes that differ from these.
"""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.chat import Reply

JsonObject = dict[str, Any]

HOLE = re.compile(r"<([a-z_]+(?: [a-z0-9_]+)*)>")
CHUNK_OBJECT, BODY_OBJECT = "chat.completion.chunk", "chat.completion"
BODY, DONE, RAW, TORN = "body", "done", "raw", "torn"
"""The shape of a plain answer, the event `[DONE]`, events that are no JSON, and what a cut left of the last event."""
ANSWER_ID, ANSWER_CREATED = "answer id", "answer created"
"""The holes for what each answer has its own of, in chunks that a shared envelope does not surround."""
USAGE = "usage"
"""The chunk that only a request for `include_usage` gets."""
FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")

_NUMBERED = re.compile(r"(role call|call|arguments) ([0-9]+)")


def usual(name: str) -> JsonObject | None:
    """The chunk that goes by this name; None when there is no usual one."""
    if name in _PLAIN:
        return _PLAIN[name]
    if (found := _NUMBERED.fullmatch(name)) is None:
        return None
    kind, number = found[1], int(found[2])
    if kind == "arguments":
        return _chunk({"tool_calls": [{"index": number, "function": {"arguments": f"<arguments {number}>"}}]})
    function = {"name": f"<name {number}>", "arguments": ""}
    head = {"index": number, "id": f"<id {number}>", "type": "function", "function": function}
    if kind == "call":
        return _chunk({"tool_calls": [head]})
    return _chunk({"role": "assistant", "content": None, "tool_calls": [head], "refusal": None})


def usual_body(reply: Reply) -> JsonObject:
    """A plain answer, without what its envelope says."""
    content = "<text>" if reply.text is not None else None
    message: JsonObject = {"role": "assistant", "content": content}
    if reply.calls:
        message["tool_calls"] = [_whole_call(index) for index in range(len(reply.calls))]
    message["refusal"] = "<refusal>" if reply.refusal is not None else None
    message["annotations"] = []
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "<finish_reason>"}
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


def _whole_call(index: int) -> JsonObject:
    function = {"name": f"<name {index}>", "arguments": f"<arguments {index}>"}
    return {"id": f"<id {index}>", "type": "function", "function": function}


def _chunk(delta: JsonObject, finish_reason: str | None = None) -> JsonObject:
    return {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]}


_PLAIN: dict[str, JsonObject] = {
    "role": _chunk({"role": "assistant", "content": "", "refusal": None}),
    "role alone": _chunk({"role": "assistant", "content": None}),
    "text": _chunk({"content": "<text>"}),
    "refusal": _chunk({"refusal": "<refusal>"}),
    "finish": _chunk({}, "<finish_reason>"),
    USAGE: {"choices": [], "usage": "<usage>"},
}
