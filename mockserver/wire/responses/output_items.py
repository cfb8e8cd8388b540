"""A reply as output items: reasoning first, then the message, then each call as an item of its own."""

from collections.abc import Iterator
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.wire.chat_completions.logprobs import logprobs
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.responses.encrypted_content import sealed
from mockserver.wire.responses.item_ids import ResponseIds

JsonObject = dict[str, Any]

INCLUDE_ENCRYPTED, INCLUDE_LOGPROBS = "reasoning.encrypted_content", "message.output_text.logprobs"
PREFIXES = {"message": "msg", "function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs"}
"""How the ids of each kind of item begin."""


def output_items(reply: Reply, parsed: ParsedRequest, ids: ResponseIds, *, whole: bool = True) -> list[JsonObject]:
    """The items that say a reply; the last of one that is not `whole` is incomplete."""
    body = parsed.body or {}
    said = [*_reasoning(reply, body), *_message(reply, body), *_calls(reply, ids)]
    if said and not whole and "status" in said[-1]:
        said[-1]["status"] = "incomplete"
    return [{"id": ids.item(PREFIXES[item["type"]], index), **item} for index, item in enumerate(said)]


def call_ids(reply: Reply, ids: ResponseIds) -> list[str]:
    """The id of each call that its result refers to: its own, or one drawn."""
    drawn = ids.calls(len(reply.calls))
    return [drawn[place] if call.id is None else call.id for place, call in enumerate(reply.calls)]


def wants(body: JsonObject, what: str) -> bool:
    """Whether the request asks for further output."""
    asked = body.get("include")
    return isinstance(asked, list) and what in asked


def _reasoning(reply: Reply, body: JsonObject) -> Iterator[JsonObject]:
    if not reply.thinking:
        return
    asked: JsonObject = body["reasoning"] if isinstance(body.get("reasoning"), dict) else {}
    shown = any(asked.get(key) is not None for key in ("summary", "generate_summary"))
    item: JsonObject = {"type": "reasoning", "summary": []}
    if shown:
        item["summary"] = [{"type": "summary_text", "text": reply.thinking}]
    if wants(body, INCLUDE_ENCRYPTED):
        item["encrypted_content"] = sealed(reply.thinking)
    yield item


def _message(reply: Reply, body: JsonObject) -> Iterator[JsonObject]:
    content: list[JsonObject] = []
    if reply.text is not None:
        content.append({"type": "output_text", "annotations": [], "logprobs": _logprobs(reply.text, body)})
        content[-1]["text"] = reply.text
    if reply.refusal is not None:
        content.append({"type": "refusal", "refusal": reply.refusal})
    if content:
        yield {"type": "message", "status": "completed", "content": content, "role": "assistant"}


def _logprobs(text: str, body: JsonObject) -> list[JsonObject]:
    if not wants(body, INCLUDE_LOGPROBS):
        return []
    count = body.get("top_logprobs")
    found = logprobs(text, None, count if isinstance(count, int) else 0)
    entries: list[JsonObject] = found["content"] if found is not None else []
    return entries


def _calls(reply: Reply, ids: ResponseIds) -> Iterator[JsonObject]:
    for call, call_id in zip(reply.calls, call_ids(reply, ids), strict=True):
        yield _call(call, call_id)


def _call(call: ToolCall, call_id: str) -> JsonObject:
    if call.kind == "custom":
        item = {"type": "custom_tool_call", "status": "completed", "call_id": call_id}
        return {**item, "input": call.arguments, "name": call.name}
    item = {"type": "function_call", "status": "completed", "arguments": call.arguments}
    return {**item, "call_id": call_id, "name": call.name}
