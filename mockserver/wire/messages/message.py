"""The form of a message: the one place that spells a reply as the Messages API writes it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import JsonText, is_object, is_value, not_producible, whole_members
from mockserver.wire.messages.ids import call_ids, message_id
from mockserver.wire.messages.thinking import omits_thinking, signature_of, wants_thinking
from mockserver.wire.tokens import completion_tokens, counter, thinking_tokens

JsonObject = dict[str, Any]

_STOP_REASONS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}
FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "refusal": "content_filter",
}
"""Chat completions' word for each stop reason that has one."""


def body(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> JsonObject:
    """A message as a JSON value; the input of a call is an `JsonText`.

    Raises:
        Refused: the message is not streamed, and arguments that a script gives are not an object.
    """
    reply, request = replies[0], parsed.request
    return {
        "model": request.model,
        "id": message_id(identity),
        "type": "message",
        "role": "assistant",
        "content": content(reply, request, call_ids(reply, identity)),
        **ending(reply),
        "usage": usage_of(reply, parsed),
    }


def content(reply: Reply, request: ChatRequest, ids: Iterable[str | None]) -> list[JsonObject]:
    """The blocks of a reply: thinking, text, calls."""
    blocks = [] if (thought := thinking_block(reply, request)) is None else [thought]
    said = reply.text if reply.text is not None else reply.refusal
    if said:
        blocks.append({"type": "text", "text": said})
    for call, call_id in zip(reply.calls, ids, strict=True):
        text = call.arguments if request.stream else _input(call, reply)
        blocks.append(tool_use(call_id, call.name, JsonText(text)))
    return blocks


def thinking_block(reply: Reply, request: ChatRequest) -> JsonObject | None:
    """The thinking of a reply, where the request asks for it.

    With a budget a message that calls always begins with one, for the API wants it back in the next request.
    """
    if not wants_thinking(request):
        return None
    demanded = bool(reply.calls) and request.options["thinking"]["type"] == "enabled"
    if reply.thinking is None and not demanded:
        return None
    thought = str(reply.thinking or "")
    shown = "" if omits_thinking(request) else thought
    return {"type": "thinking", "thinking": shown, "signature": signature_of(thought)}


def tool_use(call_id: str | None, name: str, given: str) -> JsonObject:
    """The block of a call."""
    return {"type": "tool_use", "id": call_id, "name": name, "input": given, "caller": {"type": "direct"}}


def _input(call: ToolCall, reply: Reply) -> str:
    """The arguments as a plain body can hold them; a fault may make any JSON of them."""
    if is_object(call.arguments):
        return call.arguments
    if reply.finish_reason in ("length", "content_filter"):
        return whole_members(call.arguments)
    if not call.verbatim and is_value(call.arguments):
        return call.arguments
    instead = "Ask for a stream, which sends the text as it is, or script an object."
    raise not_producible(call.name, "a plain message holds", instead)


def ending(reply: Reply) -> JsonObject:
    """Why the message ended, with details of a refusal."""
    reason = stop_reason(reply)
    refused = reason == "refusal"
    details = {"type": "refusal", "category": None, "explanation": reply.refusal} if refused else None
    sequence = reply.stop_sequence if reason == "stop_sequence" else None
    return {"stop_reason": reason, "stop_sequence": sequence, "stop_details": details}


def stop_reason(reply: Reply) -> str:
    """`tool_use` with calls, else `end_turn`; a finish reason that the reply names is translated."""
    if reply.refusal is not None and reply.finish_reason in (None, "stop", "tool_calls"):
        return "refusal"
    if reply.stop_sequence is not None and reply.finish_reason in (None, "stop"):
        return "stop_sequence"
    if reply.finish_reason is not None:
        return _STOP_REASONS.get(reply.finish_reason, reply.finish_reason)
    return "tool_use" if reply.calls else "end_turn"


def usage_of(reply: Reply, parsed: ParsedRequest) -> JsonObject:
    """The tokens of a message; what a script gave, in chat completions' words, replaces the estimate."""
    by = counter(parsed.request.model)
    thought = thinking_tokens(reply, by)
    given: Mapping[str, Any] = reply.usage or {}
    details = given.get("completion_tokens_details") or {}
    cached = (given.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    return {
        "input_tokens": given.get("prompt_tokens", parsed.prompt_tokens) - cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": given.get("completion_tokens", completion_tokens(reply, by) + thought),
        "output_tokens_details": {"thinking_tokens": details.get("reasoning_tokens", thought)},
        "service_tier": "standard",
        "inference_geo": "not_available",
    }


def complete(reply: Reply, parsed: ParsedRequest, identity: Identity) -> Reply:
    """The reply with nothing left open: ids of its calls, finish reason, usage. What the journal keeps of it."""
    calls = [
        ToolCall(call.name, call.arguments, call_id, call.fault, call.verbatim, call.kind)
        for call, call_id in zip(reply.calls, call_ids(reply, identity), strict=True)
    ]
    reason = stop_reason(reply)
    counted = usage_of(reply, parsed)
    spent = {
        "prompt_tokens": counted["input_tokens"] + counted["cache_read_input_tokens"],
        "completion_tokens": counted["output_tokens"],
    }
    said = reply.text if reply.text is not None or reply.refusal is not None or reply.calls else ""
    return Reply(
        said,
        calls,
        finish_reason=FINISH_REASONS.get(reason, reason) if reply.refusal is None else reply.finish_reason or "stop",
        usage={**spent, "total_tokens": sum(spent.values())},
        fault=reply.fault,
        stream=reply.stream,
        timing=reply.timing,
        refusal=reply.refusal,
        thinking=reply.thinking,
        stop_sequence=reply.stop_sequence,
    )
