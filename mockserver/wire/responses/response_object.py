"""The response object: the one place that spells a reply as this API writes it; events are derived from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.models import SNAPSHOTS, family
from mockserver.wire.responses.item_ids import ResponseIds
from mockserver.wire.responses.output_items import call_ids, output_items
from mockserver.wire.tokens import completion_tokens, counter, thinking_tokens

JsonObject = dict[str, Any]

OBJECT = "response"
COMPLETED, INCOMPLETE, FAILED = "completed", "incomplete", "failed"
_WHOLE = (None, "stop", "tool_calls", "function_call")
_REASONS = {"length": "max_output_tokens"}
_USAGE = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "total_tokens": "total_tokens"}
_DETAILS = {"prompt_tokens_details": "input_tokens_details", "completion_tokens_details": "output_tokens_details"}
_ECHOED = {
    "max_output_tokens": None,
    "max_tool_calls": None,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "safety_identifier": None,
    "user": None,
}


def response_object(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, ids: ResponseIds | None = None
) -> JsonObject:
    """A finished response as a JSON value, its keys in the order of the API's; this API has one reply."""
    reply, ids = replies[0], ids or ResponseIds(identity, parsed)
    body, request = parsed.body or {}, parsed.request
    is_whole = reply.finish_reason in _WHOLE
    echoed = {key: body.get(key, usual) for key, usual in _ECHOED.items()}
    found: JsonObject = {
        "id": ids.response,
        "object": OBJECT,
        "created_at": ids.created,
        "status": COMPLETED if is_whole else INCOMPLETE,
        "background": body.get("background") is True,
        "billing": {"payer": "developer"},
        "completed_at": ids.created if is_whole else None,
        "error": None,
        "frequency_penalty": 0.0,
        "incomplete_details": None if is_whole else {"reason": _reason(reply)},
        "instructions": body.get("instructions"),
        "max_output_tokens": echoed["max_output_tokens"],
        "max_tool_calls": echoed["max_tool_calls"],
        "model": SNAPSHOTS.get(request.model, request.model),
        "output": output_items(reply, parsed, ids, whole=is_whole),
        "parallel_tool_calls": request.parallel_tool_calls,
        "presence_penalty": 0.0,
        "previous_response_id": echoed["previous_response_id"],
        "prompt_cache_key": echoed["prompt_cache_key"],
        "prompt_cache_retention": echoed["prompt_cache_retention"],
        "reasoning": _reasoning(body, request.model),
        "safety_identifier": echoed["safety_identifier"],
        "service_tier": _tier(body),
        "store": body.get("store") is not False,
        "temperature": _number(body, "temperature"),
        "text": _text(body),
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": [_tool(tool) for tool in body.get("tools") or () if isinstance(tool, dict)],
        "top_logprobs": body.get("top_logprobs") or 0,
        "top_p": _number(body, "top_p"),
        "truncation": body.get("truncation") or "disabled",
        "usage": usage(reply, parsed),
        "user": echoed["user"],
        "metadata": body.get("metadata") or {},
    }
    if parsed.held is not None and parsed.held.conversation is not None:
        found["conversation"] = {"id": parsed.held.conversation}
    return found


def begun(response: JsonObject, status: str = "in_progress") -> JsonObject:
    """The response before it has said anything."""
    kept = {**response, "status": status, "completed_at": None, "incomplete_details": None, "error": None}
    return {**kept, "service_tier": "auto", "output": [], "usage": None}


def complete(reply: Reply, parsed: ParsedRequest, identity: Identity) -> Reply:
    """The reply with nothing left open: ids of its calls, finish reason, usage. What the journal keeps of it."""
    ids = ResponseIds(identity, parsed)
    calls = [replace(call, id=own) for call, own in zip(reply.calls, call_ids(reply, ids), strict=True)]
    finish = reply.finish_reason or ("tool_calls" if reply.calls else "stop")
    return replace(reply, calls=calls, finish_reason=finish, usage=reply.usage or _counted(reply, parsed), sent=None)


def usage(reply: Reply, parsed: ParsedRequest) -> JsonObject:
    """What the response cost; what a script gave, in chat completions' words, replaces the estimate."""
    given = reply.usage or {}
    counted = {**_counted(reply, parsed), **{key: value for key, value in given.items() if key in _USAGE}}
    if given and "total_tokens" not in given:
        counted["total_tokens"] = counted["prompt_tokens"] + counted["completion_tokens"]
    details = {own: dict(given.get(key) or {}) for key, own in _DETAILS.items()}
    thought = thinking_tokens(reply, counter(parsed.request.model))
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, **details["input_tokens_details"]},
        "output_tokens": counted["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": thought, **details["output_tokens_details"]},
        "total_tokens": counted["total_tokens"],
    }


def _counted(reply: Reply, parsed: ParsedRequest) -> dict[str, int]:
    by = counter(parsed.request.model)
    spent = completion_tokens(reply, by) + thinking_tokens(reply, by)
    total = parsed.prompt_tokens + spent
    return {"prompt_tokens": parsed.prompt_tokens, "completion_tokens": spent, "total_tokens": total}


def _reason(reply: Reply) -> str:
    """Why a response is incomplete; a word that is none of chat completions' is said as it stands."""
    word = reply.finish_reason or ""
    return _REASONS.get(word, word)


def _reasoning(body: JsonObject, model: str) -> JsonObject:
    asked: Mapping[str, Any] = body["reasoning"] if isinstance(body.get("reasoning"), dict) else {}
    reasons = not family(model).max_tokens
    effort = asked.get("effort") or ("medium" if reasons else None)
    summary = asked.get("summary") or asked.get("generate_summary")
    more = {key: asked[key] for key in ("context", "mode") if asked.get(key) is not None}
    return {"effort": effort, "summary": summary, **more}


def _text(body: JsonObject) -> JsonObject:
    asked: Mapping[str, Any] = body["text"] if isinstance(body.get("text"), dict) else {}
    form = asked.get("format") or {"type": "text"}
    if isinstance(form, dict) and form.get("type") == "json_schema":
        form = {"description": None, "strict": False, **form}
    return {"format": form, "verbosity": asked.get("verbosity") or "medium"}


def _tool(tool: JsonObject) -> JsonObject:
    """A tool as it is echoed: what a function leaves out is filled in."""
    if tool.get("type") == "function":
        return {"description": None, "parameters": None, "strict": True, **tool}
    if tool.get("type") == "custom":
        return {"description": None, "format": {"type": "text"}, **tool}
    return tool


def _tier(body: JsonObject) -> str:
    tier = body.get("service_tier")
    return tier if isinstance(tier, str) and tier != "auto" else "default"


def _number(body: JsonObject, key: str) -> float:
    value = body.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 1.0
