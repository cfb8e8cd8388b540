"""Reasoning in chat completions: the fields in which providers show what the model thought, and read it back."""

from collections.abc import Sequence
from typing import Any

from mockserver.chat import Reply, Thinking
from mockserver.wire.models import Family
from mockserver.wire.provider import ThinkingForm
from mockserver.wire.refusal import Refused, invalid

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

THINKING = "reasoning_content"
"""Where the thinking stands in a message and its deltas until the provider's form is applied."""

FIELDS = ("reasoning_content", "reasoning")
"""The fields that hold it as one text."""

DETAILS = "reasoning_details"
"""The field that holds it as a list."""


def show_thinking(completion: JsonObject, replies: Sequence[Reply]) -> None:
    """Put what the model thought in the messages of a completion, before what it says."""
    for choice, reply in zip(completion["choices"], replies, strict=True):
        if reply.thinking is not None and reply.sent is None:
            message = choice["message"]
            choice["message"] = {"role": message["role"], "content": message["content"], THINKING: reply.thinking}
            choice["message"] |= message


def thinking_deltas(chunks: Chunks, form: ThinkingForm) -> Chunks:
    """The chunks with every piece of the thinking in a provider's form."""
    return [_with_delta(chunk, form) if chunk.get("choices") else chunk for chunk in chunks]


def _with_delta(chunk: JsonObject, form: ThinkingForm) -> JsonObject:
    choice = chunk["choices"][0]
    delta = choice.get("delta") or {}
    if delta.get(THINKING) is None:
        return chunk
    return {**chunk, "choices": [{**choice, "delta": form.delta(delta)}]}


def in_tags(completion: JsonObject) -> None:
    """Put the thinking of every message in `<think>` tags at the beginning of its content."""
    for choice in completion["choices"]:
        message = choice["message"]
        if (thought := message.pop(THINKING, None)) is not None:
            message["content"] = f"<think>\n{thought}\n</think>\n\n{message.get('content') or ''}"


def thinking_in(message: JsonObject) -> Thinking | None:
    """What the model thought in an assistant message that an application sent back; None where it holds nothing."""
    for key in FIELDS:
        if isinstance(message.get(key), str) and message[key]:
            return Thinking(message[key])
    for parts, text in ((message.get(DETAILS), _detail), (message.get("content"), _part)):
        texts = [text(part) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        if any(texts):
            return Thinking("".join(texts))
    return None


def without_thinking_parts(data: JsonObject) -> JsonObject:
    """A request whose assistant messages hold their thinking beside the content, not in parts of it."""
    messages = data.get("messages")
    if not isinstance(messages, list):
        return data
    return {**data, "messages": [_beside(message) if isinstance(message, dict) else message for message in messages]}


def _beside(message: JsonObject) -> JsonObject:
    thinking, content = thinking_in(message), message.get("content")
    if message.get("role") != "assistant" or thinking is None or not isinstance(content, list):
        return message
    said = [part for part in content if not (isinstance(part, dict) and part.get("type") == "thinking")]
    return {**message, "content": said or None, THINKING: str(thinking)}


def _detail(part: JsonObject) -> str:
    """The text of an entry of `reasoning_details`."""
    return next((part[key] for key in ("text", "summary") if isinstance(part.get(key), str)), "")


def _part(part: JsonObject) -> str:
    """The text of a content part of type `thinking`."""
    pieces = part.get("thinking") if part.get("type") == "thinking" else None
    if isinstance(pieces, str):
        return pieces
    return "".join([str(piece.get("text") or "") for piece in pieces or () if isinstance(piece, dict)])


def _renamed(message: JsonObject) -> JsonObject:
    return {"reasoning" if key == THINKING else key: value for key, value in message.items()}


def _detailed(message: JsonObject) -> JsonObject:
    detail = {"type": "reasoning.text", "text": message[THINKING], "format": "unknown", "index": 0}
    return {**_renamed(message), DETAILS: [detail]}


def _listed(message: JsonObject) -> JsonObject:
    said = message.get("content")
    content = [{"type": "thinking", "thinking": [{"type": "text", "text": message[THINKING]}]}]
    content += [{"type": "text", "text": said}] if said else []
    return {**{key: value for key, value in message.items() if key != THINKING}, "content": content}


def _as_it_is(message: JsonObject) -> JsonObject:
    return message


REASONING_CONTENT = ThinkingForm(_as_it_is, _as_it_is)
"""`reasoning_content` beside the content."""

REASONING = ThinkingForm(_renamed, _renamed)
"""`reasoning` beside the content."""

REASONING_DETAILS = ThinkingForm(_detailed, _detailed)
"""`reasoning` and `reasoning_details` beside the content."""

THINKING_PARTS = ThinkingForm(_listed, _listed)
"""Parts of type `thinking` in the content, which then is a list."""

_DEFAULTS = {"top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "logprobs": False}
_UNSUPPORTED = _DEFAULTS.keys() | {"stop", "logit_bias", "top_logprobs"}
SAMPLING = frozenset(_UNSUPPORTED | {"temperature", "parallel_tool_calls"})
"""The parameters that this module judges."""


def check_sampling(key: str, data: dict[str, Any], family: Family) -> None:
    """The rule of a reasoning model for one of the parameters of sampling; its default value is always taken.

    A model whose effort is `none`, by request or by default, takes what others take.

    Raises:
        Refused: the model does not support the parameter, or not this value.
    """
    value = data[key]
    if key == "parallel_tool_calls":
        if not family.parallel_tool_calls:
            raise _unsupported(key)
    elif (data.get("reasoning_effort") or family.effort) == "none" or family.effort is None:
        return
    elif key == "temperature":
        if value != 1:
            text = f"Unsupported value: 'temperature' does not support {value} with this model. Only the default (1) "
            raise invalid(text + "value is supported.", key, "unsupported_value")
    elif key == "stop":
        if not family.stop:
            raise _unsupported(key)
    elif key not in _DEFAULTS or value != _DEFAULTS[key]:
        raise _unsupported(key)


def check_effort(data: dict[str, Any], family: Family) -> None:
    """Function tools beside an effort, which the newest models take in the Responses API only.

    Raises:
        Refused: the request has both.
    """
    if family.tools_with_effort or data.get("reasoning_effort") in (None, "none"):
        return
    tools = data.get("tools") or ()
    if data.get("functions") or any(tool.get("type") == "function" for tool in tools):
        text = f"Function tools with reasoning_effort are not supported for {data['model']} in /v1/chat/completions. "
        raise invalid(text + "Please use /v1/responses instead.", "reasoning_effort")


def _unsupported(key: str) -> Refused:
    return invalid(f"Unsupported parameter: '{key}' is not supported with this model.", key, "unsupported_parameter")
