"""Replies as Gemini writes them: one response with a candidate for each."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.gemini.parse import GeminiRequest
from mockserver.wire.gemini.signatures import is_signed, signature_of
from mockserver.wire.identity import Identity
from mockserver.wire.json_text import JsonText, argument_value, is_object
from mockserver.wire.provider import Alteration
from mockserver.wire.tokens import completion_tokens, counter, thinking_tokens

JsonObject = dict[str, Any]

FINISH_REASONS = {"stop": "STOP", "tool_calls": "STOP", "function_call": "STOP", "length": "MAX_TOKENS",
                  "content_filter": "SAFETY"}  # fmt: skip
"""Chat completions' words; an answer that ends in calls stops like any other."""
MALFORMED = "MALFORMED_FUNCTION_CALL"
_OWN_REASONS = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", MALFORMED,
     "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE", "IMAGE_SAFETY",
     "MAX_TOKENS", "STOP", "MODEL_ARMOR", "CONTINUATION"}
)  # fmt: skip
_WITHOUT_IDS = re.compile(r"gemini-[12]")
_CALLED = "Model generated function call(s)."
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LETTERS, _RESPONSE_LETTERS = 8, 22


def body(
    replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity, alteration: Alteration | None = None
) -> JsonObject:
    """A response as a JSON value; the arguments of a call are a `JsonText`.

    Raises:
        Refused: arguments that a script gives are not an object.
    """
    faulty = alteration is not None and alteration.injection is not None
    request = parsed.request
    found: JsonObject = {
        "candidates": [
            candidate(index, reply, request, call_ids(reply, request, identity, index), faulty=faulty)
            for index, reply in enumerate(replies)
        ],
        "usageMetadata": usage_of(replies, parsed),
        "modelVersion": request.model,
        "responseId": identity.letters[:_RESPONSE_LETTERS].decode(),
    }
    if isinstance(parsed, GeminiRequest) and parsed.vertex:
        found["createTime"] = datetime.fromtimestamp(identity.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found


def candidate(
    index: int, reply: Reply, request: ChatRequest, ids: Sequence[str | None], *, faulty: bool = False
) -> JsonObject:
    """One reply: its parts, and how it ended.

    A call whose arguments a fault broke is what the service makes of one: no parts, and its text in the message.
    """
    values = [_arguments(call, reply, faulty=faulty) for call in reply.calls]
    broken = [call for call, value in zip(reply.calls, values, strict=True) if value is None]
    if broken and reply.finish_reason != "length":
        message = f"Malformed function call: {broken[0].name}({broken[0].arguments})"
        return {"content": {}, "finishReason": MALFORMED, "index": index, "finishMessage": message}
    content: JsonObject = {"parts": _parts(reply, request, ids, values), "role": "model"}
    if not content["parts"]:
        del content["parts"]
    found = {"content": content, "finishReason": finish_reason(reply), "index": index}
    if reply.calls and found["finishReason"] == "STOP" and is_signed(request.model):
        found["finishMessage"] = _CALLED
    return found


def _arguments(call: ToolCall, reply: Reply, *, faulty: bool) -> JsonText | None:
    """The arguments; None where the call cannot be said: its text is broken, or was cut off."""
    if reply.finish_reason == "length" and not is_object(call.arguments):
        return None
    return argument_value(call, reply, faulty=faulty, api="Gemini")


def _parts(
    reply: Reply, request: ChatRequest, ids: Sequence[str | None], values: Sequence[JsonText | None]
) -> list[JsonObject]:
    """Thoughts where they are asked for, then the text, then the calls; the first part after the thoughts is signed."""
    found: list[JsonObject] = []
    if reply.thinking and shows_thoughts(request):
        found.append({"text": str(reply.thinking), "thought": True})
    text = reply.text if reply.text is not None else reply.refusal
    if text:
        found.append({"text": text})
    signature = signature_of(str(reply.thinking or ""))
    signs_calls = is_signed(request.model) or reply.thinking is not None
    for call, call_id, value in zip(reply.calls, ids, values, strict=True):
        if value is None:
            continue
        part: JsonObject = {"functionCall": {"name": call.name, "args": value}}
        if call_id is not None:
            part["functionCall"]["id"] = call_id
        if signs_calls:
            part["thoughtSignature"] = signature
            signs_calls = False
        found.append(part)
    if reply.thinking and not reply.calls and text:
        found[-1]["thoughtSignature"] = signature
    return found


def shows_thoughts(request: ChatRequest) -> bool:
    """Whether a request asks to see the model's thoughts."""
    config = request.options.get("thinking_config")
    return isinstance(config, dict) and config.get("includeThoughts") is True


def finish_reason(reply: Reply) -> str:
    """How a reply ended, in the service's word; one that it does not have is sent as it stands."""
    word = reply.finish_reason or "stop"
    own = word.upper()
    return FINISH_REASONS.get(word) or (own if own in _OWN_REASONS else word)


def call_ids(reply: Reply, request: ChatRequest, identity: Identity, choice: int = 0) -> list[str | None]:
    """The id of each call: its own, or eight small letters and digits; None where the model gives none."""
    if _WITHOUT_IDS.match(request.model):
        return [call.id for call in reply.calls]
    drawn = identity.call_ids(len(reply.calls), choice)
    return [_short(own) if call.id is None else call.id for call, own in zip(reply.calls, drawn, strict=True)]


def _short(drawn: str) -> str:
    number = int.from_bytes(blake2b(drawn.encode(), digest_size=8).digest())
    letters = []
    for _ in range(_ID_LETTERS):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def usage_of(replies: Sequence[Reply], parsed: ParsedRequest) -> JsonObject:
    """The tokens of a response; what a script gave, in chat completions' words, replaces the estimate.

    The thoughts are in the total, and not in the candidates' tokens, which are left out when nothing was said.
    """
    asked, said, thought = _counts(replies, parsed)
    found: JsonObject = {"promptTokenCount": asked}
    if said:
        found["candidatesTokenCount"] = said
    found["totalTokenCount"] = asked + said + thought
    found["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": asked}]
    if thought:
        found["thoughtsTokenCount"] = thought
    return found


def _counts(replies: Sequence[Reply], parsed: ParsedRequest) -> tuple[int, int, int]:
    by, given = counter(parsed.request.model), replies[0].usage or {}
    thought = sum([thinking_tokens(reply, by) for reply in replies])
    said = sum([completion_tokens(reply, by) for reply in replies])
    if "completion_tokens" in given:
        details = given.get("completion_tokens_details") or {}
        thought = details.get("reasoning_tokens", min(thought, given["completion_tokens"]))
        said = given["completion_tokens"] - thought
    return given.get("prompt_tokens", parsed.prompt_tokens), said, thought


def complete(reply: Reply, parsed: ParsedRequest, identity: Identity) -> Reply:
    """The reply with nothing left open: ids of its calls, finish reason, usage. What the journal keeps of it."""
    calls = [
        ToolCall(call.name, call.arguments, call_id, call.fault, call.verbatim, call.kind)
        for call, call_id in zip(reply.calls, call_ids(reply, parsed.request, identity), strict=True)
    ]
    asked, said, thought = _counts([reply], parsed)
    usage = {"prompt_tokens": asked, "completion_tokens": said + thought, "total_tokens": asked + said + thought}
    finish = reply.finish_reason or ("tool_calls" if calls else "stop")
    return replace(reply, calls=calls, finish_reason=finish, usage=usage, sent=None)
