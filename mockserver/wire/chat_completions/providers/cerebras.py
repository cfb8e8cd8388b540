"""Cerebras: short hexadecimal ids, and how long everything took."""

from typing import Any

from mockserver.wire.chat_completions.providers.quirks import (
    hexadecimal,
    in_finish_chunk,
    own_headers,
    silent,
    sound_history,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_TOOK = {"queue_time": 0.0002, "prompt_time": 0.004, "completion_time": 0.03, "total_time": 0.04}


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Its own histories come back."""
    return sound_history(data)


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """Nine hexadecimal digits."""
    return hexadecimal(letters, 9)


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has no content."""
    silent(body, None, missing=True)
    without_keys(body, "refusal", "annotations")
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """How long it took."""
    return {**body, "time_info": {**_TOOK, "created": body["created"]}}


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """How long it took, at the end."""
    return in_finish_chunk(chunks, time_info=_TOOK)


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """Nothing around the error."""
    said = body["error"]
    return {key: said.get(key) for key in ("message", "type", "param", "code")}


CEREBRAS = Provider(
    "cerebras",
    "Cerebras",
    source="recorded; the error's shape is known from experience",
    manner=Manner(
        ids="nine hexadecimal digits",
        content="no key",
        extras="`time_info`",
        errors='flat: `{"message", "type", "param", "code"}`',
        thinking="`reasoning`",
    ),
    hear=hear,
    thinking=REASONING,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
    error=error,
)
