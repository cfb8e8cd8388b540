"""A recorded answer → the steps that send it as the upstream sent it: the same chunks, the same gaps, the same cut."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.steps import Drop, Head, Send, Step, Wait
from mockserver.wire.chat_completions.client import hear, hear_stream
from mockserver.wire.chat_completions.completion import call_ids, choice, usage_of
from mockserver.wire.chat_completions.recorded_conversion import (
    RecordedExtras,
    recorded_body,
    recorded_stream,
    with_further_keys,
)
from mockserver.wire.chat_completions.shapes import (
    ANSWER_CREATED,
    ANSWER_ID,
    BODY,
    BODY_OBJECT,
    CHUNK_OBJECT,
    DONE,
    RAW,
    TORN,
    USAGE,
    filled,
    holes,
    only_counts,
    usual,
    usual_body,
)
from mockserver.wire.chat_completions.stream import StreamOptions, chunks_of, wants_usage
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.models import SNAPSHOTS
from mockserver.wire.streaming import DONE as DONE_EVENT
from mockserver.wire.streaming import frame

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_JSON = "application/json"
_STREAM = "text/event-stream; charset=utf-8"
_CHUNKED = ("transfer-encoding", "chunked")
_AS_TEXT = (RAW, TORN)
_MORE = 4096
"""A body that was cut announces so many bytes more than come."""


def render_recorded(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, time_scale: float
) -> list[Step]:
    """The response of a recorded reply.

    A stream is sent as it was recorded, and so is a plain answer; one asked for in the other way takes the same time,
    and keeps the reasoning, the usage and what else the answer says. A stream that failed is then an error response.
    A cut is one in either way.
    """
    reply = replies[0]
    sent = reply.sent or Sent()
    if sent.body is not None:
        return raw_response(sent, headers, time_scale)
    waits = _wait(sum(sent.gaps), time_scale)
    if sent.cut and (sent.chunks is None or not parsed.request.stream):
        return [*waits, Drop()]
    if parsed.request.stream:
        head = Head(200, (("content-type", _STREAM), _CHUNKED, *headers.items()))
        if sent.chunks is None:
            events = [frame(chunk) for chunk in _converted_chunks(replies, parsed, identity)]
            return [head, *waits, *map(Send, events), Send(DONE_EVENT)]
        return [head, *_stream(replies[0], parsed, identity, time_scale)]
    if sent.chunks is None and len(replies) == len(body_shape(reply).get("choices", ())):
        body = put_together(reply, parsed, identity, Chunk(BODY))
    else:
        recorded = _recorded(reply, parsed, identity)
        if recorded.error is not None:
            return [*waits, *_whole(recorded.status, _JSON, encode({"error": recorded.error}), headers)]
        body = _converted(replies, parsed, identity, recorded)
    return [*waits, *_whole(200, _JSON, encode(body), headers)]


def render_recorded_error(error: ApiError, headers: Headers, body: bytes, time_scale: float) -> list[Step]:
    """The response of a recorded error; `body` is how the wire writes it."""
    sent = error.sent or Sent()
    named = {**headers, **error.headers}
    if sent.body is not None or sent.cut:
        return raw_response(replace(sent, status=error.status), named, time_scale)
    return [*_wait(sum(sent.gaps), time_scale), *_whole(error.status, _JSON, body, named)]


def recorded_events(reply: Reply, parsed: ParsedRequest, identity: Identity) -> Iterator[bytes]:
    """The events of a recorded stream, one for each of its chunks."""
    sent = reply.sent or Sent()
    texts = _texts(reply, sent)
    places = dict.fromkeys(texts, 0)
    for chunk in sent.chunks or ():
        yield _event(reply, parsed, identity, chunk, _pieces(chunk, sent, texts, places))


def put_together(
    reply: Reply, parsed: ParsedRequest, identity: Identity, chunk: Chunk, pieces: Mapping[str, str] | None = None
) -> JsonObject:
    """One chunk, or the whole body, from its shape: with these pieces of the running texts, or with all of them."""
    sent = reply.sent or Sent()
    shape = body_shape(reply) if chunk.shape == BODY else shape_of(chunk.shape, sent)
    values: dict[str, Any] = {
        "finish_reason": reply.finish_reason,
        "usage": reply.usage if reply.usage is not None else usage_of([reply], parsed),
        ANSWER_ID: identity.completion_id,
        ANSWER_CREATED: identity.created,
        **_texts(reply, sent),
        **(pieces or {}),
    }
    values |= {f"id {index}": call_id for index, call_id in enumerate(call_ids(reply, identity))}
    values |= {f"name {index}": call.name for index, call in enumerate(reply.calls)}
    kind = BODY_OBJECT if chunk.shape == BODY else CHUNK_OBJECT
    return _around(reply, parsed, identity, kind, filled(shape, values))


def shape_of(name: str, sent: Sent) -> Any:
    """The shape that a chunk names: the recording's own, or the usual one."""
    return sent.shapes[name] if name in sent.shapes else usual(name)


