"""What a reply leaves open is settled before it is written: ids of the calls, finish reason, usage."""

from collections.abc import Sequence
from typing import Any

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.chat_completions.choice import Said
from mockserver.wire.chat_completions.usage import completion_tokens, usage
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.families import family
from mockserver.wire.identity import Identity
from mockserver.wire.tokens import counter


def complete(reply: Reply, parsed: ParsedRequest, identity: Identity, choice: int = 0) -> Reply:
    """The reply as it goes out as the nth choice, with nothing left to decide."""
    ids = call_ids(reply, identity, choice)
    calls = [
        ToolCall(call.name, call.arguments, call_id, call.fault, call.verbatim, call.kind)
        for call, call_id in zip(reply.calls, ids, strict=True)
    ]
    return Reply(
        text(reply),
        calls,
        finish_reason=finish_reason(reply, parsed.request),
        usage=usage_of([reply], parsed),
        fault=reply.fault,
        stream=reply.stream,
        timing=reply.timing,
        refusal=reply.refusal,
    )


def text(reply: Reply) -> str | None:
    """The text as it is written: "" for a reply that says nothing at all."""
    return "" if reply.text is None and reply.refusal is None and not reply.calls else reply.text


def said(reply: Reply, request: ChatRequest) -> Said:
    """What a choice says, in the form of the request."""
    return Said(text(reply), tuple(reply.calls), reply.refusal, finish_reason(reply, request), request.legacy)


def call_ids(reply: Reply, identity: Identity, choice: int = 0) -> list[str]:
    """The id of each call: its own, or one drawn."""
    drawn = identity.call_ids(len(reply.calls), choice)
    for index, call in enumerate(reply.calls):
        if call.id is not None:
            drawn[index] = call.id
    return drawn


def usage_of(replies: Sequence[Reply], parsed: ParsedRequest) -> dict[str, Any]:
    """One usage for all choices: the prompt counts once, the completions add up."""
    by = counter(parsed.request.model)
    spent = sum([completion_tokens(reply.text, reply.refusal, reply.calls, by) for reply in replies])
    return usage(parsed.prompt_tokens, spent, replies[0].usage)


def finish_reason(reply: Reply, request: ChatRequest) -> str:
    """`tool_calls` with calls (`function_call` in the legacy form), else `stop`.

    gpt-4o and older, and the legacy form, also say `stop` when the request named the one function to call.
    """
    if reply.finish_reason is not None:
        return reply.finish_reason
    if not reply.calls:
        return "stop"
    if request.tool_choice.named and (request.legacy or family(request.model).stops_when_named):
        return "stop"
    return "function_call" if request.legacy else "tool_calls"
