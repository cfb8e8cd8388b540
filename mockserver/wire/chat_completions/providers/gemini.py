"""Google's OpenAI-compatible endpoint to Gemini, and gateways to it."""

from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.chat_completions.providers.quirks import (
    counts_only,
    decimal,
    each_delta,
    finish_streamed,
    own_headers,
    same_index,
    silent,
    sound_history,
    whole_calls,
    without,
    without_keys,
)
from mockserver.wire.codec import encode
from mockserver.wire.provider import Manner, Occasion, Provider
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_STATUSES |= {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
_THINKING = "gemini-3"


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Calls in the history bring their thought signature back where the model thinks.

    Raises:
        Refused: one is missing.
    """
    messages = data.get("messages")
    if _thinks(str(data.get("model"))) and isinstance(messages, list):
        for place, message in enumerate(messages):
            _check_signature(place, message)
    return sound_history(without(data, "extra_body", "google"))


def _check_signature(place: int, message: Any) -> None:
    named = message.get("tool_calls") if isinstance(message, dict) else None
    if not isinstance(named, list) or not named or not isinstance(named[0], dict):
        return
    if not _signature(named[0]) and not _signature(message):
        function = named[0].get("function")
        name = function.get("name") if isinstance(function, dict) else None
        text = (
            f"Function call is missing a thought_signature in functionCall parts. This is required for tools to work "
            f"correctly. Function call `default_api:{name}`, position {place + 1}."
        )
        raise Refused(ApiError(400, text))


def _signature(holder: JsonObject) -> Any:
    extra = holder.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return google.get("thought_signature") if isinstance(google, dict) else None


def _thinks(model: str) -> bool:
    return _THINKING in model


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """Nothing at all from the preview of 2.5 Pro; a function's number from the others."""
    model = occasion.request.model if occasion.request is not None else ""
    return "" if "2.5-pro" in model and "preview" in model else f"function-call-{decimal(letters, 19)}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has no content; where the model thinks, its first call carries a signature."""
    silent(body, None, missing=True)
    without_keys(body, "refusal", "annotations")
    for choice in body["choices"]:
        for call in (choice["message"].get("tool_calls") or ())[:1]:
            if _thinks(body["model"]):
                signature = encode(call).hex()[:64]
                call["extra_content"] = {"google": {"thought_signature": signature}}
    counts_only(body)
    return body


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Every call is whole in one chunk, every delta has the role, and the stream finishes with `stop`."""
    told = each_delta(whole_calls(chunks), lambda delta: {"role": "assistant", **_without_nulls(delta)})
    told = [chunk for chunk in told if _says(chunk)]
    return finish_streamed(told, "tool_calls", "stop")


def _without_nulls(delta: JsonObject) -> JsonObject:
    return {key: value for key, value in delta.items() if value is not None}


def _says(chunk: JsonObject) -> bool:
    """Whether there is more in a chunk than a role."""
    choices = chunk.get("choices")
    return not choices or choices[0]["delta"].keys() != {"role"}


def compatible_chunks(said: Chunks, occasion: Occasion) -> Chunks:
    """As Google's, with the same index for every call."""
    return same_index(chunks(said, occasion))


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """Google's own: the status as a number and as a word."""
    word = _STATUSES.get(status, "UNKNOWN")
    return {"error": {"code": status, "message": body["error"]["message"], "status": word}}


GEMINI = Provider(
    "gemini",
    "Google's OpenAI-compatible endpoint to Gemini",
    source="recorded from gemini-2.5-pro; googleapis/python-genai#2868, envoyproxy/ai-gateway#2399; the error's shape "
    "and the other ids are known from experience",
    manner=Manner(
        ids="`function-call-` and digits; the preview of 2.5 Pro: an empty string",
        content="no key",
        stream="every call whole in one chunk, the role in every delta",
        finish="streamed: `stop`",
        extras="`extra_content.google.thought_signature` on the first call (Gemini 3); no details of usage",
        errors='`{"error": {"code": 400, "message", "status": "INVALID_ARGUMENT"}}`',
        requests="Gemini 3 refuses a history without the signature with 400; calls without ids come back",
    ),
    hear=hear,
    headers=own_headers,
    ids=ids,
    said=said,
    chunks=chunks,
    error=error,
)
GEMINI_COMPAT = replace(
    GEMINI,
    name="gemini_compat",
    about="gateways to Gemini: one index for all calls, empty replies for malformed calls",
    source="pydantic/pydantic-ai#631, #3300, vercel/ai#5039, googleapis/python-genai#1836; the rate is ours",
    manner=replace(GEMINI.manner, index="0 for every call"),
    chunks=compatible_chunks,
    faults=("empty_reply:finish=malformed_function_call,rate=5%",),
)
