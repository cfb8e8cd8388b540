"""A completion, whatever it looks like, as the chunks of a stream: a change of the body shows there too."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.wire.chat_completions.chunks import Told, in_chunks
from mockserver.wire.chat_completions.render import form, wants_usage
from mockserver.wire.chunking import cut
from mockserver.wire.identity import Identity

JsonObject = dict[str, Any]
Cut = str | int | None

_OF_THE_WHOLE = ("object", "choices", "usage")
_NEVER_STREAMED = ("annotations",)
_AROUND = ("role", "content", "refusal", "tool_calls", "function_call")
_ARGUMENTS = {"function": "arguments", "custom": "input"}


def as_stream(body: JsonObject, request: ChatRequest, identity: Identity, how: Cut) -> list[JsonObject]:
    """The chunks, without the closing `[DONE]`; those of a sound body are what `write` streams.

    Another envelope around the completion is put around every chunk; a completion without a choice is one chunk
    without a choice.
    """
    if "choices" not in body:
        return _wrapped(body, request, identity, how)
    shared = {"id": None, "object": "chat.completion.chunk", **_kept(body)}
    counted = body.get("usage") if wants_usage(request) else None
    told = [
        Told(choice["index"], _deltas(choice["message"], how), choice["finish_reason"]) for choice in body["choices"]
    ]
    said = in_chunks(told, shared, counted, form(request, identity))
    return said or [{**shared, "choices": []}]


def _kept(body: JsonObject) -> JsonObject:
    return {key: value for key, value in body.items() if key not in _OF_THE_WHOLE}


def _wrapped(body: JsonObject, request: ChatRequest, identity: Identity, how: Cut) -> list[JsonObject]:
    key = next(key for key, value in body.items() if isinstance(value, dict) and "choices" in value)
    return [{**body, key: chunk} for chunk in as_stream(body[key], request, identity, how)]


def _deltas(message: JsonObject, how: Cut) -> list[JsonObject]:
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
    if isinstance(message.get("refusal"), str):
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
    """What opens a call, and the pieces of its text; what is no text goes out whole with the head."""
    text = said.get(key)
    if not isinstance(text, str):
        return said, []
    pieces = ["{}"] if text == "{}" else cut(text, how, arguments=key == "arguments")
    return {**said, key: ""}, [{key: piece} for piece in pieces]
