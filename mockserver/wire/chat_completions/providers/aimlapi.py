"""AI/ML API: errors and headers of its own, and what each answer cost."""

import re
from datetime import UTC, datetime
from typing import Any

from mockserver.wire.chat_completions.providers.quirks import sound_history, without
from mockserver.wire.chat_completions.reasoning import REASONING_DETAILS
from mockserver.wire.provider import Headers, JsonObject, Manner, Occasion, Provider
from mockserver.wire.refusal import Refused, invalid

CREDIT_IN_DOLLARS = 5e-7
_PROMPT_TOKEN, _COMPLETION_TOKEN = 5, 20
"""Credits for a token: the price of gpt-4o (2.50 and 10 dollars a million), whatever the model."""

_LEAST = {"seed": 1, "top_p": 0.01}
_OWN_HEADERS = ("x-request-id", "openai-", "x-ratelimit-")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_EXPOSED = "X-Inference-Id, X-Client-Request-Id, X-Aimlapi-Credits-Used, X-Aimlapi-Usd-Spent"

# What OpenAI's words begin with, and what is said instead; the words of a person's script stay as they are.
_TEXTS = {
    ("You didn't provide an API key", "Missing bearer", "Incorrect API key"): (
        "This request requires a valid API key. You can create a new API key on the Billing page: "
        "https://aimlapi.com/app/keys"
    ),
    ("You exceeded your current quota",): (
        "You've run out of credits. Please top up your balance or update your payment method to continue: "
        "https://aimlapi.com/app/billing/"
    ),
    ("Rate limit reached", "Request too large", "Slow down"): "Too Many Requests",
    ("The server had an error",): "Internal server error",
    ("The engine is currently overloaded",): "Service unavailable",
}


def hear(data: JsonObject, _: Occasion) -> JsonObject:
    """A request without the parameter `provider`, its narrower bounds kept.

    Raises:
        Refused: `seed` or `top_p` is below its bound, or a function has no `parameters`.
    """
    for key, least in _LEAST.items():
        given = data.get(key)
        if isinstance(given, int | float) and not isinstance(given, bool) and given < least:
            raise _invalid(key, f"a number from {least} up is expected, and {given} was given")
    tools = data.get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict) and function.get("parameters") is None:
            raise _invalid(f"tools[{index}].function.parameters", "an object is expected, and nothing was given")
    return sound_history(without(data, "provider"))


def _invalid(path: str, reason: str) -> Refused:
    return invalid(f"Body validation error!\n{path}: {reason}", path)


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """`{message, path, requestId, statusCode, timestamp}`."""
    said = body["error"]
    seconds = datetime.fromtimestamp(occasion.identity.created, UTC)
    moment = seconds.replace(microsecond=occasion.identity.processing_milliseconds * 1000)
    return {
        "message": _text(str(said.get("message"))),
        "path": occasion.path,
        "requestId": inference_id(occasion),
        "statusCode": str(status),
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _text(message: str) -> str:
    return next((text for beginnings, text in _TEXTS.items() if message.startswith(beginnings)), message)


def completion(body: JsonObject, _: Occasion) -> JsonObject:
    """What it cost stands beside the answer."""
    return {**body, "meta": {"usage": cost(body.get("usage"))}}


def chunks(said: list[JsonObject], _: Occasion) -> list[JsonObject]:
    """What it cost stands in the last chunk; where the usage was not asked for, each chunk counts as a token."""
    if not said:
        return said
    usage = said[-1].get("usage") or {"completion_tokens": len(said)}
    return [*said[:-1], {**said[-1], "meta": {"usage": cost(usage)}}]


def headers(given: Headers, body: JsonObject | None, occasion: Occasion) -> Headers:
    """`x-inference-id` always, the client's own id when it is a sound one, the cost beside a JSON answer."""
    kept = {name: value for name, value in given.items() if not name.startswith(_OWN_HEADERS)}
    kept["x-inference-id"] = inference_id(occasion)
    client_id = occasion.given.get("x-client-request-id", "")
    if _CLIENT_ID.fullmatch(client_id):
        kept["x-client-request-id"] = client_id
    if body is not None and "meta" in body:
        spent = body["meta"]["usage"]
        kept["x-aimlapi-credits-used"] = str(spent["credits_used"])
        kept["x-aimlapi-usd-spent"] = f"{spent['usd_spent']:.9f}"
    if "access-control-expose-headers" in kept:
        kept["access-control-expose-headers"] = _EXPOSED
    return kept


def cost(usage: Any) -> JsonObject:
    """Credits and dollars for a usage."""
    counted = usage if isinstance(usage, dict) else {}
    tokens = counted.get("prompt_tokens", 0) * _PROMPT_TOKEN + counted.get("completion_tokens", 0) * _COMPLETION_TOKEN
    return {"credits_used": tokens, "usd_spent": round(tokens * CREDIT_IN_DOLLARS, 9)}


def inference_id(occasion: Occasion) -> str:
    """A UUID cut from the request id."""
    digits = occasion.identity.request_id.removeprefix("req_")
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:]))


AIMLAPI = Provider(
    "aimlapi",
    "AI/ML API: errors of its own shape, x-inference-id, the cost of each answer",
    source="AI/ML API's documentation",
    manner=Manner(
        extras="`meta.usage` with credits and dollars, in a stream in the last chunk; `x-inference-id`",
        errors='`{"message", "path", "requestId", "statusCode", "timestamp"}`',
        requests="the parameter `provider`; `seed` from 1, `top_p` from 0.01, `parameters` on every function",
        thinking="`reasoning` and `reasoning_details`",
    ),
    hear=hear,
    thinking=REASONING_DETAILS,
    error=error,
    body=completion,
    chunks=chunks,
    headers=headers,
    lists_openly=True,
)
