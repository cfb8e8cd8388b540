"""Ollama's OpenAI-compatible endpoint: one index for all calls, or none at all; LiteLLM's bridge to it."""

from dataclasses import replace
from itertools import groupby
from typing import Any

from mockserver.wire.chat_completions.providers.quirks import (
    calls,
    counts_only,
    decimal,
    each_delta,
    each_piece,
    finish_streamed,
    finish_with_calls,
    own_headers,
    same_index,
    silent,
    sound_history,
    whole_calls,
    with_keys,
    with_object,
    without,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import REASONING, REASONING_CONTENT
from mockserver.wire.provider import Manner, Occasion, Provider

JsonObject = dict[str, Any]
Chunks = list[JsonObject]


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Ollama's own parameters are taken."""
    return sound_history(without(data, "options", "keep_alive", "think", "reasoning"))


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """`call_` and eight letters and digits."""
    return f"call_{letters[-8:].lower()}"


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """A message that calls has an empty text; the answer's id is a small number."""
    silent(body, "")
    without_keys(body, "refusal", "annotations")
    body |= {"id": f"chatcmpl-{decimal(body['id'], 3)}", "system_fingerprint": "fp_ollama"}
    body.pop("service_tier", None)
    counts_only(body)
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Every call has the index 0."""
    for call in calls(body):
        call["index"] = 0
    return body


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Every call whole in one chunk, the role in every delta, and 0 for every index."""
    told = each_delta(same_index(whole_calls(chunks)), _spoken, last=True)
    told = [chunk for chunk in told if not chunk.get("choices") or _says(chunk)]
    return with_keys(told, service_tier=None, system_fingerprint="fp_ollama")


def _spoken(delta: JsonObject) -> JsonObject:
    return {"role": "assistant", "content": "", **delta}


def _says(chunk: JsonObject) -> bool:
    """Whether there is more in a chunk than a role and no text."""
    choice = chunk["choices"][0]
    delta = choice["delta"]
    return choice.get("finish_reason") is not None or bool(delta["content"]) or len(delta) > 2


def chunks_before_2025(said: Chunks, occasion: Occasion) -> Chunks:
    """The whole answer in one chunk where tools were offered, and no index."""
    told = each_piece(chunks(said, occasion), lambda call: {key: call[key] for key in call if key != "index"})
    request = occasion.request
    return _in_one_chunk(told) if request is not None and request.tools else told


def _in_one_chunk(chunks: Chunks) -> Chunks:
    """Per choice, all deltas but the last as one."""
    found: Chunks = []
    for index, run in groupby(chunks, lambda chunk: chunk["choices"][0]["index"] if chunk.get("choices") else None):
        told = list(run)
        if index is None:
            found += told
            continue
        whole: JsonObject = {"role": "assistant", "content": "", "tool_calls": []}
        for chunk in told:
            delta = chunk["choices"][0]["delta"]
            whole["content"] += delta.get("content") or ""
            if "reasoning" in delta:
                whole["reasoning"] = whole.get("reasoning", "") + delta["reasoning"]
            whole["tool_calls"] += delta.get("tool_calls") or []
        if not whole["tool_calls"]:
            del whole["tool_calls"]
        found.append({**told[-1], "choices": [{**told[-1]["choices"][0], "delta": whole}]})
    return found


def litellm_said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Calls finish with `stop`."""
    finish_with_calls(body, "stop")
    return body


def litellm_chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Arguments come as an object, every index is 0, and every chunk has another id."""
    told = each_piece(same_index(whole_calls(chunks)), with_object)
    ids = occasion.identity.call_ids(len(told), choice=1)
    told = [{**chunk, "id": f"chatcmpl-{one[5:]}"} for chunk, one in zip(told, ids, strict=True)]
    return finish_streamed(told, "tool_calls", "stop")


OLLAMA = Provider(
    "ollama",
    "Ollama's OpenAI-compatible endpoint, as of 2026",
    source="recorded; ollama/ollama#7881, #9092, #15457",
    manner=Manner(
        ids="`call_` and eight letters and digits",
        index="0 for every call, in plain answers too",
        content='`""`',
        stream="every call whole in one chunk",
        extras='`"system_fingerprint": "fp_ollama"`, id `chatcmpl-` and three digits; no details of usage',
        requests="parameters such as `options` and `keep_alive`",
        thinking="`reasoning`",
    ),
    hear=hear,
    thinking=REASONING,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
)
OLLAMA_0_20 = replace(OLLAMA, name="ollama_0_20", about="Ollama 0.20: one index for all calls")
OLLAMA_0_4_6 = replace(
    OLLAMA,
    name="ollama_0_4_6",
    about="Ollama 0.4.6: no index, and with tools the whole answer in one chunk",
    source="ollama/ollama#7881, #7963",
    manner=replace(
        OLLAMA.manner,
        index="missing in streams",
        stream="with tools the whole answer in one chunk, its finish reason in it",
    ),
    chunks=chunks_before_2025,
)
LITELLM_OLLAMA_CHAT = Provider(
    "litellm_ollama_chat",
    "LiteLLM's ollama_chat bridge, streamed",
    source="BerriAI/litellm#37792",
    manner=Manner(
        index="0 for every call",
        arguments="streamed: an object instead of text",
        stream="every call whole in one chunk, another id in each",
        finish="`stop`",
        thinking="`reasoning_content`",
    ),
    hear=hear,
    thinking=REASONING_CONTENT,
    headers=own_headers,
    said=litellm_said,
    chunks=litellm_chunks,
)
