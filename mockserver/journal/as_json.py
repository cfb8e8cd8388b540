"""An exchange as plain data, for `GET /_mock/journal`."""

from typing import Any

from mockserver.chat import ApiError, ChatRequest, Message, Reply, ToolCall
from mockserver.journal.exchange import Exchange

JsonObject = dict[str, Any]


def as_json(exchange: Exchange) -> JsonObject:
    """An exchange as plain data."""
    request, reply = exchange.request, exchange.reply
    return {
        "id": exchange.id,
        "session": exchange.session,
        "api": exchange.api,
        "method": exchange.method,
        "path": exchange.path,
        "request": None if request is None else _request(request),
        "reply": None if reply is None else _reply(reply),
        "match": exchange.match,
        "others": list(exchange.others),
        "faults": list(exchange.faults),
        "started": exchange.started,
        "duration": exchange.duration,
        "events_sent": exchange.events_sent,
        "ended": exchange.ended,
    }


def _request(request: ChatRequest) -> JsonObject:
    return {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "tools": [tool.name for tool in request.tools],
        "tool_choice": request.tool_choice.mode,
        "stream": request.stream,
        "options": dict(request.options),
    }


def _message(message: Message) -> JsonObject:
    found: JsonObject = {"role": message.role, "content": message.content}
    if message.tool_calls:
        found["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        found["tool_call_id"] = message.tool_call_id
    if message.thinking is not None:
        found["thinking"] = str(message.thinking)
    if message.role in ("tool", "function"):
        found["is_error"] = message.is_error
    return found


def _reply(reply: Reply | ApiError) -> JsonObject:
    if isinstance(reply, ApiError):
        said = {"status": reply.status, "message": reply.message, "type": reply.type, "code": reply.code}
        near = {"near_misses": reply.extra["near_misses"]} if "near_misses" in reply.extra else {}
        return {"error": {**said, **near}}
    calls = [_call(call) for call in reply.calls]
    return {
        "thinking": reply.thinking,
        "text": reply.text,
        "refusal": reply.refusal,
        "calls": calls,
        "finish_reason": reply.finish_reason,
    }


def _call(call: ToolCall) -> JsonObject:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}
