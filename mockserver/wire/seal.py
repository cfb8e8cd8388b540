"""What a reply leaves open is settled before it is written: ids of the calls, finish reason, usage."""

from collections.abc import Sequence

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.identity import Identity
from mockserver.wire.read import Heard
from mockserver.wire.usage import completion_tokens, usage

_STOPS_WHEN_NAMED = ("gpt-4", "gpt-3.5", "chatgpt-4o")


def seal(reply: Reply, heard: Heard, identity: Identity) -> Reply:
    """The reply as it goes out, with nothing left to decide."""
    calls = _with_ids(reply.calls, identity) if reply.calls else ()
    says_nothing = reply.text is None and reply.refusal is None and not calls
    return Reply(
        "" if says_nothing else reply.text,
        calls,
        finish_reason=reply.finish_reason or finish_reason(reply, heard.request),
        usage=usage(heard.prompt_tokens, completion_tokens(reply), reply.usage),
        fault=reply.fault,
        stream=reply.stream,
        timing=reply.timing,
        refusal=reply.refusal,
    )


def _with_ids(calls: Sequence[ToolCall], identity: Identity) -> tuple[ToolCall, ...]:
    drawn = identity.call_ids(len(calls))
    return tuple(
        [
            call if call.id is not None else ToolCall(call.name, call.arguments, call_id, call.fault, call.verbatim)
            for call, call_id in zip(calls, drawn, strict=True)
        ]
    )


def finish_reason(reply: Reply, request: ChatRequest) -> str:
    """`tool_calls` with calls, else `stop`; gpt-4o and older also say `stop` when one function was named."""
    if not reply.calls:
        return "stop"
    named = request.tool_choice.named and request.model.startswith(_STOPS_WHEN_NAMED)
    return "stop" if named else "tool_calls"
