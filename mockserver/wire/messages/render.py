"""Replies and errors → the steps of a response, plain or streamed."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.steps import Step, Wait
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import encode as encode_message
from mockserver.wire.messages.framing import dated, plain, streamed, with_headers
from mockserver.wire.messages.ids import call_ids, drawn_call_ids, message_id
from mockserver.wire.messages.message import body
from mockserver.wire.messages.stream import events_of, spoken_places
from mockserver.wire.provider import Alteration

JsonObject = dict[str, Any]
Headers = Mapping[str, str]


def render(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request: everything that will happen on the socket, in order."""
    reply = replies[0]
    if reply.sent is not None:
        from mockserver.wire.messages.replay import render_recorded  # most servers start without it

        return render_recorded(reply, parsed, identity, headers, time_scale)
    if not parsed.request.stream:
        waits = waits_of(replies, parsed, identity, time_scale) if reply.timing is not None else []
        return [*waits, *plain(200, encode_message(body(replies, parsed, identity)), headers)]
    events = events_of(body(replies, parsed, identity), reply.stream)
    return streamed(events, pauses(reply, events, identity, time_scale), headers)


class MessageTemplate(NamedTuple):
    """A plain response in JSON, cut where ids are drawn, so that the next attempt costs next to nothing."""

    pieces: tuple[bytes, ...]
    calls: tuple[int | None, ...]
    drawn: int

    def steps(self, identity: Identity, headers: Headers) -> list[Step]:
        """The response under this identity."""
        ids = drawn_call_ids(identity, self.drawn) if self.drawn else []
        parts = [self.pieces[0]]
        for place, piece in zip(self.calls, self.pieces[1:], strict=True):
            parts += (message_id(identity).encode() if place is None else ids[place].encode(), piece)
        return plain(200, b"".join(parts), headers)


def template(replies: Sequence[Reply], parsed: ParsedRequest) -> MessageTemplate | None:
    """The plain response of these replies, whatever its ids will be; None for a stream, a wait, a recorded answer."""
    reply = replies[0]
    if parsed.request.stream or reply.timing is not None or reply.sent is not None:
        return None
    identity = Identity("", b"")
    ids = [None, *(place for place, call in enumerate(reply.calls) if call.id is None)]
    whole = encode_message(body(replies, parsed, identity))
    marks = [
        message_id(identity).encode(),
        *(call_ids(reply, identity)[place].encode() for place in ids[1:] if place is not None),
    ]
    pieces = []
    for mark in marks:
        piece, _, whole = whole.partition(b'"' + mark + b'"')
        pieces.append(piece + b'"')
        whole = b'"' + whole
    return MessageTemplate((*pieces, whole), tuple(ids), len(reply.calls))


def frame(
    value: JsonObject | list[JsonObject], headers: Headers, pauses: Sequence[float], alteration: Alteration
) -> list[Step]:
    """The steps that send a whole body, or the events of a stream, with the provider's headers."""
    provider, occasion, _ = alteration
    if isinstance(value, list):
        return with_headers(streamed(value, pauses, headers), provider, None, occasion)
    steps = [*[Wait(pause) for pause in pauses], *plain(200, encode_message(value), headers)]
    return with_headers(steps, provider, value, occasion)


def pauses(reply: Reply, events: Sequence[JsonObject], identity: Identity, scale: float) -> list[float]:
    """The pause before each event that says something; jitter is drawn from the identity, so it repeats."""
    timing = reply.timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    count = len(spoken_places(events)) - 1
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(count)]
    return [pause * scale for pause in (timing.first_token, *gaps)]


def waits_of(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, scale: float) -> list[Step]:
    """One wait as long as the stream of the same replies would take."""
    found = pauses(replies[0], events_of(body(replies, parsed, identity), replies[0].stream), identity, scale)
    return [Wait(sum(found))] if sum(found) else []


def error_steps(error: ApiError, data: bytes, headers: Headers, scale: float) -> list[Step]:
    """The response that says an error whose body is `data`; a recorded one is sent as it was."""
    if error.sent is not None:
        from mockserver.wire.chat_completions.replay import render_recorded_error

        return render_recorded_error(error, headers, data, scale)
    steps = plain(error.status, data, {**headers, **error.headers})
    return steps if error.retry_at is None else dated(steps, error.retry_at)
