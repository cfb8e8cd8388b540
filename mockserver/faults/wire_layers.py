"""Wire layers: adapters for faults of body, events and steps."""

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace

from mockserver.faults.fault import Apply, Context, DoesNotApply, NotHere
from mockserver.faults.parts import AnswerParts, BodyParts, CallParts, Events, JsonObject, Run, Slot
from mockserver.steps import Head, Send, Step, Wait

ChangeBody = Callable[[BodyParts, Context], JsonObject | None]
"""Changes a body where it stands, or gives another one."""


def on_body(change: ChangeBody) -> Apply:
    """A fault of the body, from a function that may change what it is given."""

    def apply(body: JsonObject, context: Context) -> JsonObject:
        copied = deepcopy(body)
        return change(context.lenses.body(copied), context) or copied

    return apply


def on_calls(change: Callable[[Sequence[CallParts], Context], None]) -> Apply:
    """A fault of the calls in a body that it is meant for."""
    return on_body(lambda parts, context: change(targeted_calls(parts, context), context))


def on_one_function(change: Callable[[CallParts, Context], None]) -> Apply:
    """A fault of one function call in a body, which is drawn among those that it is meant for."""

    def changed(parts: BodyParts, context: Context) -> None:
        found = [call for call in targeted_calls(parts, context) if call.function]
        if not found:
            raise DoesNotApply("the reply calls no function")
        change(context.chance.choice(found), context)

    return on_body(changed)


def answers_with_calls(parts: BodyParts) -> list[AnswerParts]:
    """The answers that call a tool.

    Raises:
        DoesNotApply: there is none.
    """
    found = [answer for answer in parts.answers if answer.calls]
    if not found:
        raise DoesNotApply("the reply calls no tool")
    return found


def targeted_calls(parts: BodyParts, context: Context) -> list[CallParts]:
    """The calls that the fault is meant for: all of them, unless one was picked.

    Raises:
        DoesNotApply: there is none.
    """
    target = context.target
    found = [
        call
        for answer in answers_with_calls(parts)
        for number, call in enumerate(answer.calls, 1)
        if target.call in (None, number) and target.tool in (None, call.name.get())
    ]
    if not found:
        number = f"number {target.call}" if target.call is not None else "one"
        picked = number if target.tool is None else f"{number} of the tool '{target.tool}'"
        raise NotHere(f"no call of the reply is {picked}")
    return found


def required(slot: Slot | None, what: str) -> Slot:
    """A slot that a fault writes to.

    Raises:
        DoesNotApply: the API does not have it.
    """
    if slot is None:
        raise DoesNotApply(f"this API has no {what}")
    return slot


def on_events(change: Callable[[Events, Context], Events]) -> Apply:
    """A fault of a stream's events, from a function that may change what it is given."""

    def apply(events: Events, context: Context) -> Events:
        return context.lenses.sequenced(change(_copies(events), context))

    return apply


def on_runs(change: Callable[[Run, Context], Run | Events]) -> Apply:
    """A fault of the calls in a stream, from a function that changes the events of one answer that has calls."""

    def apply(events: Events, context: Context) -> Events:
        runs = context.lenses.runs(_copies(events))
        if not any(run.calls for run in runs):
            raise DoesNotApply("the reply calls no tool")
        changed = [change(run, context) if run.calls else run for run in runs]
        joined = [event for run in changed for event in (run.joined() if isinstance(run, Run) else run)]
        return context.lenses.sequenced(joined)

    return apply


def on_streamed_calls(change: Callable[[Events, Context], Events]) -> Apply:
    """A fault of single calls in a stream, from a function that changes the events of one, its opening first."""

    def changed(run: Run, context: Context) -> Run:
        target = context.target
        places = [
            place
            for place, call in enumerate(run.calls)
            if target.call in (None, place + 1) and target.tool in (None, call_in(call[0], context).name.get())
        ]
        if not places:
            raise DoesNotApply("no call of the reply is the one that was picked")
        calls = [change(call, context) if place in places else call for place, call in enumerate(run.calls)]
        return run._replace(calls=calls)

    return on_runs(changed)


def call_in(event: JsonObject, context: Context) -> CallParts:
    """What an event of a call says of it."""
    call = context.lenses.event(event).call
    assert call is not None, "an event of a call says something of it"
    return call


def _copies(events: Events) -> Events:
    """Copies that have nothing in common, so that each may be changed by itself."""
    return [deepcopy(event) for event in events]


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
        raise DoesNotApply("it shows in a streamed answer only, and this answer is plain")
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
