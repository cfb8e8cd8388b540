"""Moonshot's API to Kimi: ids that count the calls of a conversation by name."""

from dataclasses import replace
from typing import Any

from mockserver.wire.chat_completions.providers.quirks import own_headers, silent, sound_history, without, without_keys
from mockserver.wire.chat_completions.reasoning import REASONING_CONTENT
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Its own histories come back."""
    return sound_history(without(data, "thinking", "partial"))


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """The name and how many calls came before in the conversation."""
    earlier = occasion.request.messages if occasion.request is not None else ()
    return f"{name}:{sum([len(message.tool_calls) for message in earlier]) + place}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has an empty text."""
    silent(body, "")
    without_keys(body, "refusal", "annotations")
    return body


MOONSHOT = Provider(
    "moonshot",
    "Moonshot's API to Kimi",
    source="HKUDS/nanobot#4473, MoonshotAI/kimi-cli#2513",
    manner=Manner(ids="`name:n`, counted through the conversation", content='`""`', thinking="`reasoning_content`"),
    hear=hear,
    thinking=REASONING_CONTENT,
    headers=own_headers,
    ids=ids,
    said=said,
)
KIMI = replace(
    MOONSHOT,
    name="kimi",
    about="Kimi as its users met it: repeated ids, objects encoded twice",
    source="HKUDS/nanobot#4473, MoonshotAI/kimi-cli#2513; the rates are ours",
    faults=("duplicate_ids:rate=5%", "object_as_string:rate=5%"),
)
