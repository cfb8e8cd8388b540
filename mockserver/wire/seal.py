"""What a reply leaves open is settled before it is written: ids of the calls, finish reason, usage."""

from collections.abc import Sequence
from typing import Any

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.identity import Identity
from mockserver.wire.read import Heard
from mockserver.wire.usage import completion_tokens, usage

_STOPS_WHEN_NAMED = ("gpt-4", "gpt-3.5", "chatgpt-4o")


def seal(reply: Reply, heard: Heard, identity: Identity, choice: int = 0) -> Reply:
    """The reply as it goes out as the nth choice, with nothing left to decide."""
    ids = call_ids(reply, identity, choice)
    calls = [
        ToolCall(call.name, call.arguments, call_id, call.fault, call.verbatim)
        for call, call_id in zip(reply.calls, ids, strict=True)
    ]
    return Reply(
        text(reply),
        calls,
        finish_reason=finish_reason(reply, heard.request),
        usage=usage_of([reply], heard),
        fault=reply.fault,
        stream=reply.stream,
        timing=reply.timing,
        refusal=reply.refusal,
    )


def text(reply: Reply) -> str | None:
    """The text as it is written: "" for a reply that says nothing at all."""
    return "" if reply.text is None and reply.refusal is None and not reply.calls else reply.text


def call_ids(reply: Reply, identity: Identity, choice: int = 0) -> list[str]:
    """The id of each call: its own, or one drawn."""
    drawn = identity.call_ids(len(reply.calls), choice)
    for index, call in enumerate(reply.calls):
        if call.id is not None:
            drawn[index] = call.id
    return drawn


def usage_of(replies: Sequence[Reply], heard: Heard) -> dict[str, Any]:
    """One usage for all choices: the prompt counts once, the completions add up."""
    spent = sum([completion_tokens(reply.text, reply.refusal, reply.calls) for reply in replies])
    return usage(heard.prompt_tokens, spent, replies[0].usage)


def finish_reason(reply: Reply, request: ChatRequest) -> str:
    """`tool_calls` with calls, else `stop`; gpt-4o and older also say `stop` when one function was named."""
    if reply.finish_reason is not None:
        return reply.finish_reason
    if not reply.calls:
        return "stop"
    named = request.tool_choice.named and request.model.startswith(_STOPS_WHEN_NAMED)
    return "stop" if named else "tool_calls"
