"""Replies → the steps of a response: one JSON object, server-sent events, or one JSON array in pieces."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from mockserver.chat import Reply
from mockserver.steps import Step, Wait
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.gemini.answer import body
from mockserver.wire.gemini.chunks import chunks_of
from mockserver.wire.gemini.framing import plain, streamed
from mockserver.wire.gemini.parse import GeminiRequest, is_sse
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import encode
from mockserver.wire.provider import Alteration

JsonObject = dict[str, Any]
Headers = Mapping[str, str]


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
        return streamed(value, pauses, headers, sse=is_sse(query))
    return [*[Wait(pause) for pause in pauses], *plain(200, encode(value), headers)]


def pauses(reply: Reply, chunks: Sequence[JsonObject], identity: Identity, scale: float) -> list[float]:
    """The pause before each chunk that says something; jitter is drawn from the identity, so it repeats."""
    timing = reply.timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(len(chunks) - 1)]
    return [pause * scale for pause in (timing.first_token, *gaps)]
