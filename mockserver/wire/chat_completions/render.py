"""Replies and errors → the steps of a response, plain or streamed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.chat_completions.completion import choice, envelope, usage_of
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import OF_COMPLETION, Identity, of_call
from mockserver.wire.models import SNAPSHOTS

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_JSON = ("content-type", "application/json")
_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_BEFORE_ID, _BEFORE_MOMENT = b'{"id":"chatcmpl-', b'","object":"chat.completion","created":'

# Within a JSON text the quotes of this mark are escaped, so nothing that a model says can be taken for it.
_HOLE = b'{"id":null,"type":"'


def render(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request, one reply a choice: everything that will happen on the socket, in order."""
    if (sent := replies[0].sent) is not None:
        from mockserver.wire.chat_completions.replay import render_recorded  # most servers start without it

        if sent.api != "chat_completions" and sent.body is None and not sent.cut:
            anew = [replace(reply, sent=None) for reply in replies]
            pause: list[Step] = [Wait(sum(sent.gaps) / 1000 * time_scale)] if sum(sent.gaps) and time_scale else []
            return [*pause, *render(anew, parsed, identity, headers, time_scale=time_scale)]

        return render_recorded(replies, parsed, identity, headers, time_scale)
    if not parsed.request.stream:
        waits = waits_of(replies, parsed, identity, time_scale) if replies[0].timing is not None else []
        return [*waits, *_template(replies, parsed).steps(identity, headers)]
    from mockserver.wire.chat_completions.stream import chunks

    events = chunks(replies, parsed, identity)
    return streamed(events, pauses(replies[0], events, identity, time_scale), headers)


class CompletionTemplate(NamedTuple):
    """A plain response in JSON, cut where ids are drawn, so that the next attempt costs next to nothing.

    `ids` are, of each call whose id is drawn, the choice, and where in its letters the id stands with what ends it;
    one piece of JSON comes after each.
    """

    first: bytes
    ids: tuple[tuple[int, slice, bytes], ...]
    pieces: tuple[bytes, ...]

    def fill(self, identity: Identity) -> bytes:
        """The whole body, under this identity."""
        parts = [_BEFORE_ID, identity.letters[OF_COMPLETION], _BEFORE_MOMENT, b"%d" % identity.created, self.first]
        for (index, own, end), piece in zip(self.ids, self.pieces, strict=True):
            letters = identity.letters_of(index) if index else identity.letters
            parts += (b'{"id":"call_', letters[own], end, b'","type":"', piece)
        return b"".join(parts)

    def steps(self, identity: Identity, headers: Headers) -> list[Step]:
        """The response under this identity."""
        return plain(200, self.fill(identity), headers)


def template(replies: Sequence[Reply], parsed: ParsedRequest) -> CompletionTemplate | None:
    """The plain response of these replies, whatever its ids will be; None for a stream, a wait, a recorded answer."""
    if parsed.request.stream or replies[0].timing is not None or replies[0].sent is not None:
        return None
    return _template(replies, parsed)


def _template(replies: Sequence[Reply], parsed: ParsedRequest) -> CompletionTemplate:
    request = parsed.request
    rest = {
        "model": SNAPSHOTS.get(request.model, request.model),
        "choices": [
            choice(index, reply, request, [call.id for call in reply.calls]) for index, reply in enumerate(replies)
        ],
        "usage": usage_of(replies, parsed),
        **envelope(request),
    }
    drawn = [
        (index, *of_call(place))
        for index, reply in enumerate(replies)
        for place, call in enumerate(reply.calls)
        if call.id is None and not request.legacy
    ]
    first, *pieces = encode(rest).split(_HOLE)
    return CompletionTemplate(b"," + first[1:], tuple(drawn), tuple(pieces))


def render_error(error: ApiError, headers: Headers, *, time_scale: float = 1.0) -> list[Step]:
    """The response that says an error."""
    shape = {"message": error.message, "type": error.type, "param": error.param, "code": error.code, **error.extra}
    body = encode({"error": shape})
    if error.sent is not None:
        from mockserver.wire.chat_completions.replay import render_recorded_error

        return render_recorded_error(error, headers, body, time_scale)
    steps = plain(error.status, body, {**headers, **error.headers})
    return steps if error.retry_at is None else dated(steps, error.retry_at)


def dated(steps: Sequence[Step], retry_at: float) -> list[Step]:
    """The response with the moment, so many seconds after it is sent, at which to come again."""
    date = (("retry-after", retry_at),)
    return [replace(step, dates=date) if isinstance(step, Head) else step for step in steps]


def plain(status: int, body: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    return [Head(status, (_JSON, ("content-length", str(len(body))), *headers.items())), Send(body)]


def streamed(
    events: Sequence[JsonObject], pauses: Sequence[float], headers: Headers, opening: bytes = b""
) -> list[Step]:
    """Events with the pauses before them, and `[DONE]`; pauses without an event of their own come before the end."""
    from mockserver.wire.streaming import DONE, frame

    steps: list[Step] = [Head(200, (*_STREAM, *headers.items()))]
    if opening:
        steps.append(Send(opening))
    if not pauses:
        return [*steps, *[Send(frame(event)) for event in events], Send(DONE)]
    for place, event in enumerate(events):
        steps += [*[Wait(pause) for pause in pauses[place : place + 1]], Send(frame(event))]
    left = sum(pauses[len(events) :])
    return [*steps, *([Wait(left)] if left else []), Send(DONE)]


def pauses(reply: Reply, events: Sequence[JsonObject], identity: Identity, scale: float) -> list[float]:
    """The pause before each event that says something; jitter is drawn from the identity, so it repeats."""
    timing = reply.timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    spoken = sum(1 for event in events if event["choices"])
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(spoken - 1)]
    return [pause * scale for pause in (timing.first_token, *gaps)]


def waits_of(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, scale: float) -> list[Step]:
    """One wait as long as the stream of the same replies would take."""
    from mockserver.wire.chat_completions.stream import chunks

    found = pauses(replies[0], chunks(replies, parsed, identity), identity, scale)
    return [Wait(sum(found))] if found else []
