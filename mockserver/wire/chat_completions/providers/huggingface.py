"""Hugging Face's router: an index everywhere, reasoning beside the content."""

from typing import Any

from mockserver.wire.chat_completions.providers.quirks import (
    messages,
    number_calls,
    own_headers,
    silent,
    sound_history,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING_CONTENT, in_tags
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Its own histories come back."""
    return sound_history(data)


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has an empty text; thinking is a part of the text, in tags."""
    silent(body, "")
    in_tags(body)
    without_keys(body, "refusal", "annotations")
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Calls have an index; there is room for the prompt and for what is known of it."""
    number_calls(body)
    for message in messages(body):
        message.setdefault("reasoning", None)
    return {**body, "prompt": [], "metadata": None}


HUGGINGFACE = Provider(
    "huggingface",
    "Hugging Face's router",
    source="recorded",
    manner=Manner(
        index="in plain answers too",
        content='`""`',
        extras="`reasoning` in the message, `prompt` and `metadata` beside the choices",
        thinking="`<think>` in the content",
    ),
    hear=hear,
    thinking=REASONING_CONTENT,
    headers=own_headers,
    said=said,
    body=body,
)
