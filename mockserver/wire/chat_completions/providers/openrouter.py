"""OpenRouter: whatever its upstream says, with the role in every delta, two finish chunks, and numbers for codes."""

from typing import Any

from mockserver.wire.chat_completions.deltas import finishing
from mockserver.wire.chat_completions.providers.quirks import (
    each_delta,
    hexadecimal,
    messages,
    number_calls,
    own_headers,
    silent,
    sound_history,
    with_keys,
    without,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING_DETAILS
from mockserver.wire.codec import encode
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_OWN = ("provider", "models", "route", "transforms", "reasoning", "usage", "plugins", "include_reasoning", "top_k")
_UPSTREAMS = {"anthropic": "Google", "mistralai": "Mistral", "google": "Google AI Studio", "deepseek": "DeepSeek"}


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """OpenRouter's own parameters are taken."""
    return sound_history(without(data, *_OWN))


def _maker(occasion: Occasion) -> str:
    return occasion.request.model.partition("/")[0] if occasion.request is not None else ""


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """The upstream's own ids."""
    match _maker(occasion):
        case "anthropic":
            return f"toolu_vrtx_01{letters[-22:]}"
        case "mistralai":
            return letters[-9:]
        case "meta-llama" | "qwen" | "nvidia":
            return f"chatcmpl-tool-{hexadecimal(letters, 32)}"
    return f"call_{letters}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Empty calls of Claude's have no arguments at all; a message that calls has an empty text."""
    silent(body, "")
    without_keys(body, "annotations")
    if _maker(occasion) == "anthropic":
        for message in messages(body):
            for call in message.get("tool_calls") or ():
                if "function" in call and call["function"].get("arguments") == "{}":
                    del call["function"]["arguments"]
    body |= {"id": f"gen-{body['created']}-{body['id'][-20:]}", "provider": _provider(occasion)}
    return body


def _provider(occasion: Occasion) -> str:
    return _UPSTREAMS.get(_maker(occasion), "OpenAI")


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Calls have an index, choices the upstream's own finish reason, the usage a price."""
    number_calls(body)
    for choice in body["choices"]:
        choice["native_finish_reason"] = choice["finish_reason"]
        choice["message"].setdefault("reasoning", None)
    body["usage"] = {**body["usage"], "cost": _cost(body["usage"])}
    return body


def _cost(usage: JsonObject) -> float:
    spent: float = usage["prompt_tokens"] * 2.5e-6 + usage["completion_tokens"] * 1e-5
    return round(spent, 9)


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """The role is in every delta, and the finish reason comes twice."""
    told = each_delta(chunks, lambda delta: {"role": "assistant", **delta}, last=True)
    twice = [one for chunk in told for one in ([chunk, chunk] if finishing(chunk) else [chunk])]
    native = [_native(chunk) for chunk in twice]
    return with_keys(native, provider=_provider(occasion))


def _native(chunk: JsonObject) -> JsonObject:
    if not chunk.get("choices"):
        return chunk
    choice = chunk["choices"][0]
    return {**chunk, "choices": [{**choice, "native_finish_reason": choice["finish_reason"]}]}


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """The code is a number, and the upstream's own words are in the metadata."""
    raw = {"raw": encode(body).decode(), "provider_name": _provider(occasion)}
    return {"error": {"message": body["error"]["message"], "code": status, "metadata": raw}}


OPENROUTER = Provider(
    "openrouter",
    "OpenRouter",
    source="recorded; skye-harris/hass_local_openai_llm#92; the comments are known from experience",
    manner=Manner(
        ids="the upstream's: `toolu_vrtx_…`, nine letters, `chatcmpl-tool-…`, `call_…`",
        index="in plain answers too",
        arguments="no key for an empty call of Claude's",
        content='`""`',
        stream="the role in every delta; the finish reason twice; comments to keep the connection",
        extras="id `gen-…`, `provider`, `native_finish_reason`, `usage.cost`",
        errors="`code` is a number, `metadata.raw` holds the upstream's words",
        requests="parameters such as `provider` and `transforms`",
        thinking="`reasoning` and `reasoning_details`",
    ),
    hear=hear,
    thinking=REASONING_DETAILS,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
    error=error,
    opening=b": OPENROUTER PROCESSING\n\n",
)
