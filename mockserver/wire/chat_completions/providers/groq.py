"""Groq: no content beside calls, whole calls in one chunk, and an error instead of a call that does not fit."""

import json
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Reply, Tool, ToolCall
from mockserver.wire.chat_completions.providers.quirks import (
    each_delta,
    in_finish_chunk,
    own_headers,
    silent,
    sound_history,
    uuid,
    whole_calls,
    without,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING
from mockserver.wire.provider import Manner, Occasion, Provider
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_OWN = ("reasoning_format", "include_reasoning", "search_settings", "compound_custom", "citation_options")
_FAILED = "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details."
_NOT_CALLED = "Tool choice is required, but model did not call a tool"


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """The content of an assistant message is text.

    Raises:
        Refused: it is a list of parts.
    """
    messages = data.get("messages")
    for place, message in enumerate(messages if isinstance(messages, list) else ()):
        said = message.get("content") if isinstance(message, dict) and message.get("role") == "assistant" else None
        if isinstance(said, list):
            text = (
                f"'messages.{place}' : for 'role:assistant' the following must be satisfied"
                f"[('messages.{place}.content' : value must be a string)]"
            )
            raise Refused(ApiError(400, text))
    return sound_history(without(data, *_OWN))


def refuse(reply: Reply, occasion: Occasion) -> ApiError | None:
    """The model's call is judged before it is sent: what does not parse or fit is an error."""
    request = occasion.request
    if request is None:
        return None
    if not reply.calls:
        required = request.tool_choice.mode == "required"
        return _failed(_NOT_CALLED, reply.text or "") if required and reply.refusal is None else None
    for call in reply.calls:
        wrong = _wrong(call, request)
        if wrong is not None:
            return _failed(wrong, f"<function={call.name}>{call.arguments}</function>")
    return None


def _failed(message: str, generation: str) -> ApiError:
    return ApiError(400, message, code="tool_use_failed", extra={"failed_generation": generation})


def _wrong(call: ToolCall, request: ChatRequest) -> str | None:
    """What is wrong with a call, in the server's words."""
    tool = request.tool(call.name)
    if tool is None:
        named = f"attempted to call tool '{call.name}' which was not in request.tools"
        return f"Tool call validation failed: tool call validation failed: {named}"
    if call.kind == "custom":
        return None
    try:
        values = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return _FAILED
    return _misfit(tool, values)


def _misfit(tool: Tool, values: Any) -> str | None:
    """What does not fit the schema; a schema that cannot be used judges nothing."""
    import jsonschema_rs  # most servers never need it

    try:
        errors = list(jsonschema_rs.validator_for(dict(tool.parameters or {})).iter_errors(values))
    except (ValueError, jsonschema_rs.ValidationError):
        return None
    if not errors:
        return None
    listed = ", ".join(f"`{'/'.join(['', *map(str, error.instance_path)])}`: {error.message}" for error in errors)
    return (
        f"Tool call validation failed: tool call validation failed: parameters for tool {tool.name} did not match "
        f"schema: errors: [{listed}]"
    )


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """Nine letters and digits; a UUID from gpt-oss."""
    model = occasion.request.model if occasion.request is not None else ""
    return f"fc_{uuid(letters)}" if "gpt-oss" in model else letters[-9:].lower()


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has no content; a call without arguments has `null` for them."""
    silent(body, None, missing=True)
    without_keys(body, "refusal", "annotations")
    for choice in body["choices"]:
        for call in choice["message"].get("tool_calls") or ():
            if "function" in call and call["function"].get("arguments") == "{}":
                call["function"]["arguments"] = "null"
    usage = body["usage"]
    spent = {"queue_time": 0.02, "prompt_time": 0.01, "completion_time": 0.04, "total_time": 0.05}
    counted = {key: value for key, value in usage.items() if not key.endswith("_details")}
    body["usage"] = {"queue_time": spent.pop("queue_time"), **counted, **spent}
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Groq's own id stands beside the answer's."""
    return {**body, "x_groq": {"id": occasion.identity.request_id}, "service_tier": "on_demand"}


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """The role comes with an empty text, every call whole, and the finish chunk says what it cost."""
    told = each_delta(whole_calls(chunks), _with_text)
    usage = occasion.usage
    own: JsonObject = {"id": occasion.identity.request_id}
    if told:
        told[0] = {**told[0], "x_groq": own}
    return in_finish_chunk(told, x_groq={**own, "usage": usage}, usage=usage)


def _with_text(delta: JsonObject) -> JsonObject:
    return {"content": "", **delta} if "role" in delta and "tool_calls" not in delta else delta


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """Errors have no `param`."""
    return {"error": {key: value for key, value in body["error"].items() if key != "param"}}


GROQ = Provider(
    "groq",
    "Groq",
    source="recorded; groq/groq-typescript#28, #103, langchain-ai/langchain#33896, vierisid/jarvis#199",
    manner=Manner(
        ids="nine letters and digits; gpt-oss: `fc_` and a UUID",
        arguments='`"null"` for none',
        content="no key",
        stream='the role with `content: ""`, every call whole in one chunk, the usage in the finish chunk',
        finish="`tool_calls`, a named choice too",
        extras="`x_groq`, times in the usage",
        errors="no `param`; 400 `tool_use_failed` with `failed_generation` instead of a call that does not fit, is not "
        "offered, or is missing where one is required",
        requests="content of an assistant message must be text",
        thinking="`reasoning`",
    ),
    hear=hear,
    thinking=REASONING,
    headers=own_headers,
    refuse=refuse,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
    error=error,
)
