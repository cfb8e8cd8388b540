"""Bytes of a response: one JSON object, server-sent events, or one JSON array in pieces."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.json_text import encode

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

CONTENT_TYPE, STREAM_TYPE = "application/json; charset=UTF-8", "text/event-stream"
_CHUNKED = ("transfer-encoding", "chunked")
EVENTS_HEAD = (("content-type", STREAM_TYPE), ("content-disposition", "attachment"), _CHUNKED)
_ARRAY = (("content-type", CONTENT_TYPE), _CHUNKED)


def plain(status: int, data: bytes, headers: Headers) -> list[Step]:
    """A whole JSON body at once."""
    named = (("content-type", CONTENT_TYPE), ("content-length", str(len(data))), *headers.items())
    return [Head(status, named), Send(data)]


def write_event(chunk: JsonObject) -> bytes:
    """One event; this API ends its lines with CRLF."""
    return b"data: " + encode(chunk) + b"\r\n\r\n"


def streamed(
    chunks: Sequence[JsonObject], pauses: Sequence[float], headers: Headers, *, sse: bool = True
) -> list[Step]:
    """Chunks with the pauses before them; pauses for which there is no chunk come before the last."""
    steps: list[Step] = [Head(200, (*(EVENTS_HEAD if sse else _ARRAY), *headers.items()))]
    last = len(chunks) - 1
    for place, chunk in enumerate(chunks):
        left = pauses[place:] if place == last else pauses[place : place + 1]
        steps += [Wait(sum(left))] if sum(left) else []
        steps.append(Send(write_event(chunk) if sse else _entry(chunk, place, last)))
    return [*steps, *([] if chunks or sse else [Send(b"[]")])]


def _entry(chunk: JsonObject, place: int, last: int) -> bytes:
    """A chunk as an entry of the array, with the brackets at its ends."""
    return (b",\r\n" if place else b"[") + encode(chunk) + (b"\n]" if place == last else b"")
