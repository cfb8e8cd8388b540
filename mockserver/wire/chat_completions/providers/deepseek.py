"""DeepSeek: reasoning before the answer, and histories that must bring it back."""

from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.chat_completions.providers.quirks import (
    each_delta,
    messages,
    own_headers,
    silent,
    sound_history,
    uuid,
    with_keys,
    without,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING_CONTENT, THINKING
from mockserver.wire.provider import Manner, Occasion, Provider
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_NOT_BACK = "The `reasoning_content` in the thinking mode must be passed back to the API."


def _thinks(model: str, data: JsonObject | None = None) -> bool:
    """Whether the model, or the request, is in thinking mode."""
    asked = (data or {}).get("thinking")
    if isinstance(asked, dict) and "type" in asked:
        return bool(asked["type"] == "enabled")
    return "reasoner" in model or "-r1" in model or ("thinking" in model and "non-thinking" not in model)


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Assistant messages that call bring back what the model thought.

    Raises:
        Refused: the reasoning of one is missing, in thinking mode.
    """
    found = data.get("messages")
    if _thinks(str(data.get("model")), data) and isinstance(found, list):
        for message in found:
            if isinstance(message, dict) and message.get("tool_calls") and not message.get("reasoning_content"):
                raise Refused(ApiError(400, _NOT_BACK, code="invalid_request_error"))
    return sound_history(without(data, "thinking"))


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """`call_`, the number of the call, and 24 letters and digits."""
    return f"call_{place:02}_{letters}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """What the model thought stands before what it says; the answer's id is a UUID."""
    silent(body, "")
    without_keys(body, "refusal", "annotations")
    if _thinks(body["model"]):
        for message in messages(body):
            if THINKING in message:
                continue
            called = [call["function"]["name"] for call in message.get("tool_calls") or () if "function" in call]
            wish = f"I need {' and '.join(dict.fromkeys(called))} for this." if called else "I can answer this now."
            message[THINKING] = f"The user asked something. {wish}"
    body["id"] = uuid(body["id"])
    prompt = body["usage"]["prompt_tokens"]
    body["usage"] |= {"prompt_cache_hit_tokens": 0, "prompt_cache_miss_tokens": prompt}
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """No service tier."""
    body.pop("service_tier", None)
    return body


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Deltas of reasoning have no content; every chunk has a usage of null."""

    def reasoned(delta: JsonObject) -> JsonObject:
        return {"content": None, **delta} if "reasoning_content" in delta else delta

    told = with_keys(each_delta(chunks, reasoned), service_tier=None)
    return [chunk if chunk.get("usage") else {**chunk, "usage": None} for chunk in told]


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """The code of a bad request is its type."""
    said = body["error"]
    return {"error": {**said, "param": None, "code": said["type"]}} if status == 400 else body


DEEPSEEK = Provider(
    "deepseek",
    "DeepSeek's own API",
    source="recorded; crewAIInc/crewAI#5878, decolua/9router#355",
    manner=Manner(
        ids="`call_00_` and 24 letters and digits, the number is the call's",
        content='`""`, or text',
        stream="`reasoning_content` first, with `content: null`; `usage: null` in every chunk",
        extras="the answer's id is a UUID; `reasoning_content`; tokens of the prompt cache in the usage",
        errors="400 has the code `invalid_request_error`",
        requests="thinking: a history whose calls lack `reasoning_content` is refused with 400",
        thinking="`reasoning_content`",
    ),
    hear=hear,
    thinking=REASONING_CONTENT,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
    error=error,
)
