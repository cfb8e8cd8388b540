"""Redaction of recorded turns: secrets are found in whole texts, however a stream cut them, which is then cut anew."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, repeat
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.recording.ordering import ordered_scenario
from mockserver.redaction import REDACTED, Sanitiser
from mockserver.scenario import Say, Scenario, Turn
from mockserver.wire.chat_completions import replay as chat_replay
from mockserver.wire.chat_completions.shapes import ANSWER_CREATED, ANSWER_ID, DONE, RAW, TORN, holes
from mockserver.wire.streaming import data_of

_AS_TEXT = (RAW, TORN)


def redact_recording(recording: Scenario, sanitiser: Sanitiser) -> Scenario:
    """The recording without secrets, such as an editor or a recorder that did not know them may have left in it."""
    turns = [redact_turn(turn, sanitiser) for turn in recording.turns if turn.heard is not None]
    if turns == [turn for turn in recording.turns if turn.heard is not None] or recording.recording is None:
        return recording
    # Names of turns are made of their requests: they are made anew.
    header = replace(recording.recording, upstream=sanitiser.text(recording.recording.upstream))
    clean = ordered_scenario(recording.name, header, turns)
    return replace(clean, about=recording.about, rules=recording.rules, seed=recording.seed, model=recording.model)


def redact_turn(turn: Turn, sanitiser: Sanitiser) -> Turn:
    """The turn without secrets: in the request, in the reply, and in how the reply was sent."""
    heard = sanitiser.request(turn.heard) if turn.heard is not None else None
    return replace(turn, say=redact_reply(turn.say, sanitiser), heard=heard)


def redact_reply(say: Say, sanitiser: Sanitiser) -> Say:
    """The reply or error without secrets."""
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
    text, refusal, thinking = (_maybe(each, sanitiser) for each in (reply.text, reply.refusal, reply.thinking))
    clean = replace(reply, text=text, refusal=refusal, thinking=thinking, calls=calls)
    if reply.sent is None:
        return clean
    texts = {"text": (reply.text or "", text or ""), "refusal": (reply.refusal or "", refusal or "")}
    texts["thinking"] = (reply.thinking or "", thinking or "")
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
    pieces = _in_pieces(sent, sanitiser)
    if not changed and not pieces:
        return clean
    # Log probabilities spell a text again, token by token; what could not be taken apart may hold pieces of it.
    shapes = {name: _blanked(_without_logprobs(shape), pieces) for name, shape in clean.shapes.items()}
    clean = replace(clean, shapes=shapes)
    if pieces or any(name not in _AS_TEXT for name in changed):
        clean = _without_raw(clean)
    return replace(clean, chunks=tuple(_cut_again(clean, changed))) if clean.chunks is not None else clean


def _without_raw(sent: Sent) -> Sent:
    """Without the events that are raw text; a stream of nothing else is written as the wire writes it."""
    texts = {name: text for name, text in sent.texts.items() if name not in _AS_TEXT}
    chunks, gaps, waited = [], [], 0
    for chunk, gap in zip(sent.chunks or (), chain(sent.gaps, repeat(0)), strict=False):
        waited += gap
        if chunk.shape not in _AS_TEXT:
            chunks.append(chunk)
            gaps.append(waited)
            waited = 0
    nothing = sent.chunks is None or not any(chunk.lengths or chunk.shape != DONE for chunk in chunks)
    return replace(
        sent, texts=texts, chunks=None if nothing else tuple(chunks), gaps=sent.gaps if nothing else tuple(gaps)
    )


def _cut_again(sent: Sent, changed: Mapping[str, tuple[str, str]]) -> Iterator[Chunk]:
    """The chunks with the lengths of the new texts, in the proportions of the old ones."""
    places = dict.fromkeys(changed, 0)
    own = f"mockserver.wire.{sent.api}.replay"
    shape_of = import_module(own if find_spec(own) is not None else chat_replay.__name__).shape_of
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
    drawn = ("finish_reason", "usage", ANSWER_ID, ANSWER_CREATED)
    return [name for name in holes(shape) if name not in drawn and not name.startswith(fixed)]


def _without_logprobs(shape: Any) -> Any:
    if isinstance(shape, Mapping):
        return {key: None if key == "logprobs" else _without_logprobs(entry) for key, entry in shape.items()}
    return [_without_logprobs(entry) for entry in shape] if isinstance(shape, list) else shape


def _in_pieces(sent: Sent, sanitiser: Sanitiser) -> set[str]:
    """The places in a stream's chunks whose texts, put together, hold a secret."""
    running: dict[str, str] = {}
    for value in _values_in(sent):
        for path, text in _texts_in(value, ""):
            running[path] = running.get(path, "") + text
    return {path for path, text in running.items() if sanitiser.text(text) != text}


def _values_in(sent: Sent) -> Iterator[Any]:
    """The chunks in order: their shapes, and the JSON of the events that are raw text."""
    places = dict.fromkeys(_AS_TEXT, 0)
    for name, lengths in sent.chunks or ():
        if name not in _AS_TEXT:
            yield sent.shapes.get(name)
            continue
        start, places[name] = places[name], places[name] + sum(lengths)
        event = sent.texts.get(name, "")[start : places[name]]
        for line in event.replace("data:", "\ndata:").splitlines():
            with suppress(ValueError, RecursionError):
                yield json.loads(data_of(line) or "")


def _texts_in(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _texts_in(entry, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _texts_in(entry, path)


def _blanked(value: Any, places: Collection[str], path: str = "") -> Any:
    """A shape with the texts in these places replaced."""
    if isinstance(value, str):
        return REDACTED if path in places else value
    if isinstance(value, Mapping):
        return {key: _blanked(entry, places, f"{path}.{key}") for key, entry in value.items()}
    return [_blanked(entry, places, path) for entry in value] if isinstance(value, list | tuple) else value


def _maybe(text: str | None, sanitiser: Sanitiser) -> str | None:
    return None if text is None else sanitiser.text(text)
