"""A recorded message → the steps that send it as the upstream sent it: the same events, the same gaps, the same cut."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.steps import Drop, Head, Send, Step, Wait
from mockserver.wire.chat_completions.replay import raw_response
from mockserver.wire.chat_completions.shapes import filled, holes
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import JsonText
from mockserver.wire.json_text import encode as encode_message
from mockserver.wire.messages.framing import frame_event, plain, streamed
from mockserver.wire.messages.ids import call_ids, message_id
from mockserver.wire.messages.message import body
from mockserver.wire.messages.recorded_shapes import ANSWER_ID, BODY, shape_of
from mockserver.wire.messages.stream import events_of

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

__all__ = ["put_together", "recorded_events", "render_recorded", "shape_of"]

_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_AS_TEXT = ("raw", "torn")


def render_recorded(
    reply: Reply, parsed: ParsedRequest, identity: Identity, headers: Headers, scale: float
) -> list[Step]:
    """The response of a recorded reply.

    A stream is sent as it was recorded, and so is a plain answer; one asked for in the other way takes the same time
    and is rendered as any other, and so is one of another API.
    """
    sent = reply.sent or Sent()
    if sent.body is not None:
        return raw_response(sent, headers, scale)
    waits = [Wait(sum(sent.gaps) / 1000 * scale)] if sum(sent.gaps) and scale else []
    if sent.cut and (sent.chunks is None or not parsed.request.stream):
        return [*waits, Drop()]
    if sent.api == "messages" and parsed.request.stream and sent.chunks is not None:
        return [Head(200, (*_STREAM, *headers.items())), *_stream(reply, identity, scale)]
    if sent.api == "messages" and not parsed.request.stream and sent.chunks is None:
        return [*waits, *plain(200, encode_message(put_together(reply, identity, Chunk(BODY))), headers)]
    message = body([replace(reply, sent=None)], parsed, identity)
    if not parsed.request.stream:
        return [*waits, *plain(200, encode_message(message), headers)]
    head, *events = streamed(events_of(message, reply.stream), (), headers)
    return [head, *waits, *events]


def recorded_events(reply: Reply, identity: Identity) -> Iterator[bytes]:
    """The events of a recorded stream, one for each of its chunks."""
    sent = reply.sent or Sent()
    texts = _texts(reply, sent)
    places = dict.fromkeys(texts, 0)
    for chunk in sent.chunks or ():
        pieces = _pieces(chunk, sent, texts, places)
        if chunk.shape in _AS_TEXT:
            end = "" if chunk.shape == _AS_TEXT[1] else "\n\n"
            yield (pieces[chunk.shape] + end).encode("utf-8", "surrogateescape")
        else:
            yield frame_event(put_together(reply, identity, chunk, pieces))


def put_together(reply: Reply, identity: Identity, chunk: Chunk, pieces: Mapping[str, str] | None = None) -> JsonObject:
    """One event, or the whole body, from its shape: with these pieces of the running texts, or with all of them."""
    sent = reply.sent or Sent()
    values: dict[str, Any] = {ANSWER_ID: message_id(identity), **_texts(reply, sent), **(pieces or {})}
    for number, (call, call_id) in enumerate(zip(reply.calls, call_ids(reply, identity), strict=True)):
        values |= {f"id {number}": call_id, f"name {number}": call.name, f"input {number}": JsonText(call.arguments)}
    found: JsonObject = filled(shape_of(chunk.shape, sent), values)
    return found


def _stream(reply: Reply, identity: Identity, scale: float) -> Iterator[Step]:
    sent = reply.sent or Sent()
    for event, gap in zip(recorded_events(reply, identity), chain(sent.gaps, repeat(0)), strict=False):
        if gap and scale:
            yield Wait(gap / 1000 * scale)
        yield Send(event)
    if sent.cut:
        yield Drop()


def _texts(reply: Reply, sent: Sent) -> dict[str, str]:
    """All running texts: the reply's own, and those it has no word for."""
    found = {f"arguments {number}": call.arguments for number, call in enumerate(reply.calls)}
    own = {"text": reply.text, "refusal": reply.refusal, "thinking": reply.thinking}
    return {**found, **{name: text for name, text in own.items() if text is not None}, **sent.texts}


def _pieces(chunk: Chunk, sent: Sent, texts: Mapping[str, str], places: dict[str, int]) -> dict[str, str]:
    """What an event brings of each running text; `places` move on."""
    names = [chunk.shape] if chunk.shape in _AS_TEXT else holes(shape_of(chunk.shape, sent))
    found = {}
    for name, length in zip([name for name in names if name in texts], chunk.lengths, strict=False):
        start = places[name]
        places[name] = start + length
        found[name] = texts[name][start : start + length]
    return found
