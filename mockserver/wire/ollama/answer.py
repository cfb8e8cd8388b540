"""A reply as Ollama writes it: one object, which a stream says in several lines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import argument_value
from mockserver.wire.ollama.parse import PROMPT
from mockserver.wire.provider import Alteration
from mockserver.wire.tokens import completion_tokens, counter, thinking_tokens

JsonObject = dict[str, Any]

FINISH_REASONS = {"stop": "stop", "tool_calls": "stop", "function_call": "stop"}
"""Ollama has no word for an answer that ends in calls."""
_SECOND = 1_000_000_000
_PER_TOKEN, _PER_PROMPT_TOKEN, _LOAD = 21_000_000, 310_000, 18_000_000
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LETTERS = 8


def is_generation(request: ChatRequest) -> bool:
    """Whether a request came by `/api/generate`."""
    return PROMPT in request.options


def body(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, alteration: Alteration | None = None
) -> JsonObject:
    """The whole answer as a JSON value; the arguments of a call are a `JsonText`. This API has one reply.

    Raises:
        Refused: arguments that a script gives are not an object.
    """
    reply, request = replies[0], parsed.request
    faulty = alteration is not None and alteration.injection is not None
    said = _generated if is_generation(request) else _message
    return {
        "model": request.model,
        "created_at": moment(identity),
        **said(reply, request, calls_of(reply, identity, faulty=faulty)),
        "done": True,
        "done_reason": done_reason(reply),
        **metrics(reply, parsed, identity),
    }


def moment(identity: Identity, line: int = 0) -> str:
    """When a line was made: RFC 3339 with up to nine decimals, derived from the identity and later line by line."""
    nanoseconds = int.from_bytes(identity.letters[:5]) % _SECOND + line * _PER_TOKEN
    seconds, rest = divmod(nanoseconds, _SECOND)
    whole = datetime.fromtimestamp(identity.created + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f"{rest:09d}".rstrip("0")
    return f"{whole}.{decimals}Z" if decimals else f"{whole}Z"


def _message(reply: Reply, request: ChatRequest, calls: list[JsonObject]) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": words(reply)}
    if reply.thinking and shows_thinking(request):
        message["thinking"] = str(reply.thinking)
    if calls:
        message["tool_calls"] = calls
    return {"message": message}


def _generated(reply: Reply, request: ChatRequest, calls: list[JsonObject]) -> JsonObject:
    found: JsonObject = {"response": words(reply)}
    if reply.thinking and shows_thinking(request):
        found["thinking"] = str(reply.thinking)
    if calls:
        found["tool_calls"] = calls
    return found


def words(reply: Reply) -> str:
    """The text, "" for none; a refusal is a text here."""
    return reply.text or reply.refusal or ""


def shows_thinking(request: ChatRequest) -> bool:
    """Whether thinking is shown: unless `think` is false, as with every model that thinks."""
    return request.options.get("think") is not False


def calls_of(reply: Reply, identity: Identity, *, faulty: bool = False) -> list[JsonObject]:
    """The calls; arguments that a fault made into something that is not JSON are sent as a text."""
    found = []
    for place, (call, call_id) in enumerate(zip(reply.calls, call_ids(reply, identity), strict=True)):
        value = argument_value(call, reply, faulty=faulty, api="Ollama")
        arguments = call.arguments if value is None else value
        found.append({"id": call_id, "function": {"index": place, "name": call.name, "arguments": arguments}})
    return found


def call_ids(reply: Reply, identity: Identity) -> list[str]:
    """The id of each call: its own, or `call_` and eight small letters and digits."""
    drawn = identity.call_ids(len(reply.calls))
    return [_short(own) if call.id is None else call.id for call, own in zip(reply.calls, drawn, strict=True)]


def _short(drawn: str) -> str:
    """Six letters of the answer and the two that tell its calls apart, in small letters and digits."""
    number = int.from_bytes(drawn.encode())
    letters = []
    for _ in range(_ID_LETTERS):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return f"call_{''.join(letters)}"


def done_reason(reply: Reply) -> str:
    """`stop` also with calls; a word that Ollama does not have is sent as it stands."""
    reason = reply.finish_reason or "stop"
    return FINISH_REASONS.get(reason, reason)


def counts(reply: Reply, parsed: ParsedRequest) -> tuple[int, int]:
    """The tokens of the prompt and of the answer; what a script gave, in chat completions' words, replaces them."""
    by, given = counter(parsed.request.model), reply.usage or {}
    spent = given.get("completion_tokens")
    if spent is None:
        spent = completion_tokens(reply, by) + thinking_tokens(reply, by)
    return given.get("prompt_tokens", parsed.prompt_tokens), spent


def metrics(reply: Reply, parsed: ParsedRequest, identity: Identity) -> JsonObject:
    """Durations in nanoseconds and counts of tokens; a number that is 0 is left out, as Ollama does."""
    asked, spent = counts(reply, parsed)
    jitter = identity.processing_milliseconds * 10_007
    load, read, write = _LOAD + jitter, asked * _PER_PROMPT_TOKEN + jitter, spent * _PER_TOKEN
    found = {
        "total_duration": load + read + write + jitter,
        "load_duration": load,
        "prompt_eval_count": asked,
        "prompt_eval_duration": read,
        "eval_count": spent,
        "eval_duration": write,
    }
    return {key: value for key, value in found.items() if value}


def complete(reply: Reply, parsed: ParsedRequest, identity: Identity) -> Reply:
    """The reply with nothing left open: ids of its calls, finish reason, usage. What the journal keeps of it."""
    calls = [
        ToolCall(call.name, call.arguments, call_id, call.fault, call.verbatim, call.kind)
        for call, call_id in zip(reply.calls, call_ids(reply, identity), strict=True)
    ]
    asked, spent = counts(reply, parsed)
    usage = {"prompt_tokens": asked, "completion_tokens": spent, "total_tokens": asked + spent}
    finish = reply.finish_reason or ("tool_calls" if calls else "stop")
    return replace(reply, calls=calls, finish_reason=finish, usage=usage, sent=None)
