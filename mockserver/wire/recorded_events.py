"""Recorded answers whose events are kept as text: sent again byte by byte, with the pauses that were heard.

An API whose events all differ (each has a moment, or counts, of its own) keeps them so, beside what they say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any, NamedTuple

from mockserver.chat import Reply, ToolCall
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.steps import Drop, Head, Send, Step, Wait
from mockserver.wire.chat_completions.parse_recorded import Event
from mockserver.wire.chat_completions.replay import raw_response
from mockserver.wire.chat_completions.shapes import RAW, TORN
from mockserver.wire.json_text import dump

Headers = Mapping[str, str]


class StreamForm(NamedTuple):
    """How an API streams: its name, the headers of a stream, and what closes each event."""

    api: str
    head: tuple[tuple[str, str], ...]
    end: bytes


def recorded_call(name: Any, arguments: Any, call_id: Any) -> ToolCall:
    """A call as it was heard.

    Raises:
        ValueError: it is not one of the API's.
    """
    if not isinstance(name, str) or not isinstance(arguments, dict | None):
        raise ValueError("a call has a name, and an object of arguments")
    return ToolCall(name, dump(arguments or {}), call_id if isinstance(call_id, str) else None)


def with_events(reply: Reply, events: Sequence[Event], *, cut: bool, api: str) -> Reply:
    """The reply with the events that said it."""
    chunks = tuple(Chunk(TORN if event.torn else RAW, (len(event.text),)) for event in events)
    texts = {name: "".join(event.text for event in events if event.torn == (name == TORN)) for name in (RAW, TORN)}
    gaps = tuple(event.gap for event in events)
    kept = {name: text for name, text in texts.items() if text}
    return replace(reply, sent=Sent(chunks=chunks, texts=kept, gaps=gaps, cut=cut, api=api))


def recorded_steps(reply: Reply, form: StreamForm, stream: bool, headers: Headers, scale: float) -> list[Step] | None:
    """The response as it was heard; None for an answer that has to be written anew, after the pauses of its own."""
    sent = reply.sent or Sent()
    if sent.body is not None:
        return raw_response(sent, headers, scale)
    if sent.cut and (sent.chunks is None or not stream):
        return [*recorded_wait(sent, scale), Drop()]
    if sent.api != form.api or not stream or sent.chunks is None:
        return None
    steps: list[Step] = [Head(200, (*form.head, *headers.items()))]
    places = dict.fromkeys(sent.texts, 0)
    for chunk, gap in zip(sent.chunks, chain(sent.gaps, repeat(0)), strict=False):
        start = places[chunk.shape]
        places[chunk.shape] = start + chunk.lengths[0]
        text = sent.texts[chunk.shape][start : start + chunk.lengths[0]]
        steps += [Wait(gap / 1000 * scale)] if gap and scale else []
        closing = b"" if chunk.shape == TORN else form.end
        steps.append(Send(text.encode("utf-8", "surrogateescape") + closing))
    return [*steps, *([Drop()] if sent.cut else [])]


def recorded_wait(sent: Sent, scale: float) -> list[Step]:
    """One pause as long as all that were heard."""
    seconds = sum(sent.gaps) / 1000 * scale
    return [Wait(seconds)] if seconds else []
