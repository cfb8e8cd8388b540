"""An answer that goes wrong on purpose: the sound one, taken apart, struck layer by layer, and put together again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.faults import Injection
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.as_stream import as_stream
from mockserver.wire.codec import encode
from mockserver.wire.identity import Identity
from mockserver.wire.read import Heard
from mockserver.wire.sse import DONE, frame
from mockserver.wire.write import Headers, body, plain, streamed, write, write_error

JsonObject = dict[str, Any]


def write_broken(  # noqa: PLR0913, PLR0917 - `write`, and what is to go wrong
    replies: Sequence[Reply],
    heard: Heard,
    identity: Identity,
    headers: Headers,
    injection: Injection,
    time_scale: float = 1.0,
) -> list[Step]:
    """The response to a request, as `write` gives it, with the faults of body, chunks and steps that are due.

    Raises:
        NotApplicable: a fault asked for by name finds nothing that it could break.
        NotProducible: a fault asked for by name is one that can't be produced.
    """
    steps = write(replies, heard, identity, headers, time_scale=time_scale)
    layers = {due.chosen.fault.layer for due in injection.due}
    if heard.request.stream and layers & {"body", "chunks"}:
        said = streamed(replies, heard, identity)
        if "body" in layers:
            struck = injection.into("body", body(replies, heard, identity))
            said = as_stream(struck, heard.request, identity, replies[0].stream)
        steps = _streamed_again(steps, injection.into("chunks", said))
    elif layers & {"body", "chunks"}:
        injection.into("chunks", [])
        steps = _said_again(steps, injection.into("body", body(replies, heard, identity)))
    return labelled(injection.into("steps", steps), injection)


def write_broken_error(error: ApiError, headers: Headers, injection: Injection) -> list[Step]:
    """The response that says an error, with the faults of its steps that are due."""
    return labelled(injection.into("steps", write_error(error, headers)), injection)


def labelled(steps: Sequence[Step], injection: Injection) -> list[Step]:
    """The steps with `x-mock-fault` in every response head."""
    label = ("x-mock-fault", "; ".join(injection.names))
    if not injection.names:
        return list(steps)
    return [replace(step, headers=(*step.headers, label)) if isinstance(step, Head) else step for step in steps]


def _said_again(steps: Sequence[Step], struck: JsonObject) -> list[Step]:
    """The same response with another body."""
    head = next(step for step in steps if isinstance(step, Head))
    kept = {name: value for name, value in head.headers if name not in ("content-type", "content-length")}
    return [*[step for step in steps if isinstance(step, Wait)], *plain(head.status, encode(struck), kept)]


def _streamed_again(steps: Sequence[Step], chunks: Sequence[JsonObject]) -> list[Step]:
    """The same response with other chunks, paced as those before were."""
    head = next(step for step in steps if isinstance(step, Head))
    pauses = [step for step in steps if isinstance(step, Wait)]
    paced: list[Step] = []
    for place, chunk in enumerate(chunks):
        paced += [*pauses[place : place + 1], Send(frame(chunk))]
    return [head, *paced, Send(DONE)]
