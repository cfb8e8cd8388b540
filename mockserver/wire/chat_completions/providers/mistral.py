"""Mistral: short ids, an index everywhere, whole calls in one chunk, flat errors."""

import re
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError
from mockserver.faults.parts import Run
from mockserver.wire.chat_completions.deltas import each_choice, inner, piece, with_delta
from mockserver.wire.chat_completions.providers.quirks import (
    calls,
    counts_only,
    each_delta,
    each_piece,
    finish_with_last_call,
    hexadecimal,
    number_calls,
    own_headers,
    silent,
    sound_history,
    whole_calls,
    with_keys,
    without,
    without_keys,
)
from mockserver.wire.chat_completions.reasoning import THINKING_PARTS, without_thinking_parts
from mockserver.wire.provider import Manner, Occasion, Provider
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_ID = re.compile(r"[a-zA-Z0-9]{9}")


def hear(data: JsonObject, occasion: Occasion) -> JsonObject:
    """Ids have nine letters and digits; `any` is the word for a required call.

    Raises:
        Refused: an id looks otherwise.
    """
    messages = data.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            named = message.get("tool_calls")
            _check([call.get("id") for call in named if isinstance(call, dict)] if isinstance(named, list) else ())
            _check([message["tool_call_id"]] if message.get("tool_call_id") else ())
    data = without_thinking_parts(data)
    data = sound_history(without(data, "safe_prompt", "prompt_mode", "random_seed"))
    return {**data, "tool_choice": "required"} if data.get("tool_choice") == "any" else data


def _check(found: Any) -> None:
    for one in found:
        if one is not None and not (isinstance(one, str) and _ID.fullmatch(one)):
            text = f"Tool call id was {one} but must be a-z, A-Z, 0-9, with a length of 9."
            raise Refused(ApiError(400, text, code="3280"))


def ids(letters: str, place: int, name: str, occasion: Occasion) -> str:
    """Nine letters and digits."""
    return letters[-9:]


def said(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Calls have no type; a message that calls has an empty text."""
    silent(body, "")
    without_keys(body, "refusal", "annotations")
    for call in calls(body):
        call.pop("type", None)
    body["id"] = hexadecimal(body["id"], 32)
    counts_only(body)
    return body


def body(body: JsonObject, occasion: Occasion) -> JsonObject:
    """Calls have an index, choices no log probabilities."""
    number_calls(body)
    return {key: value for key, value in body.items() if key not in ("service_tier", "system_fingerprint")}


def chunks(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Every call is whole in one chunk, the last of them with the finish reason."""
    told = finish_with_last_call(whole_calls(chunks))
    told = each_delta(told, lambda delta: {"content": "", **delta} if "tool_calls" in delta else delta, last=True)
    return with_keys(told, service_tier=None, system_fingerprint=None)


def chunks_in_fragments(chunks: Chunks, occasion: Occasion) -> Chunks:
    """Names come in pieces, and nothing says which call a piece belongs to but its place."""

    def split(choice: Run) -> Run:
        return choice._replace(calls=[_split(call) for call in choice.calls])

    told = each_piece(each_choice(chunks, split), lambda call: {k: v for k, v in call.items() if k != "index"})
    return with_keys(told, service_tier=None, system_fingerprint=None)


def _split(call: Chunks) -> Chunks:
    head = piece(call[0])
    kind, name = ("function" if "function" in head else "custom"), inner(head)["name"] or ""
    half = (len(name) + 1) // 2
    first = with_delta(call[0], {"tool_calls": [{**head, kind: {**head[kind], "name": name[:half]}}]})
    rest = with_delta(call[0], {"tool_calls": [{"index": head["index"], kind: {"name": name[half:]}}]})
    return [first, *([rest] if name[half:] else []), *call[1:]]


def error(body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
    """Nothing around the error."""
    said = body["error"]
    return {"object": "error", **{key: said.get(key) for key in ("message", "type", "param", "code")}}


MISTRAL = Provider(
    "mistral",
    "Mistral's own API",
    source="recorded; mistralai/client-js#69, karthink/gptel#1203, anomalyco/opencode#49692",
    manner=Manner(
        ids="nine letters and digits",
        index="in plain answers too",
        content='`""`',
        stream="every call whole in one chunk, the last with the finish reason",
        extras="calls have no `type`; no details of usage",
        errors='flat: `{"object": "error", "message", "type", "param", "code"}`',
        requests="`tool_choice: any`; other ids are refused with 400",
        thinking="parts of type `thinking` in the content, which then is a list",
    ),
    hear=hear,
    thinking=THINKING_PARTS,
    headers=own_headers,
    ids=ids,
    said=said,
    body=body,
    chunks=chunks,
    error=error,
)
MISTRAL_FRAGMENTS = replace(
    MISTRAL,
    name="mistral_fragments",
    about="Mistral, streaming names in fragments without an index",
    source="openclaw/openclaw#130532",
    manner=replace(MISTRAL.manner, index="missing in streams", stream="names in two pieces"),
    chunks=chunks_in_fragments,
)
