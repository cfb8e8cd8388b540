"""Anthropic's OpenAI-compatible endpoint to Claude, and gateways to Bedrock."""

from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.chat_completions.providers.quirks import (
    calls,
    counts_only,
    own_headers,
    sound_history,
    without,
    without_keys,
)
from mockserver.wire.provider import Manner, Occasion, Provider
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_IGNORED: tuple[str, ...] = (
    "logprobs",
    "top_logprobs",
    "response_format",
    "metadata",
    "store",
    "seed",
    "service_tier",
    "user",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "prediction",
    "modalities",
    "audio",
    "thinking",
)


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Much is ignored, and there is one choice only.

    Raises:
        Refused: several choices are asked for.
    """
    if data.get("n") not in (None, 1):
        raise Refused(ApiError(400, "n: Only n=1 is supported.", param="n"))
    parsed = sound_history(without(data, *_IGNORED))
    temperature = parsed.get("temperature")
    if isinstance(temperature, int | float) and not isinstance(temperature, bool) and temperature > 1:
        parsed["temperature"] = 1
    return parsed


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """`toolu_01` and 22 letters and digits."""
    return f"toolu_01{letters[-22:]}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """No details of usage, no fingerprint."""
    without_keys(body, "refusal", "annotations")
    body["id"] = f"msg_01{body['id'][-22:]}"
    counts_only(body)
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """No service tier."""
    return {key: value for key, value in body.items() if key not in ("service_tier", "system_fingerprint")}


def bedrock_said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A call without parameters has an empty text for its arguments."""
    for call in calls(body):
        if "function" in call and call["function"].get("arguments") == "{}":
            call["function"]["arguments"] = ""
    return body


ANTHROPIC = Provider(
    "anthropic",
    "Anthropic's OpenAI-compatible endpoint to Claude",
    source="Anthropic's documentation of the endpoint; the shape of calls is not verified",
    manner=Manner(
        ids="`toolu_01` and 22 letters and digits",
        content="null, often text: script it with `text` beside `calls`",
        extras="id `msg_01…`; no details of usage",
        requests="`n` above 1 is refused; a temperature above 1 counts as 1; `logprobs`, `response_format`, penalties "
        "and more are ignored",
    ),
    hear=hear,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
)
BEDROCK_CLAUDE_GATEWAY = Provider(
    "bedrock_claude_gateway",
    "gateways to Claude on Bedrock",
    source="Kilo-Org/cloud#4753",
    manner=Manner(
        ids="`toolu_bdrk_01` and 22 letters and digits",
        arguments='a call without parameters: one `""`, and nothing more',
    ),
    hear=lambda data, occasion: sound_history(data),
    headers=own_headers,
    ids=lambda letters, place, name, occasion: f"toolu_bdrk_01{letters[-22:]}",
    said=bedrock_said,
)
