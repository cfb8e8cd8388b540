"""Replies → the steps of a response: one JSON object, server-sent events, or one JSON array in pieces."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from mockserver.chat import Reply
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.gemini.answer import body
from mockserver.wire.gemini.chunks import chunks_of
from mockserver.wire.gemini.parse import GeminiRequest, alt_of
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import encode
from mockserver.wire.provider import Alteration

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

CONTENT_TYPE, STREAM_TYPE = "application/json; charset=UTF-8", "text/event-stream"
_CHUNKED = ("transfer-encoding", "chunked")
EVENTS_HEAD = (("content-type", STREAM_TYPE), ("content-disposition", "attachment"), _CHUNKED)
_ARRAY = (("content-type", CONTENT_TYPE), _CHUNKED)


def render(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request: everything that will happen on the socket, in order."""
    reply = replies[0]
    if reply.sent is not None:
        from mockserver.wire.gemini.replay import render_recorded  # most servers start without it

        return render_recorded(replies, parsed, identity, headers, time_scale)
    response = body(replies, parsed, identity)
    if not parsed.request.stream and reply.timing is None:
        return plain(200, encode(response), headers)
    chunks = chunks_of(response, reply.stream)
    found = pauses(reply, chunks, identity, time_scale)
    if not parsed.request.stream:
        return [*([Wait(sum(found))] if sum(found) else []), *plain(200, encode(response), headers)]
    return streamed(chunks, found, headers, sse=isinstance(parsed, GeminiRequest) and parsed.sse)


class ResponseTemplate(NamedTuple):
    """A plain response that was made but for its ids."""

    replies: Sequence[Reply]
    parsed: ParsedRequest

    def steps(self, identity: Identity, headers: Headers) -> list[Step]:
        """The response under this identity."""
        return plain(200, encode(body(self.replies, self.parsed, identity)), headers)


def template(replies: Sequence[Reply], parsed: ParsedRequest) -> ResponseTemplate | None:
    """The plain response of these replies; None for a stream, a wait, a recorded answer."""
    if parsed.request.stream or replies[0].timing is not None or replies[0].sent is not None:
        return None
    return ResponseTemplate(replies, parsed)


def plain(status: int, data: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    named = (("content-type", CONTENT_TYPE), ("content-length", str(len(data))), *headers.items())
    return [Head(status, named), Send(data)]


def write_event(chunk: JsonObject) -> bytes:
    """One event; this API ends its lines with CRLF."""
    return b"data: " + encode(chunk) + b"\r\n\r\n"


def streamed(
    chunks: Sequence[JsonObject], pauses: Sequence[float], headers: Headers, *, sse: bool = True
) -> list[Step]:
    """Chunks with the pauses before them; pauses for which there is no chunk come before the last."""
    steps: list[Step] = [Head(200, (*(EVENTS_HEAD if sse else _ARRAY), *headers.items()))]
    last = len(chunks) - 1
    for place, chunk in enumerate(chunks):
        left = pauses[place:] if place == last else pauses[place : place + 1]
        steps += [Wait(sum(left))] if sum(left) else []
        steps.append(Send(write_event(chunk) if sse else _entry(chunk, place, last)))
    return [*steps, *([] if chunks or sse else [Send(b"[]")])]


def _entry(chunk: JsonObject, place: int, last: int) -> bytes:
    """A chunk as an entry of the array, with the brackets at its ends."""
    return (b",\r\n" if place else b"[") + encode(chunk) + (b"\n]" if place == last else b"")


def events(
    response: JsonObject, replies: Sequence[Reply], parsed: ParsedRequest, alteration: Alteration
) -> list[JsonObject]:
    """The chunks that say a response."""
    del parsed, alteration
    return chunks_of(response, replies[0].stream)


def frame(
    value: JsonObject | list[JsonObject], headers: Headers, pauses: Sequence[float], alteration: Alteration
) -> list[Step]:
    """The steps that send a whole response, or the chunks of a stream."""
    if isinstance(value, list):
        query = alteration.occasion.query if alteration.occasion is not None else ""
        return streamed(value, pauses, headers, sse="sse" in alt_of(query))
    return [*[Wait(pause) for pause in pauses], *plain(200, encode(value), headers)]


def pauses(reply: Reply, chunks: Sequence[JsonObject], identity: Identity, scale: float) -> list[float]:
    """The pause before each chunk that says something; jitter is drawn from the identity, so it repeats."""
    timing = reply.timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(len(chunks) - 1)]
    return [pause * scale for pause in (timing.first_token, *gaps)]
