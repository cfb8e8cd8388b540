"""The framing of messages: a JSON body, named server-sent events with their pauses, headers of a provider."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.codec import encode
from mockserver.wire.messages.stream import spoken_places
from mockserver.wire.provider import Occasion, Provider

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_JSON = ("content-type", "application/json")
_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_NAMED = {
    name: f"event: {name}\ndata: ".encode()
    for name in (
        "message_start", "ping", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
        "message_stop", "error",
    )
}  # fmt: skip


def plain(status: int, data: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    return [Head(status, (_JSON, ("content-length", str(len(data))), *headers.items())), Send(data)]


def frame_event(event: JsonObject) -> bytes:
    """One event of a stream, with its name."""
    name = event.get("type")
    data = encode(event)
    opening = _NAMED.get(name) if isinstance(name, str) else None
    return (opening or b"data: ") + data + b"\n\n"


def streamed(events: Sequence[JsonObject], pauses: Sequence[float], headers: Headers) -> list[Step]:
    """Events with the pauses before those that say something; pauses that are left come before the end."""
    head = Head(200, (*_STREAM, *headers.items()))
    if not pauses:
        return [head, *[Send(frame_event(event)) for event in events]]
    waits = dict(zip(spoken_places(events), pauses, strict=False))
    left = sum(pauses[len(waits) :])
    steps: list[Step] = [head]
    for place, event in enumerate(events):
        pause = waits.get(place, 0) + (left if place == len(events) - 1 else 0)
        steps += [*([Wait(pause)] if pause else []), Send(frame_event(event))]
    return steps


def with_headers(
    steps: Sequence[Step], provider: Provider, message: JsonObject | None, occasion: Occasion | None
) -> list[Step]:
    """The response with a provider's headers; `message` is the finished body, None for a stream."""
    named = provider.headers
    if named is None or occasion is None:
        return list(steps)
    return [
        replace(step, headers=tuple(named(dict(step.headers), message, occasion).items()))
        if isinstance(step, Head)
        else step
        for step in steps
    ]


def dated(steps: Sequence[Step], retry_at: float) -> list[Step]:
    """The response with the moment, so many seconds after it is sent, at which to come again."""
    date = (("retry-after", retry_at),)
    return [replace(step, dates=date) if isinstance(step, Head) else step for step in steps]
