"""Stream faults in the bytes: a stream that ends early, stalls, or has odd framing."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from mockserver.faults.advice import FAILED
from mockserver.faults.fault import Context, DoesNotApply, Parameter, Promises, one_of, seconds, text
from mockserver.faults.register import Register
from mockserver.faults.wire_layers import (
    Steps,
    body_of,
    encoded,
    events_of,
    head_of,
    other_events,
    streamed,
    whole,
    with_bytes,
    with_sends,
)
from mockserver.steps import Drop, Send, Step, Wait

_CUT_SHORT = Promises(complete="broken")
_DATA = b"data: "

entry = Register("stream", "steps", needs=("stream",), promises=_CUT_SHORT, robust=FAILED)


@entry(
    "error_event",
    "In the middle of the stream there is an event with an error, and the stream ends; the status was 200.",
    source="seen to raise an APIError in the openai SDK and LangChain",
    message=Parameter("The server had an error while processing your request. Sorry about that!", "its text", text),
)
def _error_event(steps: Steps, context: Context) -> list[Step]:
    events, parts = events_of(steps, context), context.lenses
    errors = [parts.framing.write(event) for event in parts.error_events(context.parameters["message"])]
    return other_events(steps, [*events[: len(events) // 2], *errors])


@entry(
    "disconnect_mid_arguments",
    "The connection closes inside an event that carries arguments.",
    needs=("call", "stream"),
    source="seen to be taken for a whole call by the openai SDK and LangChain where the body just ends",
)
def _disconnect_mid_arguments(steps: Steps, context: Context) -> list[Step]:
    found = [
        (place, context.lenses.framing.arguments.search(event)) for place, event in enumerate(events_of(steps, context))
    ]
    places = [(place, match.end()) for place, match in found if match is not None]
    if not places:
        raise DoesNotApply("no event carries arguments")
    place, end = places[len(places) // 2]
    *kept, event = with_sends(steps, place + 1)
    assert isinstance(event, Send)
    return [*kept, Send(event.data[:end]), Drop()]


@entry(
    "stall",
    "In the middle of the answer there is a long silence; then it goes on.",
    needs=(),
    promises=Promises(),
    source="known from experience, no report read",
    robust="Bound the time between two pieces, not only that of the whole answer; then take it for a failed request.",
    seconds=Parameter(60.0, "how long the silence lasts", seconds),
)
def _stall(steps: Steps, context: Context) -> list[Step]:
    silence = Wait(context.parameters["seconds"])
    if not streamed(steps, context):
        body = body_of(steps)
        first = list(with_bytes(steps, len(body) // 2))
        return [*first, silence, Send(body[len(body) // 2 :])]
    before = list(with_sends(steps, len(events_of(steps, context)) // 2))
    return [*before, silence, *steps[len(before) :]]


@entry(
    "slow_first_byte",
    "The answer begins late.",
    needs=(),
    promises=Promises(),
    source="known from experience, no report read",
    robust="Wait patiently for the first byte, within a bound of its own, and let the user see that you wait.",
    seconds=Parameter(5.0, "how long it takes", seconds),
)
def _slow_first_byte(steps: Steps, context: Context) -> list[Step]:
    return [Wait(context.parameters["seconds"]), *steps]


@entry(
    "bad_sse_framing",
    "The events are framed in unusual ways that the standard allows.",
    promises=Promises(),
    source="comments were seen to be survived by three clients, the rest is known from experience. The openai SDK "
    "takes a comment for an empty event once an event had an id, and fails",
    robust="Read events as the standard says: any line end, any field, several data lines, bytes in any pieces.",
    form=Parameter(
        "mixed",
        "crlf, cr, no_space, multi_line, comments, fields, segments (cut inside characters), or mixed",
        one_of("mixed", "crlf", "cr", "no_space", "multi_line", "comments", "fields", "segments"),
    ),
)
def _bad_sse_framing(steps: Steps, context: Context) -> list[Step]:
    if not context.lenses.framing.is_sse:
        raise DoesNotApply("this API does not stream server-sent events")
    form, events = context.parameters["form"], events_of(steps, context)
    if form == "segments":
        return _in_segments(steps)
    forms = list(_FORMS.values()) if form == "mixed" else [_FORMS[form]]
    return other_events(steps, [context.chance.choice(forms)(event, context.chance) for event in events])


def _multi_line(event: bytes, _: Random) -> bytes:
    """The JSON of an event over several data lines."""
    head, _data, rest = event.partition(_DATA)
    data = rest.rstrip(b"\n")
    try:
        value: Any = json.loads(data)
    except ValueError:
        return event
    lines = json.dumps(value, indent=0).encode("ascii").split(b"\n")
    return head + b"".join([_DATA + line + b"\n" for line in lines]) + b"\n"


_FORMS: dict[str, Callable[[bytes, Random], bytes]] = {
    "crlf": lambda event, _: event.replace(b"\n", b"\r\n"),
    "cr": lambda event, _: event.replace(b"\n", b"\r"),
    "no_space": lambda event, _: event.replace(_DATA, b"data:", 1),
    "multi_line": _multi_line,
    "comments": lambda event, _: b": keep-alive\n\n" + event,
    "fields": lambda event, chance: b"id: %d\nretry: 3000\n" % chance.randrange(1000) + event,
}


def _in_segments(steps: Steps) -> list[Step]:
    """Every event in two writes, cut inside a character of several bytes where there is one."""
    found: list[Step] = []
    for step in steps:
        if not isinstance(step, Send):
            found.append(step)
            continue
        place = inside_a_character(step.data) or len(step.data) // 2
        found += [Send(step.data[:place]), Wait(_SEGMENTS_APART), Send(step.data[place:])]
    return found


_SEGMENTS_APART = 0.001


def inside_a_character(data: bytes) -> int | None:
    """A place in the middle of the first character that has several bytes."""
    return next((place for place, byte in enumerate(data) if byte & 0xC0 == 0x80), None)


@entry(
    "json_instead_of_sse",
    "A streamed answer was asked for, and a plain one comes.",
    promises=Promises(complete="open"),
    source="known from experience, no report read",
)
def _json_instead_of_sse(steps: Steps, context: Context) -> list[Step]:
    read = [context.lenses.framing.read(event) for event in events_of(steps, context)]
    try:
        body = context.lenses.assembled([event for event in read if event is not None])
    except ValueError as reason:
        raise DoesNotApply(str(reason)) from None
    return whole(steps, "application/json", encoded(body))


@entry(
    "done_sent",
    "After the last event there is a `[DONE]`, which this API does not send.",
    promises=Promises(),
    source="seen to be harmless for ten clients; servers that serve chat completions, too",
    robust="Take the API's own last event for the end, and pass over what comes after it.",
)
def _done_sent(steps: Steps, context: Context) -> list[Step]:
    return other_events(steps, [*events_of(steps, context), b"data: [DONE]\n\n"])


@entry(
    "sse_instead_of_json",
    "A plain answer was asked for, and a streamed one comes.",
    needs=("plain",),
    promises=Promises(complete="open"),
    source="known from experience, no report read",
)
def _sse_instead_of_json(steps: Steps, context: Context) -> list[Step]:
    if streamed(steps, context):
        raise DoesNotApply("it shows in a plain answer only, and this answer is streamed")
    if head_of(steps).status != 200:
        raise DoesNotApply("the answer is an error")
    framing, events = context.lenses.framing, context.lenses.streamed(json.loads(body_of(steps)))
    return whole(steps, framing.content_type, b"".join([*map(framing.write, events), framing.end]))
