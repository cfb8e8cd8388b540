"""A chat completion as the chunks of a stream, derived from its body, and back: a change of the body shows in both."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from string import ascii_letters, digits
from typing import Any, NamedTuple

from mockserver.chat import ChatRequest, Reply
from mockserver.wire.chat_completions.completion import alternatives_wanted, body
from mockserver.wire.chat_completions.logprobs import logprobs
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.streaming import cut

JsonObject = dict[str, Any]
Cut = str | int | None

OBJECT = "chat.completion.chunk"
_LETTERS = ascii_letters + digits
_MOST_OBFUSCATION = 16
_OF_THE_WHOLE = ("object", "choices", "usage")
_NEVER_STREAMED = ("annotations",)
_OF_CHUNKS = ("choices", "usage", "obfuscation")
_AROUND = ("role", "content", "refusal", "tool_calls", "function_call")
_ARGUMENTS = {"function": "arguments", "custom": "input"}


class StreamOptions(NamedTuple):
    """What the request asked of the stream.

    `alternatives`: for each token so many log probabilities, None for none at all. `obfuscation` is the seed of the
    padding that hides how long a chunk's text is, None for no padding.
    """

    include_usage: bool = False
    alternatives: int | None = None
    obfuscation: str | None = None


def wants_usage(request: ChatRequest) -> bool:
    """Whether a stream is to end with a chunk that says what it cost."""
    return (request.options.get("stream_options") or {}).get("include_usage") is True


def stream_options(request: ChatRequest, completion_id: str) -> StreamOptions:
    """What the request asked of the stream of this completion."""
    options = request.options.get("stream_options") or {}
    padding = completion_id if options.get("include_obfuscation") is True else None
    return StreamOptions(wants_usage(request), alternatives_wanted(request), padding)


def chunks(replies: Sequence[Reply], parsed: ParsedRequest, identity: Identity) -> list[JsonObject]:
    """The chunks that say these replies, one a choice, without the closing `[DONE]`."""
    options = stream_options(parsed.request, identity.completion_id)
    return chunks_of(body(replies, parsed, identity), options, replies[0].stream)


def chunks_of(completion: JsonObject, options: StreamOptions, how: Cut = None) -> list[JsonObject]:
    """The chunks that say a completion, without the closing `[DONE]`; `how` its texts and arguments are cut.

    Another envelope around the completion is put around every chunk; a completion without a choice is one chunk
    without a choice.
    """
    if "choices" not in completion:
        key = next(key for key, value in completion.items() if isinstance(value, dict) and "choices" in value)
        return [{**completion, key: chunk} for chunk in chunks_of(completion[key], options, how)]
    kept = {key: value for key, value in completion.items() if key not in _OF_THE_WHOLE}
    shared = {"id": None, "object": OBJECT, **kept}
    usage = completion.get("usage") if options.include_usage else None
    tail = {"usage": None} if usage is not None else {}
    found = [{**shared, "choices": [entry], **tail} for entry in _entries(completion["choices"], options, how)]
    if usage is not None:
        found.append({**shared, "choices": [], "usage": usage})
    if not found:
        return [{**shared, "choices": []}]
    return found if options.obfuscation is None else list(_padded(found, Random(options.obfuscation)))


def _entries(choices: Iterable[JsonObject], options: StreamOptions, how: Cut) -> Iterator[JsonObject]:
    """Each delta of each choice, and after those of a choice the entry that brings its finish reason."""
    for choice in choices:
        index = choice["index"]
        for delta in deltas(choice["message"], how):
            sure = _logprobs(delta, options.alternatives) if options.alternatives is not None else None
            yield {"index": index, "delta": delta, "logprobs": sure, "finish_reason": None}
        yield {"index": index, "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}


def deltas(message: JsonObject, how: Cut) -> list[JsonObject]:
    """The role first, with the only call when nothing is said beside it; then texts in pieces; then the calls."""
    calls, legacy = message.get("tool_calls"), message.get("function_call")
    start: JsonObject = {key: message[key] for key in ("role", "content") if key in message}
    last = {"refusal": None} if "refusal" in message else {}
    more = {key: value for key, value in message.items() if key not in (*_AROUND, *_NEVER_STREAMED)}
    start |= {key: value for key, value in more.items() if value is not None and not isinstance(value, str)}
    if not any(isinstance(value, str) for value in (*more.values(), start.get("content"), message.get("refusal"))):
        if legacy is not None:
            head, *rest = _legacy(legacy, how)
            return [{**start, **head, **last}, *rest]
        if calls:
            head, *rest = _opened(calls, how)
            return [{**start, **head, **last}, *rest] if len(calls) == 1 else [start, head, *rest]
    if isinstance(message.get("content"), str):
        start["content"] = ""
    elif "content" in start:
        start["content"] = None
    texts = {**more, "content": message.get("content"), "refusal": message.get("refusal")}
    empty = {"tool_calls": calls} if "tool_calls" in message and not calls else {}
    said = [{key: piece, **empty} for key, text in texts.items() for piece in _pieces(text, how)]
    return [{**start, **last, **empty}, *said, *_opened(calls or (), how), *(_legacy(legacy, how) if legacy else ())]


def _pieces(text: Any, how: Cut) -> list[str]:
    return cut(text, how) if isinstance(text, str) else []


def _opened(calls: Sequence[JsonObject], how: Cut) -> Iterator[JsonObject]:
    """Each call by its head, which has everything but the arguments, and then the arguments."""
    for index, call in enumerate(calls):
        kind = "custom" if "custom" in call else "function"
        first, pieces = _head(call[kind], _ARGUMENTS[kind], how)
        yield {"tool_calls": [{"index": index, **call, kind: first}]}
        for piece in pieces:
            yield {"tool_calls": [{"index": index, kind: piece}]}


def _legacy(call: JsonObject, how: Cut) -> Iterator[JsonObject]:
    first, pieces = _head(call, "arguments", how)
    yield {"function_call": first}
    for piece in pieces:
        yield {"function_call": piece}


def _head(said: JsonObject, key: str, how: Cut) -> tuple[JsonObject, list[JsonObject]]:
    """What opens a call, and the pieces of its text; what is not a text goes out whole with the head."""
    text = said.get(key)
    if not isinstance(text, str):
        return said, []
    pieces = ["{}"] if text == "{}" else cut(text, how, arguments=key == "arguments")
    return {**said, key: ""}, [{key: piece} for piece in pieces]


def _logprobs(delta: JsonObject, alternatives: int) -> JsonObject | None:
    """The log probabilities of the tokens in one delta; the chunk that brings the role has none."""
    return None if "role" in delta else logprobs(delta.get("content"), delta.get("refusal"), alternatives)


def _padded(chunks: Sequence[JsonObject], chance: Random) -> Iterator[JsonObject]:
    for chunk in chunks:
        yield {**chunk, "obfuscation": "".join(chance.choices(_LETTERS, k=chance.randint(0, _MOST_OBFUSCATION)))}


def assembled(chunks: list[JsonObject]) -> JsonObject:
    """The completion that the chunks of a stream add up to.

    Raises:
        ValueError: they are not chunks.
    """
    if not chunks or any("choices" not in chunk for chunk in chunks):
        raise ValueError("the stream has no chunks")
    choices: dict[int, JsonObject] = {}
    for chunk in chunks:
        for entry in chunk["choices"]:
            _add(choices.setdefault(entry["index"], {"index": entry["index"], "message": {}}), entry)
    first, usage = chunks[0], next((chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage")), None)
    kept = {key: value for key, value in first.items() if key not in _OF_CHUNKS}
    body = {**kept, "object": "chat.completion", "choices": list(choices.values())}
    return {**body, "usage": usage} if usage else body


def _add(choice: JsonObject, entry: JsonObject) -> None:
    """Add what one chunk says of a choice."""
    message = choice["message"]
    for key, value in entry.get("delta", {}).items():
        if key == "tool_calls":
            for piece in value or ():
                _add_piece(message.setdefault("tool_calls", []), piece)
        else:
            _append(message, key, value)
    choice["finish_reason"] = entry.get("finish_reason") or choice.get("finish_reason")


def _add_piece(calls: list[JsonObject], piece: JsonObject) -> None:
    index = piece.get("index", len(calls) if "id" in piece else max(len(calls) - 1, 0))
    while len(calls) <= index:
        calls.append({})
    call = calls[index]
    for key, value in piece.items():
        if isinstance(value, dict):
            for inner_key, inner_value in value.items():
                _append(call.setdefault(key, {}), inner_key, inner_value)
        elif key != "index":
            call[key] = value


def _append(holder: JsonObject, key: str, value: Any) -> None:
    text = isinstance(value, str) and isinstance(holder.get(key), str) and key != "role"
    holder[key] = holder[key] + value if text else value if value is not None else holder.get(key)
