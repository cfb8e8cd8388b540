"""A plain answer rewritten after it was written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mockserver.steps import Head, Send, Step
from mockserver.wire.codec import NotJson, decode, encode

JsonObject = dict[str, Any]


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
