"""A recorded answer → the steps that send it: as it was heard, or anew where it was asked for in another way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.steps import Step
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.gemini.answer import body
from mockserver.wire.gemini.chunks import chunks_of
from mockserver.wire.gemini.framing import EVENTS_HEAD, plain, streamed
from mockserver.wire.gemini.parse import GeminiRequest
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import encode
from mockserver.wire.recorded_events import StreamForm, recorded_steps, recorded_wait

_FORM = StreamForm("gemini", EVENTS_HEAD, b"\r\n\r\n")


def render_recorded(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Mapping[str, str], scale: float
) -> list[Step]:
    """The response of recorded replies."""
    reply = replies[0]
    stream, sse = parsed.request.stream, isinstance(parsed, GeminiRequest) and parsed.sse
    heard = recorded_steps(reply, _FORM, stream and sse, headers, scale)
    if heard is not None:
        return heard
    waits = recorded_wait(reply.sent or Sent(), scale)
    response = body([replace(each, sent=None) for each in replies], parsed, identity)
    if not stream:
        return [*waits, *plain(200, encode(response), headers)]
    head, *chunks = streamed(chunks_of(response, reply.stream), (), headers, sse=sse)
    return [head, *waits, *chunks]