def body_shape(reply: Reply) -> Any:
    """The shape of a plain answer."""
    sent = reply.sent or Sent()
    return sent.shapes.get(BODY) or usual_body(reply)


def _stream(reply: Reply, parsed: ParsedRequest, identity: Identity, scale: float) -> Iterator[Step]:
    """The events as they were recorded, but for a chunk that came because the usage was asked for.

    That one is sent where it is asked for again, and where no chunk brings the usage unasked.
    """
    sent = reply.sent or Sent()
    recorded = sent.chunks or ()
    wanted = wants_usage(parsed.request)
    counts = any(_counts(shape_of(chunk.shape, sent)) for chunk in recorded)
    events = recorded_events(reply, parsed, identity)
    for chunk, gap, event in zip(recorded, chain(sent.gaps, repeat(0)), events, strict=False):
        if chunk.shape == USAGE and not wanted and only_counts(shape_of(USAGE, sent)):
            continue
        if chunk.shape == DONE and wanted and not counts:
            yield Send(frame(put_together(reply, parsed, identity, Chunk(USAGE))))
        yield from _wait(gap, scale)
        yield Send(event)
    if sent.cut:
        yield Drop()


def _counts(shape: Any) -> bool:
    return isinstance(shape, Mapping) and shape.get("usage") is not None


def _event(reply: Reply, parsed: ParsedRequest, identity: Identity, chunk: Chunk, pieces: Mapping[str, str]) -> bytes:
    if chunk.shape == DONE:
        return DONE_EVENT
    if chunk.shape in _AS_TEXT:
        end = "" if chunk.shape == TORN else "\n\n"
        return (pieces[chunk.shape] + end).encode("utf-8", "surrogateescape")
    return frame(put_together(reply, parsed, identity, chunk, pieces))


def _texts(reply: Reply, sent: Sent) -> dict[str, str]:
    """All running texts: the reply's own, and those it has no word for."""
    found = {f"arguments {index}": call.arguments for index, call in enumerate(reply.calls)}
    found |= {"text": reply.text} if reply.text is not None else {}
    found |= {"refusal": reply.refusal} if reply.refusal is not None else {}
    found |= {"thinking": reply.thinking} if reply.thinking is not None else {}
    return {**found, **sent.texts}


def _pieces(chunk: Chunk, sent: Sent, texts: Mapping[str, str], places: dict[str, int]) -> dict[str, str]:
    """What a chunk brings of each running text; `places` move on."""
    names = (
        [chunk.shape]
        if chunk.shape in _AS_TEXT
        else [name for name in holes(shape_of(chunk.shape, sent)) if name in texts]
    )
    found = {}
    for name, length in zip(names, chunk.lengths, strict=False):
        start = places[name]
        places[name] = start + length
        found[name] = texts[name][start : start + length]
    return found


