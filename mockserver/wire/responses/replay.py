"""A recorded response → the steps that send it as the upstream sent it, under an id of its own."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, repeat

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.steps import Drop, Head, Send, Step, Wait
from mockserver.wire.chat_completions.render import plain
from mockserver.wire.chat_completions.replay import raw_response
from mockserver.wire.codec import encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.responses.events import EventOptions, events_of
from mockserver.wire.responses.framing import streamed
from mockserver.wire.responses.item_ids import PREFIX, ResponseIds
from mockserver.wire.responses.output_items import call_ids
from mockserver.wire.responses.response_object import response_object

Headers = Mapping[str, str]

_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_SHARED = 16
_TORN = "torn"


def render_recorded(
    reply: Reply, parsed: ParsedRequest, identity: Identity, headers: Headers, scale: float
) -> list[Step]:
    """The response of a recorded reply.

    A stream is sent as it was recorded, and so is a plain answer; one asked for in the other way takes the same time
    and is rendered as any other, and so is one of another API.
    """
    sent = reply.sent or Sent()
    ids = ResponseIds(identity, parsed)
    if sent.body is not None and (sent.api != "responses" or not sent.envelope):
        return raw_response(sent, headers, scale)
    waits: list[Step] = [Wait(sum(sent.gaps) / 1000 * scale)] if sum(sent.gaps) and scale else []
    if sent.cut and (sent.chunks is None or not parsed.request.stream):
        return [*waits, Drop()]
    if sent.api == "responses" and parsed.request.stream and sent.chunks is not None:
        return [Head(200, (*_STREAM, *headers.items())), *_stream(reply, ids, scale)]
    if sent.api == "responses" and not parsed.request.stream and sent.body is not None:
        return [*waits, *plain(200, _renamed(sent.body, reply, ids).encode("utf-8", "surrogatepass"), headers)]
    response = response_object([replace(reply, sent=None)], parsed, identity)
    if not parsed.request.stream:
        return [*waits, *plain(200, encode(response), headers)]
    head, *events = streamed(events_of(response, EventOptions(reply.stream, ids.response)), (), headers)
    return [head, *waits, *events]


def _stream(reply: Reply, ids: ResponseIds, scale: float) -> list[Step]:
    """The events, each after its pause; the last one perhaps torn."""
    sent = reply.sent or Sent()
    steps: list[Step] = []
    places = dict.fromkeys(sent.texts, 0)
    for chunk, gap in zip(sent.chunks or (), chain(sent.gaps, repeat(0)), strict=False):
        start, length = places[chunk.shape], chunk.lengths[0]
        places[chunk.shape] = start + length
        text = _renamed(sent.texts[chunk.shape][start : start + length], reply, ids)
        steps += [Wait(gap / 1000 * scale)] if gap and scale else []
        end = "" if chunk.shape == _TORN else "\n\n"
        steps.append(Send((text + end).encode("utf-8", "surrogateescape")))
    return [*steps, Drop()] if sent.cut else steps


def _renamed(text: str, reply: Reply, ids: ResponseIds) -> str:
    """The text with ids of ours: the response's, those of its calls, and the digits that those of its items share."""
    sent = reply.sent or Sent()
    for old, new in zip(sent.envelope.get("calls") or (), call_ids(reply, ids), strict=False):
        text = text.replace(old, new) if isinstance(old, str) and old else text
    recorded = sent.envelope.get("id")
    if not isinstance(recorded, str) or not recorded.startswith(PREFIX):
        return text
    text = text.replace(recorded, ids.response)
    shared = recorded.removeprefix(PREFIX)[:_SHARED]
    return text.replace(f"_{shared}", f"_{ids.response.removeprefix(PREFIX)[:_SHARED]}")
