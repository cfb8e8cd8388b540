"""Qwen on DashScope: later pieces of a call with an empty id, errors with a request id beside them."""

from typing import Any

from mockserver.wire.chat_completions.providers.quirks import (
    each_piece,
    own_headers,
    silent,
    sound_history,
    uuid,
    without,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING_CONTENT
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_OWN = ("enable_thinking", "thinking_budget", "enable_search", "search_options", "top_k", "repetition_penalty")


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Parameters of its own are taken."""
    return sound_history(without(data, *_OWN))


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """`call_` and 22 letters and digits."""
    return f"call_{letters[-22:].lower()}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has an empty text."""
    silent(body, "")
    without_keys(body, "refusal", "annotations")
    return body


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Later pieces of a call say type and an empty id again."""
    return each_piece(chunks, lambda call: call if "id" in call else {**call, "id": "", "type": "function"})


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """A bad request is told with its status before the text; the request's id stands beside the error."""
    said = body["error"]
    asked = uuid(occasion.identity.request_id)
    if status != 400:
        return {"error": said, "request_id": asked}
    text = f"<400> InternalError.Algo.InvalidParameter: {said['message']}"
    kind = {"code": "invalid_parameter_error", "param": None, "type": "invalid_request_error"}
    return {"error": {**kind, "message": text}, "request_id": asked}


QWEN = Provider(
    "qwen",
    "Qwen on DashScope",
    source="known from experience, not verified",
    manner=Manner(
        ids="`call_` and 22 letters and digits",
        content='`""`',
        stream='later pieces of a call have `id: ""`',
        errors="`invalid_parameter_error`, `<400> InternalError.Algo.InvalidParameter: …`, `request_id` beside it",
        requests="parameters such as `enable_thinking`",
        thinking="`reasoning_content`",
    ),
    hear=hear,
    thinking=REASONING_CONTENT,
    headers=own_headers,
    ids=ids,
    said=said,
    chunks=chunks,
    error=error,
)
