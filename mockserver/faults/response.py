"""The steps of a response as their faults see them: its head, its framing, the bytes of its body."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mockserver.faults.fault import Context, DoesNotApply
from mockserver.faults.parts import JsonObject
from mockserver.steps import Head, Send, Step, Wait

Steps = Sequence[Step]
CHUNKED = ("transfer-encoding", "chunked")
_FRAMING = ("content-type", "content-length", "transfer-encoding")


def head_of(steps: Steps) -> Head:
    """Status line and headers."""
    return next(step for step in steps if isinstance(step, Head))


def content_type(steps: Steps) -> str:
    """The type of the body, as the head says it; "" where it does not."""
    return next((value for name, value in head_of(steps).headers if name == "content-type"), "")


def streamed(steps: Steps, context: Context) -> bool:
    """Whether the body is a stream of events."""
    return _kind(content_type(steps)) == _kind(context.lenses.framing.content_type)


def _kind(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def body_of(steps: Steps) -> bytes:
    """The whole body."""
    return b"".join([step.data for step in steps if isinstance(step, Send)])


def encoded(value: JsonObject) -> bytes:
    """JSON as an API writes it; text that UTF-8 cannot hold is written as escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def events_of(steps: Steps, context: Context) -> list[bytes]:
    """The events of a stream, its end (such as `[DONE]`) among them.

    Raises:
        DoesNotApply: it is not a stream.
    """
    if not streamed(steps, context):
        raise DoesNotApply("it shows in a streamed answer only, and this one is plain")
    return [step.data for step in steps if isinstance(step, Send)]


def other_events(steps: Steps, events: Sequence[bytes]) -> list[Step]:
    """The response with other events: pauses stay where they are, as far as there are events to wait for."""
    coming = list(events)
    found: list[Step] = []
    for step in steps:
        if isinstance(step, Send):
            if coming:
                found.append(replace(step, data=coming.pop(0)))
        elif coming or isinstance(step, Head):
            found.append(step)
    return [*found, *[Send(event) for event in coming]]


def framed(steps: Steps, *headers: tuple[str, str]) -> Head:
    """The head with another content type and framing; everything else in it stays."""
    head = head_of(steps)
    return replace(head, headers=(*headers, *[header for header in head.headers if header[0] not in _FRAMING]))


def whole(steps: Steps, content_type: str, body: bytes, status: int | None = None) -> list[Step]:
    """The response with another body, sent at once, complete and well framed."""
    head = framed(steps, ("content-type", content_type), ("content-length", str(len(body))))
    if status is not None:
        head = replace(head, status=status)
    return [*waited(steps), head, *([Send(body)] if body else [])]


def waited(steps: Steps) -> list[Step]:
    """One pause as long as all of the response's together."""
    seconds = sum([step.seconds for step in steps if isinstance(step, Wait)])
    return [Wait(seconds)] if seconds else []


def with_sends(steps: Steps, count: int) -> Iterator[Step]:
    """The steps up to and with so many sends."""
    for step in steps:
        if isinstance(step, Send):
            if not count:
                return
            count -= 1
        yield step


def with_bytes(steps: Steps, count: int) -> Iterator[Step]:
    """The steps up to so many bytes of the body."""
    for step in steps:
        if isinstance(step, Send):
            if count <= len(step.data):
                if count:
                    yield replace(step, data=step.data[:count])
                return
            count -= len(step.data)
        yield step
