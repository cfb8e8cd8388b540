"""Events → bytes and steps: server-sent events, each with its name, and the pauses before those that say something."""

from collections.abc import Mapping, Sequence

from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.codec import encode
from mockserver.wire.dialect import JsonObject
from mockserver.wire.responses.events import DELTAS

Headers = Mapping[str, str]

_STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked"))
_OPENING = ("response.created", "response.queued", "response.in_progress")


def frame_event(event: JsonObject) -> bytes:
    """One event: its name, and its JSON."""
    name = event.get("type")
    line = b"event: " + name.encode("utf-8", "replace") + b"\n" if isinstance(name, str) else b""
    return line + b"data: " + encode(event) + b"\n\n"


def streamed(events: Sequence[JsonObject], pauses: Sequence[float], headers: Headers) -> list[Step]:
    """Events with the pauses before those that say something; pauses that are left come before the last one."""
    steps: list[Step] = [Head(200, (*_STREAM, *headers.items()))]
    if not pauses:
        return [*steps, *[Send(frame_event(event)) for event in events]]
    left: list[float] = list(pauses)
    spoken = set(spoken_places(events))
    for place, event in enumerate(events):
        if place in spoken and left:
            steps.append(Wait(left.pop(0)))
        elif place == len(events) - 1 and any(left):
            steps.append(Wait(float(sum(left))))
        steps.append(Send(frame_event(event)))
    return steps


def spoken_places(events: Sequence[JsonObject]) -> list[int]:
    """The events that a pause comes before: the first after the opening, and each further piece of a text."""
    first = next((place for place, event in enumerate(events) if event.get("type") not in _OPENING), 0)
    pieces = [place for place, event in enumerate(events) if event.get("type") in DELTAS]
    return [first, *[place for place in pieces[1:] if place > first]]
