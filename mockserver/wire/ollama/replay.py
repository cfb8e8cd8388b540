"""A recorded answer → the steps that send it: as it was heard, or anew where it was asked for in another way."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.steps import Step
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.ollama.answer import body, moment
from mockserver.wire.ollama.framing import STREAM_HEAD, plain, streamed
from mockserver.wire.ollama.lines import lines_of, written
from mockserver.wire.recorded_events import StreamForm, recorded_steps, recorded_wait

_FORM = StreamForm("ollama", STREAM_HEAD, b"\n")


def render_recorded(
    reply: Reply, parsed: ParsedRequest, identity: Identity, headers: Mapping[str, str], scale: float
) -> list[Step]:
    """The response of a recorded reply."""
    stream = parsed.request.stream
    heard = recorded_steps(reply, _FORM, stream, headers, scale)
    if heard is not None:
        return heard
    waits = recorded_wait(reply.sent or Sent(), scale)
    answer = body([replace(reply, sent=None)], parsed, identity)
    if not stream:
        return [*waits, *plain(200, written(answer), headers)]
    head, *lines = streamed(lines_of(answer, reply.stream, partial(moment, identity)), (), headers)
    return [head, *waits, *lines]