def _around(reply: Reply, parsed: ParsedRequest, identity: Identity, kind: str, inner: JsonObject) -> JsonObject:
    """What an answer says beside its choices; an error event says nothing else."""
    envelope = (reply.sent or Sent()).envelope
    if "choices" not in inner:
        return inner
    shared = {"id": identity.completion_id, "object": kind, "created": identity.created}
    return {
        **shared,
        "model": SNAPSHOTS.get(parsed.request.model, parsed.request.model),
        **envelope,
        "object": envelope.get("object", kind),
        **inner,
    }


def _recorded(reply: Reply, parsed: ParsedRequest, identity: Identity) -> RecordedExtras:
    """What a recorded answer says beside its text and calls; nothing where it cannot be put together."""
    try:
        if reply.sent is not None and reply.sent.chunks is not None:
            return recorded_stream(recorded_events(reply, parsed, identity))
        return recorded_body(put_together(reply, parsed, identity, Chunk(BODY)))
    except (LookupError, TypeError, AttributeError, ValueError):
        return RecordedExtras()


def _converted(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, recorded: RecordedExtras
) -> JsonObject:
    """A plain answer of what was recorded as a stream, or of several choices."""
    choices = _choices(replies, parsed, identity)
    with_further_keys(choices, recorded)
    body = _around(replies[0], parsed, identity, BODY_OBJECT, {"choices": choices})
    body["usage"] = recorded.usage if recorded.usage is not None else usage_of(replies, parsed)
    return body


def _converted_chunks(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> list[JsonObject]:
    """A stream of what was recorded as a plain answer."""
    recorded = _recorded(replies[0], parsed, identity)
    completion = _converted(replies, parsed, identity, recorded)
    chunks = chunks_of(completion, StreamOptions(wants_usage(parsed.request)), replies[0].stream)
    if (annotations := recorded.message.get("annotations")) and chunks and chunks[0].get("choices"):
        # The API's own streams have them in a delta, which an answer that has none does not say.
        chunks[0]["choices"][0]["delta"]["annotations"] = annotations
    return chunks


def _choices(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> list[JsonObject]:
    return [
        {**choice(index, reply, parsed.request, call_ids(reply, identity, index)), "logprobs": None}
        for index, reply in enumerate(_each(replies, parsed, identity))
    ]


def _each(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> Iterator[Reply]:
    """The reply of every choice: those after the first are read from the answer as it was recorded."""
    recorded = _heard(replies[0], parsed, identity) if len(replies) > 1 else []
    for index, reply in enumerate(replies):
        if not 0 < index < len(recorded):
            yield reply
            continue
        # Ids are drawn anew, as a model's are.
        calls = [replace(call, id=None) for call in recorded[index].calls]
        yield replace(recorded[index], calls=calls, usage=None)


def _heard(reply: Reply, parsed: ParsedRequest, identity: Identity) -> list[Reply]:
    """What was recorded, one a choice; nothing where it has a form that no application would understand either."""
    try:
        if reply.sent is not None and reply.sent.chunks is not None:
            return hear_stream(b"".join(recorded_events(reply, parsed, identity)))
        return hear(encode(put_together(reply, parsed, identity, Chunk(BODY))))
    except (LookupError, TypeError, AttributeError, ValueError):
        return []


def raw_response(sent: Sent, headers: Headers, scale: float) -> list[Step]:
    """The response whose body was kept as text."""
    waits = _wait(sum(sent.gaps), scale)
    if sent.body is None:
        return [*waits, Drop()]
    body = sent.body.encode("utf-8", "surrogateescape")
    kind = sent.content_type or "application/octet-stream"
    if not sent.cut:
        return [*waits, *_whole(sent.status, kind, body, headers)]
    framed = ("content-length", str(len(body) + _MORE))
    return [*waits, Head(sent.status, (("content-type", kind), framed, *headers.items())), Send(body), Drop()]


def _whole(status: int, kind: str, body: bytes, headers: Headers) -> list[Step]:
    framed = (("content-type", kind), ("content-length", str(len(body))))
    return [Head(status, (*framed, *headers.items())), Send(body)]


def _wait(milliseconds: float, scale: float) -> list[Step]:
    return [Wait(milliseconds / 1000 * scale)] if milliseconds and scale else []
