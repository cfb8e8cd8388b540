"""The form of a chat completion: the one place that spells a reply as this API writes it.

Streams, recorded shapes, faults and stored completions are derived from what stands here (`stream`, `shapes`, `parts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.chat_completions.logprobs import logprobs
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.models import SNAPSHOTS, family
from mockserver.wire.tokens import completion_tokens, counter, thinking_tokens

JsonObject = dict[str, Any]

OBJECT = "chat.completion"
_FINGERPRINT = "fp_mock000000"
_PROMPT_DETAILS = {"cached_tokens": 0, "audio_tokens": 0}
_COMPLETION_DETAILS = {
    "reasoning_tokens": 0,
    "audio_tokens": 0,
    "accepted_prediction_tokens": 0,
    "rejected_prediction_tokens": 0,
}


def body(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> JsonObject:
    """A plain response as a JSON value, one reply a choice; its keys in the order of the API's."""
    request = parsed.request
    choices = [choice(index, reply, request, call_ids(reply, identity, index)) for index, reply in enumerate(replies)]
    return {
        "id": identity.completion_id,
        "object": OBJECT,
        "created": identity.created,
        "model": SNAPSHOTS.get(request.model, request.model),
        "choices": choices,
        "usage": usage_of(replies, parsed),
        **envelope(request),
    }


def envelope(request: ChatRequest) -> JsonObject:
    """What comes last in a response, and in each of its chunks."""
    tier: str = request.options.get("service_tier", "auto")
    return {"service_tier": "default" if tier == "auto" else tier, "system_fingerprint": _FINGERPRINT}


def choice(index: int, reply: Reply, request: ChatRequest, ids: Iterable[str | None]) -> JsonObject:
    """One choice; `ids` are those of the calls, None where an id is still to be drawn."""
    content = text(reply)
    alternatives = alternatives_wanted(request)
    return {
        "index": index,
        "message": message(reply, content, ids, legacy=request.legacy),
        "logprobs": None if alternatives is None else logprobs(content, reply.refusal, alternatives),
        "finish_reason": finish_reason(reply, request),
    }


def alternatives_wanted(request: ChatRequest) -> int | None:
    """How many alternatives to each token are asked for; None when log probabilities are not."""
    if request.options.get("logprobs") is not True:
        return None
    alternatives: int = request.options.get("top_logprobs", 0)
    return alternatives


def message(reply: Reply, content: str | None, ids: Iterable[str | None], *, legacy: bool = False) -> JsonObject:
    """The assistant message of a reply; in the legacy form its first call is a `function_call` without an id."""
    found: JsonObject = {"role": "assistant", "content": content}
    if reply.calls and legacy:
        found["function_call"] = {"name": reply.calls[0].name, "arguments": reply.calls[0].arguments}
    elif reply.calls:
        found["tool_calls"] = [tool_call(call, call_id) for call, call_id in zip(reply.calls, ids, strict=True)]
    found["refusal"] = reply.refusal
    found["annotations"] = []
    return found


def tool_call(call: ToolCall, call_id: str | None) -> JsonObject:
    """One entry of `tool_calls`."""
    if call.kind == "custom":
        return {"id": call_id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def complete(reply: Reply, parsed: ParsedRequest, identity: Identity, choice: int = 0) -> Reply:
    """The reply with nothing left open: ids of its calls, finish reason, usage. What the journal keeps of it."""
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
        thinking=reply.thinking,
    )


def text(reply: Reply) -> str | None:
    """The content as it is written: "" for a reply that says nothing at all."""
    return "" if reply.text is None and reply.refusal is None and not reply.calls else reply.text


def call_ids(reply: Reply, identity: Identity, choice: int = 0) -> list[str]:
    """The id of each call: its own, or one drawn."""
    drawn = identity.call_ids(len(reply.calls), choice)
    for index, call in enumerate(reply.calls):
        if call.id is not None:
            drawn[index] = call.id
    return drawn


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


def usage_of(replies: Sequence[Reply], parsed: ParsedRequest) -> JsonObject:
    """One usage for all choices: the prompt counts once, the completions add up."""
    by = counter(parsed.request.model)
    spent = sum([completion_tokens(reply, by) for reply in replies])
    thought = sum([thinking_tokens(reply, by) for reply in replies])
    return usage(parsed.prompt_tokens, spent + thought, replies[0].usage, thought)


def usage(prompt: int, completion: int, given: Mapping[str, Any] | None = None, reasoning: int = 0) -> JsonObject:
    """The usage object of a reply; what a script gave replaces the estimate, the total follows.

    `completion` includes the tokens of `reasoning`.
    """
    if given:
        prompt, completion = given.get("prompt_tokens", prompt), given.get("completion_tokens", completion)
    counted = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": _PROMPT_DETAILS,
        "completion_tokens_details": _COMPLETION_DETAILS | {"reasoning_tokens": reasoning}
        if reasoning
        else _COMPLETION_DETAILS,
    }
    return {**counted, **given} if given else counted
