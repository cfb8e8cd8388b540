"""A reply → the bytes of a chat completion, plain or streamed, as steps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.chat.remembered import Remembered
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.chat_completions.choice import as_value, choice
from mockserver.wire.chat_completions.chunks import Form, chunks, deltas
from mockserver.wire.chat_completions.logprobs import of_reply, wanted
from mockserver.wire.chat_completions.seal import call_ids, complete, said, usage_of
from mockserver.wire.chat_completions.template import Template
from mockserver.wire.chat_completions.usage import usage
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.models import snapshot
from mockserver.wire.sse import DONE, frame
from mockserver.wire.tokens import counter

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_JSON = ("content-type", "application/json")
_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_FINGERPRINT = "fp_mock000000"


def render(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request, one reply a choice: everything that will happen on the socket, in order."""
    if replies[0].sent is not None:
        from mockserver.wire.chat_completions.replay import (
            write_recorded,  # scripts and the simulated model start without it
        )

        return write_recorded(replies, parsed, identity, headers, time_scale)
    pauses = _pauses(replies, parsed.request, identity, time_scale) if replies[0].timing is not None else []
    if not parsed.request.stream:
        waits = [Wait(sum(pauses))] if pauses else []
        return [*waits, *plain(200, completion(replies, parsed, identity), headers)]
    sends = [Send(frame(chunk)) for chunk in streamed(replies, parsed, identity)]
    return [Head(200, (*_STREAM, *headers.items())), *_spread(sends, pauses), Send(DONE)]


def completion(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> bytes:
    """The body of an answer that is not streamed, put together around choices that are JSON already."""
    known = _templates.get(parsed.request)
    if known is None or known.replies != replies:
        if wanted(parsed.request) is not None:
            return encode(body(replies, parsed, identity))
        known = _template(replies, parsed)
        _templates.keep(parsed.request, known)
    return known.filled(identity)


_templates = Remembered[Template]()


def _template(replies: Sequence[Reply], parsed: ParsedRequest) -> Template:
    request, by = parsed.request, counter(parsed.request.model)
    choices = tuple([choice(index, said(reply, request), by) for index, reply in enumerate(replies)])
    counted = usage(parsed.prompt_tokens, sum([found.tokens for found in choices]), replies[0].usage)
    after = encode({"usage": counted, **_last(request)})
    before = b',"model":%b,"choices":[' % encode(snapshot(request.model))
    return Template(tuple(replies), before, choices, b"]," + after[1:])


def body(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> JsonObject:
    """The same answer as a JSON value, for whoever wants to change it before it is sent."""
    alternatives = wanted(parsed.request)
    choices = [
        as_value(index, said(reply, parsed.request), call_ids(reply, identity, index), of_reply(reply, alternatives))
        for index, reply in enumerate(replies)
    ]
    return {
        "id": identity.completion_id,
        "object": "chat.completion",
        "created": identity.created,
        "model": snapshot(parsed.request.model),
        "choices": choices,
        "usage": usage_of(replies, parsed),
        **_last(parsed.request),
    }


def streamed(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> list[JsonObject]:
    """The chunks of a streamed answer as JSON values, without the closing `[DONE]`."""
    request = parsed.request
    counted = usage_of(replies, parsed) if wants_usage(request) else None
    sealed = [complete(reply, parsed, identity, index) for index, reply in enumerate(replies)]
    return chunks(sealed, envelope(request, identity), counted, form(request, identity))


def wants_usage(request: ChatRequest) -> bool:
    """Whether a stream is to end with a chunk that says what it cost."""
    return (request.options.get("stream_options") or {}).get("include_usage") is True


def form(request: ChatRequest, identity: Identity) -> Form:
    """What the request asked of a stream beside what is said."""
    options = request.options.get("stream_options") or {}
    padding = identity.completion_id if options.get("include_obfuscation") is True else None
    return Form(request.legacy, wanted(request), padding)


def envelope(request: ChatRequest, identity: Identity) -> JsonObject:
    """What all chunks of one streamed answer share."""
    return {
        "id": identity.completion_id,
        "object": "chat.completion.chunk",
        "created": identity.created,
        "model": snapshot(request.model),
        **_last(request),
    }


def _last(request: ChatRequest) -> JsonObject:
    """What comes last in an answer, and in what its chunks share."""
    tier: str = request.options.get("service_tier", "auto")
    return {"service_tier": "default" if tier == "auto" else tier, "system_fingerprint": _FINGERPRINT}


def render_error(error: ApiError, headers: Headers, *, time_scale: float = 1.0) -> list[Step]:
    """The response that says an error."""
    shape = {"message": error.message, "type": error.type, "param": error.param, "code": error.code, **error.extra}
    said = encode({"error": shape})
    if error.sent is not None:
        from mockserver.wire.chat_completions.replay import write_recorded_error

        return write_recorded_error(error, headers, said, time_scale)
    steps = plain(error.status, said, {**headers, **error.headers})
    return steps if error.retry_at is None else dated(steps, error.retry_at)


def dated(steps: Sequence[Step], retry_at: float) -> list[Step]:
    """The response with the moment, so many seconds after it is sent, at which to come again."""
    date = (("retry-after", retry_at),)
    return [replace(step, dates=date) if isinstance(step, Head) else step for step in steps]


def plain(status: int, body: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    return [Head(status, (_JSON, ("content-length", str(len(body))), *headers.items())), Send(body)]


def _pauses(replies: Sequence[Reply], request: ChatRequest, identity: Identity, scale: float) -> list[float]:
    """The pause before each chunk that says something; jitter is drawn from the identity, so it repeats."""
    timing = replies[0].timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    pieces = sum(len(deltas(reply, request.legacy)) + 1 for reply in replies)
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(pieces - 1)]
    return [pause * scale for pause in (timing.first_token, *gaps)]


def _spread(sends: Sequence[Send], pauses: Sequence[float]) -> list[Step]:
    spread = [step for pause, send in zip(pauses, sends, strict=False) for step in (Wait(pause), send)]
    return [*spread, *sends[len(pauses) :]]
