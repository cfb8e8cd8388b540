"""A sealed reply → the bytes of a chat completion, plain or streamed, as steps."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply, ToolCall
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.codec import encode
from mockserver.wire.cut import cut
from mockserver.wire.identity import Identity
from mockserver.wire.models import snapshot
from mockserver.wire.sse import DONE, frame

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_JSON = ("content-type", "application/json")
_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_FINGERPRINT = "fp_mock000000"


def envelope(request: ChatRequest, identity: Identity) -> JsonObject:
    """What all choices and all chunks of one answer share."""
    tier = request.options.get("service_tier", "auto")
    return {
        "id": identity.completion_id,
        "created": identity.created,
        "model": snapshot(request.model),
        "service_tier": "default" if tier == "auto" else tier,
        "system_fingerprint": _FINGERPRINT,
    }


def completion(replies: Sequence[Reply], shared: JsonObject) -> JsonObject:
    """The body of an answer that is not streamed; one reply a choice."""
    return {
        "id": shared["id"],
        "object": "chat.completion",
        "created": shared["created"],
        "model": shared["model"],
        "choices": [_choice(index, reply) for index, reply in enumerate(replies)],
        "usage": _usage(replies),
        "service_tier": shared["service_tier"],
        "system_fingerprint": shared["system_fingerprint"],
    }


def _choice(index: int, reply: Reply) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": reply.text}
    if reply.calls:
        message["tool_calls"] = [_call(call) for call in reply.calls]
    message["refusal"] = reply.refusal
    message["annotations"] = []
    return {"index": index, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}


def _call(call: ToolCall) -> JsonObject:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _usage(replies: Sequence[Reply]) -> JsonObject:
    """One usage for all choices: the prompt counts once, the completions add up."""
    total = dict(replies[0].usage or {})
    for reply in replies[1:]:
        total["completion_tokens"] += (reply.usage or {})["completion_tokens"]
        total["total_tokens"] += (reply.usage or {})["completion_tokens"]
    return total


def deltas(reply: Reply) -> list[JsonObject]:
    """The deltas of one choice in the order of the stream: the role first, each call opened before its arguments.

    A single call is opened by the chunk that brings the role; several calls come after it, one after another.
    """
    if reply.calls and reply.text is None:
        start: JsonObject = {"role": "assistant", "content": None}
        heads = [_call_head(index, call) for index, call in enumerate(reply.calls)]
        if len(heads) == 1:
            only = {**start, "tool_calls": heads, "refusal": None}
            return [only, *_arguments(0, reply.calls[0], reply)]
        return [start, *_opened_calls(reply)]
    start = {"role": "assistant", "content": "" if reply.refusal is None else None, "refusal": None}
    said = [{"content": piece} for piece in cut(reply.text or "", reply.stream)]
    refused = [{"refusal": piece} for piece in cut(reply.refusal or "", reply.stream)]
    return [start, *said, *refused, *_opened_calls(reply)]


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


def chunks(replies: Sequence[Reply], shared: JsonObject, *, include_usage: bool = False) -> list[JsonObject]:
    """The chunks of a streamed answer, without the closing `[DONE]`."""
    head = {"id": shared["id"], "object": "chat.completion.chunk", **shared}
    tail = {"usage": None} if include_usage else {}
    found: list[JsonObject] = []
    for index, reply in enumerate(replies):
        for delta in deltas(reply):
            choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}
            found.append({**head, "choices": [choice], **tail})
        end = {"index": index, "delta": {}, "logprobs": None, "finish_reason": reply.finish_reason}
        found.append({**head, "choices": [end], **tail})
    if include_usage:
        found.append({**head, "choices": [], "usage": _usage(replies)})
    return found


def write(
    replies: Sequence[Reply], request: ChatRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request: everything that will happen on the socket, in order."""
    shared = envelope(request, identity)
    pauses = _pauses(replies, identity, time_scale)
    if not request.stream:
        waits = [Wait(sum(pauses))] if pauses else []
        return [*waits, *plain(200, encode(completion(replies, shared)), headers)]
    options = request.options.get("stream_options") or {}
    said = chunks(replies, shared, include_usage=options.get("include_usage") is True)
    sends = [Send(frame(chunk)) for chunk in said]
    return [Head(200, (*_STREAM, *headers.items())), *_spread(sends, pauses), Send(DONE)]


def write_error(error: ApiError, headers: Headers) -> list[Step]:
    """The response that says an error."""
    shape = {"message": error.message, "type": error.type, "param": error.param, "code": error.code, **error.extra}
    return plain(error.status, encode({"error": shape}), {**headers, **error.headers})


def plain(status: int, body: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    return [Head(status, (_JSON, ("content-length", str(len(body))), *headers.items())), Send(body)]


def _pauses(replies: Sequence[Reply], identity: Identity, scale: float) -> list[float]:
    """The pause before each chunk that says something; jitter is drawn from the identity, so it repeats."""
    timing = replies[0].timing
    if timing is None or not scale:
        return []
    random = Random(identity.completion_id)
    pieces = sum(len(deltas(reply)) + 1 for reply in replies)
    gaps = [timing.gap * (1 + timing.jitter * random.uniform(-1, 1)) for _ in range(pieces - 1)]
    return [pause * scale for pause in (timing.first_token, *gaps)]


def _spread(sends: Sequence[Send], pauses: Sequence[float]) -> list[Step]:
    spread = [step for pause, send in zip(pauses, sends, strict=False) for step in (Wait(pause), send)]
    return [*spread, *sends[len(pauses) :]]
