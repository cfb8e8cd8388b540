"""Answers rewritten after they were written: the body of a plain one, the chunks of a streamed one, as steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.codec import NotJson, decode, encode
from mockserver.wire.sse import DONE, frame

JsonObject = dict[str, Any]
_FRAMED = b"data: "


def streamed(steps: Sequence[Step]) -> bool:
    """Whether these steps send server-sent events."""
    return any(
        isinstance(step, Head) and dict(step.headers).get("content-type", "").startswith("text/event-stream")
        for step in steps
    )


def rewrite_body(
    steps: Sequence[Step], change: Callable[[JsonObject, int], JsonObject]
) -> tuple[list[Step], JsonObject | None]:
    """A plain answer with another body, and that body; `change` gets the body and the status.

    A body that is not a JSON object stays as it is, and None is said of it.
    """
    status = next((step.status for step in steps if isinstance(step, Head)), 200)
    sent = b"".join([step.data for step in steps if isinstance(step, Send)])
    try:
        body = decode(sent)
    except NotJson:
        return list(steps), None
    if not isinstance(body, dict):
        return list(steps), None
    body = change(body, status)
    written = encode(body)
    length = ("content-length", str(len(written)))
    found: list[Step] = []
    for step in steps:
        if isinstance(step, Head):
            headers = tuple([length if name == "content-length" else (name, value) for name, value in step.headers])
            found.append(replace(step, headers=headers))
        elif not isinstance(step, Send):
            found.append(step)
        elif written:
            found.append(Send(written))
            written = b""
    return found, body


def rewrite_chunks(steps: Sequence[Step], change: Callable[[list[JsonObject]], list[JsonObject]]) -> list[Step]:
    """A streamed answer with other chunks; what is no chunk of JSON (the closing `[DONE]`) keeps its place at the end.

    The first chunk comes when the first one came, the second when the second came, and so on. Chunks that are more
    than before come with the last one; when they are fewer, the pauses left over go before what ends the stream. A
    stream that is broken on purpose, so that its chunks are no JSON, stays as it is.
    """
    try:
        chunks, pauses, pause, end = _chunks(steps)
    except NotJson:
        return list(steps)
    found: list[Step] = [step for step in steps if isinstance(step, Head)]
    for chunk in change(chunks):
        before = pauses.pop(0) if pauses else 0.0
        found += [Wait(before)] if before else []
        found.append(Send(frame(chunk)))
    left = sum(pauses) + pause
    return [*found, *([Wait(left)] if left else []), *end]


def _chunks(steps: Sequence[Step]) -> tuple[list[JsonObject], list[float], float, list[Step]]:
    """The chunks, the pause before each, the pause after the last one, and the steps that end the stream."""
    chunks: list[JsonObject] = []
    pauses: list[float] = []
    end: list[Step] = []
    pause = 0.0
    for step in steps:
        if isinstance(step, Wait):
            pause += step.seconds
        elif isinstance(step, Send) and step.data.startswith(_FRAMED) and step.data != DONE:
            chunks.append(decode(step.data[len(_FRAMED) :]))
            pauses.append(pause)
            pause = 0.0
        elif not isinstance(step, Head):
            end.append(step)
    return chunks, pauses, pause, end
