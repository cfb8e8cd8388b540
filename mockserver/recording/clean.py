"""A recorded answer without secrets: judged on whole texts, however they were cut, and then cut again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.chat.sent import Chunk, Sent
from mockserver.redaction import Sanitiser
from mockserver.scenario import Say, Turn
from mockserver.wire.recorded import shape_of
from mockserver.wire.sse import data_of
from mockserver.wire.usual_shapes import DONE, RAW, TORN, holes

_AS_TEXT = (RAW, TORN)


def clean_turn(turn: Turn, sanitiser: Sanitiser) -> Turn:
    """The turn with no secret in what was heard, in what was said, and in how it was sent."""
    heard = sanitiser.request(turn.heard) if turn.heard is not None else None
    return replace(turn, say=clean_say(turn.say, sanitiser), heard=heard)


def clean_say(say: Say, sanitiser: Sanitiser) -> Say:
    """The same for what was said."""
    if isinstance(say, ApiError):
        return _clean_error(say, sanitiser)
    return _clean_reply(say, sanitiser) if isinstance(say, Reply) else say


def _clean_error(error: ApiError, sanitiser: Sanitiser) -> ApiError:
    return replace(
        error,
        message=sanitiser.text(error.message),
        type=sanitiser.text(error.type),
        param=_maybe(error.param, sanitiser),
        code=_maybe(error.code, sanitiser),
        extra=sanitiser.value(error.extra),
        headers=sanitiser.value(error.headers),
        sent=_clean_sent(error.sent, {}, sanitiser) if error.sent is not None else None,
    )


def _clean_reply(reply: Reply, sanitiser: Sanitiser) -> Reply:
    calls = tuple([sanitiser.call(call) for call in reply.calls])
    text, refusal = _maybe(reply.text, sanitiser), _maybe(reply.refusal, sanitiser)
    clean = replace(reply, text=text, refusal=refusal, calls=calls)
    if reply.sent is None:
        return clean
    texts = {"text": (reply.text or "", text or ""), "refusal": (reply.refusal or "", refusal or "")}
    for index, (before, after) in enumerate(zip(reply.calls, calls, strict=True)):
        texts[f"arguments {index}"] = (before.arguments, after.arguments)
    return replace(clean, sent=_clean_sent(reply.sent, texts, sanitiser))


def _clean_sent(sent: Sent, texts: Mapping[str, tuple[str, str]], sanitiser: Sanitiser) -> Sent:
    """How it was sent; `texts` are the reply's own running texts, before and after."""
    own = {name: (text, sanitiser.json_text(text)) for name, text in sent.texts.items()}
    changed = {name: pair for name, pair in {**texts, **own}.items() if pair[0] != pair[1]}
    clean = replace(
        sent,
        envelope=sanitiser.value(sent.envelope, by_name=False),
        shapes={name: sanitiser.value(shape, by_name=False) for name, shape in sent.shapes.items()},
        texts={sanitiser.text(name): after for name, (_, after) in own.items()},
        body=sanitiser.json_text(sent.body) if sent.body is not None else None,
        content_type=_maybe(sent.content_type, sanitiser),
    )
    pieces = any(sanitiser.text(text) != text for text in _said_in(sent))
    if not changed and not pieces:
        return clean
    # Log probabilities spell a text again, token by token; what could not be taken apart may hold pieces of it.
    clean = replace(clean, shapes={name: _without_logprobs(shape) for name, shape in clean.shapes.items()})
    if pieces or any(name not in _AS_TEXT for name in changed):
        clean = _without_raw(clean)
    return replace(clean, chunks=tuple(_cut_again(clean, changed))) if clean.chunks is not None else clean


def _without_raw(sent: Sent) -> Sent:
    """Without the events that are kept as text; one that consisted of nothing else is written as the wire writes it."""
    texts = {name: text for name, text in sent.texts.items() if name not in _AS_TEXT}
    kept, gaps, waited = [], [], 0
    for chunk, gap in zip(sent.chunks or (), chain(sent.gaps, repeat(0)), strict=False):
        waited += gap
        if chunk.shape not in _AS_TEXT:
            kept.append(chunk)
            gaps.append(waited)
            waited = 0
    nothing = sent.chunks is None or not any(chunk.lengths or chunk.shape != DONE for chunk in kept)
    return replace(
        sent, texts=texts, chunks=None if nothing else tuple(kept), gaps=sent.gaps if nothing else tuple(gaps)
    )


def _cut_again(sent: Sent, changed: Mapping[str, tuple[str, str]]) -> Iterator[Chunk]:
    """The chunks with the lengths of the new texts, in the proportions of the old ones."""
    places = dict.fromkeys(changed, 0)
    for chunk in sent.chunks or ():
        running = [chunk.shape] if chunk.shape in _AS_TEXT else _running(shape_of(chunk.shape, sent))
        lengths = []
        for name, length in zip(running, chunk.lengths, strict=False):
            if name not in changed:
                lengths.append(length)
                continue
            before, after = changed[name]
            start, places[name] = places[name], places[name] + length
            lengths.append(_moved(places[name], before, after) - _moved(start, before, after))
        yield Chunk(chunk.shape, tuple(lengths))


def _moved(place: int, before: str, after: str) -> int:
    return len(after) if place >= len(before) else place * len(after) // len(before)


def _running(shape: Any) -> list[str]:
    """The holes of a shape that running texts fill, in order."""
    fixed = ("id ", "name ")
    return [name for name in holes(shape) if name not in ("finish_reason", "usage") and not name.startswith(fixed)]


def _without_logprobs(shape: Any) -> Any:
    if isinstance(shape, Mapping):
        return {key: None if key == "logprobs" else _without_logprobs(entry) for key, entry in shape.items()}
    return [_without_logprobs(entry) for entry in shape] if isinstance(shape, list) else shape


def _said_in(sent: Sent) -> list[str]:
    """The texts that events kept as they were say piece by piece, put together by their place in the chunks."""
    events = sent.texts.get(RAW, "") + sent.texts.get(TORN, "")
    running: dict[str, str] = {}

    def gather(value: Any, path: str) -> None:
        if isinstance(value, str):
            running[path] = running.get(path, "") + value
        elif isinstance(value, dict):
            for key, entry in value.items():
                gather(entry, f"{path}.{key}")
        elif isinstance(value, list):
            for entry in value:
                gather(entry, path)

    for line in events.replace("data:", "\ndata:").splitlines():
        data = data_of(line)
        try:
            gather(json.loads(data or ""), "")
        except (ValueError, RecursionError):
            continue
    return list(running.values())


def _maybe(text: str | None, sanitiser: Sanitiser) -> str | None:
    return None if text is None else sanitiser.text(text)
