"""An answer that goes wrong on purpose: the sound one, taken apart, struck layer by layer, and put together again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.faults import Injection
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.codec import encode
from mockserver.wire.cut import cut
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
            said = chunks_of(struck, said, replies[0].stream)
        steps = _streamed_again(steps, injection.into("chunks", said))
    elif "body" in layers:
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


def chunks_of(body: JsonObject, sound: Sequence[JsonObject], how: str | int | None) -> list[JsonObject]:
    """A completion, whatever it looks like, as the chunks of a stream; `sound` are those of the unbroken one."""
    shared = {key: value for key, value in sound[0].items() if key not in ("choices", "usage")}
    tail = {"usage": None} if "usage" in sound[0] else {}
    choices = body.get("choices")
    found: list[JsonObject] = []
    for choice in choices if isinstance(choices, list) else ():
        for delta in _deltas(choice.get("message") or {}, how):
            entry = {"index": choice.get("index"), "delta": delta, "logprobs": None, "finish_reason": None}
            found.append({**shared, "choices": [entry], **tail})
        end = {"index": choice.get("index"), "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}
        found.append({**shared, "choices": [end], **tail})
    if tail:
        found.append({**shared, "choices": [], "usage": body.get("usage")})
    return found


def _deltas(message: JsonObject, how: str | int | None) -> Iterator[JsonObject]:
    """The role first, then whatever the message holds: texts in pieces, calls opened before their arguments."""
    yield {"role": message.get("role", "assistant")}
    for key, value in message.items():
        if key in ("role", "annotations") or (value is None and key != "content"):
            continue
        if key == "tool_calls" and isinstance(value, list):
            yield from _calls(value, how)
        elif isinstance(value, str) and value:
            yield from ({key: piece} for piece in cut(value, how))
        else:
            yield {key: value}


def _calls(calls: Sequence[JsonObject], how: str | int | None) -> Iterator[JsonObject]:
    if not calls:
        yield {"tool_calls": []}
    for index, call in enumerate(calls):
        function = call.get("function") or {}
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            yield {"tool_calls": [{"index": index, **call}]}
            continue
        yield {"tool_calls": [{"index": index, **call, "function": {**function, "arguments": ""}}]}
        pieces = [arguments] if arguments == "{}" else cut(arguments, how, arguments=True)
        for piece in pieces:
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
