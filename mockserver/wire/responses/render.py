"""Replies and errors → the steps of a response, plain or streamed."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.steps import Step, Wait
from mockserver.wire.chat_completions.render import plain, render_error
from mockserver.wire.codec import encode
from mockserver.wire.dialect import JsonObject, ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Alteration, Occasion, Provider
from mockserver.wire.responses.events import EventOptions, events_of
from mockserver.wire.responses.framing import spoken_places, streamed
from mockserver.wire.responses.item_ids import ResponseIds
from mockserver.wire.responses.response_object import begun, response_object

Headers = Mapping[str, str]


def render(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request: everything that will happen on the socket, in order."""
    if replies[0].sent is not None:
        from mockserver.wire.responses.replay import render_recorded  # most servers start without it

        return render_recorded(replies[0], parsed, identity, headers, time_scale)
    if not parsed.request.stream:
        if replies[0].timing is None or in_background(parsed):
            return _template(replies, parsed).steps(identity, headers)
        response = response_object(replies, parsed, identity)
        found = pauses(replies[0], events_of(response, stream_options(replies, parsed, response)), identity, time_scale)
        return [*([Wait(sum(found))] if found else []), *plain(200, encode(response), headers)]
    response = response_object(replies, parsed, identity)
    events = events_of(response, stream_options(replies, parsed, response))
    return streamed(events, pauses(replies[0], events, identity, time_scale), headers)


def in_background(parsed: ParsedRequest) -> bool:
    """Whether the response is made in the background: the first answer says only that it is queued."""
    return (parsed.body or {}).get("background") is True


def seconds_of(reply: Reply, parsed: ParsedRequest, identity: Identity, scale: float) -> float:
    """How long a reply takes."""
    response = response_object([reply], parsed, identity)
    return sum(pauses(reply, events_of(response, stream_options([reply], parsed, response)), identity, scale))


def stream_options(replies: Sequence[Reply], parsed: ParsedRequest, response: JsonObject) -> EventOptions:
    """What the request, and the turn that answers it, say of the stream."""
    body = parsed.body or {}
    asked = body.get("stream_options")
    plain_text = isinstance(asked, dict) and asked.get("include_obfuscation") is False
    return EventOptions(
        replies[0].stream, None if plain_text else str(response.get("id")), queued=in_background(parsed)
    )


def pauses(reply: Reply, events: Sequence[JsonObject], identity: Identity, scale: float) -> list[float]:
    """The pause before each event that says something; jitter is drawn from the identity, so it repeats."""
    timing = reply.timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    further = len(spoken_places(events)) - 1
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(further)]
    return [pause * scale for pause in (timing.first_token, *gaps)]


def body(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, alteration: Alteration) -> JsonObject:
    """The response object that an answer is made of, plain or streamed."""
    del alteration
    found = response_object(replies, parsed, identity)
    return begun(found, "queued") if in_background(parsed) and not parsed.request.stream else found


def events(
    response: JsonObject, replies: Sequence[Reply], parsed: ParsedRequest, alteration: Alteration
) -> list[JsonObject]:
    """The events that say a response."""
    del alteration
    return events_of(response, stream_options(replies, parsed, response))


def frame(
    value: JsonObject | list[JsonObject], headers: Headers, pauses: Sequence[float], alteration: Alteration
) -> list[Step]:
    """The steps that send a whole object, or the events of a stream."""
    del alteration
    if isinstance(value, list):
        return streamed(value, pauses, headers)
    return [*[Wait(pause) for pause in pauses], *plain(200, encode(value), headers)]


def refuse(
    error: ApiError,
    headers: Headers,
    *,
    time_scale: float = 1.0,
    provider: Provider | None = None,
    occasion: Occasion | None = None,
) -> list[Step]:
    """The response that says an error, in the shape that chat completions have too."""
    del provider, occasion
    return render_error(error, headers, time_scale=time_scale)


class _Marks(ResponseIds):
    """Marks in place of ids, which no text of the answer holds."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self.response = f"{mark} response"
        self.created = f"{mark} created"  # type: ignore[assignment]  # the mark of a number, with its quotes

    def item(self, prefix: str, index: int) -> str:
        """The mark of an item's id."""
        return f"{self._mark} {prefix} {index}"

    def calls(self, count: int) -> list[str]:
        """The marks of calls."""
        return [f"{self._mark} call {place}" for place in range(count)]


class ResponseTemplate(NamedTuple):
    """A plain response in JSON, cut where ids and moments stand; `holes` are the words of their marks."""

    pieces: tuple[bytes, ...]
    holes: tuple[tuple[str, ...], ...]
    calls: int

    parsed: ParsedRequest

    def fill(self, identity: Identity) -> bytes:
        """The whole body, under this identity."""
        ids = ResponseIds(identity, self.parsed)
        calls = ids.calls(self.calls)
        parts = [self.pieces[0]]
        for hole, piece in zip(self.holes, self.pieces[1:], strict=True):
            match hole:
                case ("created",):
                    parts += (b"%d" % ids.created, piece)
                case ("response",):
                    parts += (b'"', ids.response.encode(), b'"', piece)
                case ("call", place):
                    parts += (b'"', calls[int(place)].encode(), b'"', piece)
                case (prefix, index):
                    parts += (b'"', ids.item(prefix, int(index)).encode(), b'"', piece)
        return b"".join(parts)

    def steps(self, identity: Identity, headers: Headers) -> list[Step]:
        """The response under this identity."""
        return plain(200, self.fill(identity), headers)


def template(replies: Sequence[Reply], parsed: ParsedRequest) -> ResponseTemplate | None:
    """The plain response of these replies, whatever its ids will be; None for a stream, a wait, a recorded answer."""
    if parsed.request.stream or replies[0].timing is not None or replies[0].sent is not None:
        return None
    return _template(replies, parsed)


def _template(replies: Sequence[Reply], parsed: ParsedRequest) -> ResponseTemplate:
    mark = f"mark {parsed.fingerprint.hex()}"
    found = response_object(replies, parsed, Identity("", b""), _Marks(mark))
    whole = encode(begun(found, "queued") if in_background(parsed) else found)
    cut = re.split(b'"' + mark.encode() + b' ([a-z0-9 ]+)"', whole)
    holes = tuple(tuple(words.decode().split()) for words in cut[1::2])
    return ResponseTemplate(tuple(cut[::2]), holes, len(replies[0].calls), parsed)
