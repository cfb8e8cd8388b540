"""Adapters for faults of the body and of events: a function over an API's parts becomes a fault of its layer."""

from collections.abc import Callable, Sequence
from copy import deepcopy

from mockserver.faults.fault import Apply, Context, DoesNotApply, NotHere
from mockserver.faults.parts import AnswerParts, BodyParts, CallParts, Events, JsonObject, Run, Slot

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
