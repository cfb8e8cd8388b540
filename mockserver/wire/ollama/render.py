"""Replies → the steps of a response: one JSON object, or JSON lines."""

from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from typing import Any, NamedTuple

from mockserver.chat import Reply
from mockserver.steps import Step, Wait
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.ollama.answer import body, moment
from mockserver.wire.ollama.framing import plain, streamed
from mockserver.wire.ollama.lines import lines_of, written
from mockserver.wire.provider import Alteration

JsonObject = dict[str, Any]
Headers = Mapping[str, str]


def render(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, headers: Headers, *, time_scale: float = 1.0
) -> list[Step]:
    """The response to a request: everything that will happen on the socket, in order."""
    reply = replies[0]
    if reply.sent is not None:
        from mockserver.wire.ollama.replay import render_recorded  # most servers start without it

        return render_recorded(reply, parsed, identity, headers, time_scale)
    answer = body(replies, parsed, identity)
    if not parsed.request.stream and reply.timing is None:
        return plain(200, written(answer), headers)
    lines = lines_of(answer, reply.stream, partial(moment, identity))
    found = pauses(reply, lines, identity, time_scale)
    if not parsed.request.stream:
        return [*([Wait(sum(found))] if sum(found) else []), *plain(200, written(answer), headers)]
    return streamed(lines, found, headers)


class AnswerTemplate(NamedTuple):
    """A plain answer that was made but for its ids and moments."""

    replies: Sequence[Reply]
    parsed: ParsedRequest

    def steps(self, identity: Identity, headers: Headers) -> list[Step]:
        """The response under this identity."""
        return plain(200, written(body(self.replies, self.parsed, identity)), headers)


def template(replies: Sequence[Reply], parsed: ParsedRequest) -> AnswerTemplate | None:
    """The plain answer of these replies; None for a stream, a wait, a recorded answer."""
    if parsed.request.stream or replies[0].timing is not None or replies[0].sent is not None:
        return None
    return AnswerTemplate(replies, parsed)


def events(
    answer: JsonObject, replies: Sequence[Reply], parsed: ParsedRequest, alteration: Alteration
) -> list[JsonObject]:
    """The lines that say an answer."""
    del parsed
    identity = alteration.occasion.identity if alteration.occasion is not None else None
    return lines_of(answer, replies[0].stream, partial(moment, identity) if identity is not None else None)


def frame(
    value: JsonObject | list[JsonObject], headers: Headers, pauses: Sequence[float], alteration: Alteration
) -> list[Step]:
    """The steps that send a whole answer, or the lines of a stream."""
    del alteration
    if isinstance(value, list):
        return streamed(value, pauses, headers)
    return [*[Wait(pause) for pause in pauses], *plain(200, written(value), headers)]


def pauses(reply: Reply, lines: Sequence[JsonObject], identity: Identity, scale: float) -> list[float]:
    """The pause before each line that says something; jitter is drawn from the identity, so it repeats."""
    timing = reply.timing
    if timing is None or not scale:
        return []
    chance = Random(identity.completion_id)
    gaps = [timing.gap * (1 + timing.jitter * chance.uniform(-1, 1)) for _ in range(max(len(lines) - 2, 0))]
    return [pause * scale for pause in (timing.first_token, *gaps)]
