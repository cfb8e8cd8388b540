"""Bytes of an answer: one JSON object, or JSON lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.ollama.lines import write_line

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

CONTENT_TYPE, STREAM_TYPE = "application/json; charset=utf-8", "application/x-ndjson"
STREAM_HEAD = (("content-type", STREAM_TYPE), ("transfer-encoding", "chunked"))


def plain(status: int, data: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    return [
        Head(status, (("content-type", CONTENT_TYPE), ("content-length", str(len(data))), *headers.items())),
        Send(data),
    ]


def streamed(lines: Sequence[JsonObject], pauses: Sequence[float], headers: Headers) -> list[Step]:
    """Lines with the pauses before them; pauses for which there is no line come before the last."""
    steps: list[Step] = [Head(200, (*STREAM_HEAD, *headers.items()))]
    for place, line in enumerate(lines):
        left = pauses[place:] if place == len(lines) - 1 else pauses[place : place + 1]
        steps += [*([Wait(sum(left))] if sum(left) else []), Send(write_line(line))]
    return steps
