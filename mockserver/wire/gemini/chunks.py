"""A response as the chunks of a stream, derived from it: each is a whole response with a piece of the parts.

A text comes in pieces, a call whole. The last chunk says how the candidate ended; after calls the models that sign
them send one more with an empty text, older ones say it beside the last call.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from mockserver.wire.streaming import cut

JsonObject = dict[str, Any]
Cut = str | int | None

_ENDING = ("finishReason", "finishMessage", "safetyRatings", "avgLogprobs", "groundingMetadata")


def chunks_of(response: JsonObject, how: Cut) -> list[JsonObject]:
    """The chunks that say a response; one without candidates is a chunk itself."""
    candidates = response.get("candidates")
    if not isinstance(candidates, list) or not candidates:
        return [response]
    rest = {key: value for key, value in response.items() if key not in ("candidates", "usageMetadata")}
    found = [piece for each in candidates for piece in _candidate_pieces(each, how)]
    usage = response.get("usageMetadata")
    opening = _opening_usage(usage)
    chunks = []
    for place, piece in enumerate(found):
        chunk: JsonObject = {"candidates": [piece]}
        counted = usage if place == len(found) - 1 else opening
        if counted is not None:
            chunk["usageMetadata"] = counted
        chunks.append({**chunk, **rest})
    return chunks


def _opening_usage(usage: Any) -> Any:
    """What is known of the tokens before the end."""
    if not isinstance(usage, dict):
        return usage
    known = {
        key: usage[key] for key in ("promptTokenCount", "promptTokensDetails", "thoughtsTokenCount") if key in usage
    }
    counts = [known.get(key) for key in ("promptTokenCount", "thoughtsTokenCount")]
    return {**known, "totalTokenCount": sum(count for count in counts if isinstance(count, int))}


def _candidate_pieces(candidate: JsonObject, how: Cut) -> list[JsonObject]:
    ending = {key: candidate[key] for key in _ENDING if key in candidate}
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list) or not parts:
        return [candidate]
    rest = {key: value for key, value in candidate.items() if key not in (*_ENDING, "content")}
    said = dict(content or {})
    pieces = [{"content": {**said, "parts": [piece]}, **rest} for part in parts for piece in _part_pieces(part, how)]
    last_is_call = isinstance(parts[-1], dict) and "functionCall" in parts[-1]
    if last_is_call and "finishMessage" in ending:
        pieces.append({"content": {**said, "parts": [{"text": ""}]}, **rest})
    last = pieces[-1]
    pieces[-1] = {"content": last["content"], **ending, **rest}
    return pieces


def _part_pieces(part: Any, how: Cut) -> Iterator[Any]:
    text = part.get("text") if isinstance(part, dict) else None
    pieces = cut(text, how) if isinstance(text, str) else []
    if not pieces:
        yield part
    for place, piece in enumerate(pieces):
        kept = part if place == len(pieces) - 1 else {key: part[key] for key in part if key != "thoughtSignature"}
        yield {**kept, "text": piece}


def assembled(chunks: Sequence[JsonObject]) -> JsonObject:
    """The response that chunks add up to.

    Raises:
        ValueError: none of them says how it ended.
    """
    candidates: dict[Any, JsonObject] = {}
    whole: JsonObject = {}
    for chunk in chunks:
        whole |= {key: value for key, value in chunk.items() if key != "candidates"}
        for piece in chunk.get("candidates") or ():
            _add(candidates.setdefault(piece.get("index", 0), {}), piece)
    if not any(candidate.get("finishReason") for candidate in candidates.values()):
        raise ValueError("no chunk with a finishReason came")
    return {"candidates": [candidates[index] for index in sorted(candidates)], **whole}


def _add(candidate: JsonObject, piece: JsonObject) -> None:
    copied = deepcopy(piece)
    content = copied.pop("content", None) or {}
    into = candidate.setdefault("content", {})
    parts = content.pop("parts", None)
    into.update(content)
    candidate.update(copied)
    for part in parts if isinstance(parts, list) else ():
        listed = into.setdefault("parts", [])
        before = listed[-1] if listed else None
        if before is not None and _continues(before, part):
            before.update({**part, "text": before["text"] + part["text"]})
        elif part != {"text": ""} or not listed:
            listed.append(part)


def _continues(before: Any, part: Any) -> bool:
    texts = all(isinstance(each, dict) and isinstance(each.get("text"), str) for each in (before, part))
    return texts and before.get("thought") == part.get("thought") and "thoughtSignature" not in before
