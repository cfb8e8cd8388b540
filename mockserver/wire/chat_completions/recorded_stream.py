"""Takes a stream apart: running texts are put together, and each chunk keeps the shape that is left."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.wire.chat_completions.reasoning import DETAILS
from mockserver.wire.chat_completions.recorded_body import (
    DERIVED,
    Call,
    JsonObject,
    Said,
    each_detail,
    envelope_of,
    is_count,
)
from mockserver.wire.chat_completions.shapes import (
    ANSWER_CREATED,
    ANSWER_ID,
    CHUNK_OBJECT,
    DONE,
    RAW,
    TORN,
    USAGE,
    holes,
    only_counts,
    usual,
)
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.streaming import data_of


class Event(NamedTuple):
    """One event of a stream, its lines without the blank one that ends it, and the milliseconds before it.

    `torn` says that the blank line did not come: the stream ended within the event.
    """

    text: str
    gap: int
    torn: bool = False


class Stream:
    """Takes a stream apart: running texts are put together, and each chunk keeps the shape that is left.

    `counted` says that the request asked for a chunk with the usage: only then is it that of the request.
    """

    def __init__(self, cut: bool, *, counted: bool = True) -> None:
        self._said = Said()
        self._shapes: dict[str, Any] = {}
        self._usual: set[str] = set()
        self._texts: dict[str, str] = {}
        self._cut = cut
        self._counted = counted
        self._envelope: JsonObject = {}

    def reply(self, events: Sequence[Event]) -> Reply:
        """The reply with the recipe of its stream."""
        chunks = [None if event.torn else _chunk_of(event.text) for event in events]
        self._envelope = _shared(chunk for chunk in chunks if isinstance(chunk, dict) and "choices" in chunk)
        self._name_calls(chunks)
        self._said.usage = _last_count(chunks)
        recipe = tuple(self._chunk(event, chunk) for event, chunk in zip(events, chunks, strict=True))
        gaps = tuple(event.gap for event in events)
        envelope = envelope_of(self._envelope, CHUNK_OBJECT)
        return self._said.reply(Sent(envelope, self._shapes, recipe, self._texts, gaps, self._cut))

    def _name_calls(self, chunks: Iterable[Any]) -> None:
        """The names and ids of the calls, which usually stand in one chunk each."""
        for piece in _call_pieces(chunks):
            index = piece.get("index", 0)
            call = self._said.calls.setdefault(index, Call())
            kind = "custom" if isinstance(piece.get("custom"), dict) else "function"
            function = piece.get(kind)
            if isinstance(function, dict) and isinstance(function.get("name"), str):
                call.name += function["name"]
                call.kind = kind
            if call.id is None and isinstance(piece.get("id"), str) and piece["id"]:
                call.id = piece["id"]

    def _chunk(self, event: Event, chunk: Any) -> Chunk:
        if chunk == "[DONE]":
            return Chunk(DONE)
        if not isinstance(chunk, dict):
            name = TORN if event.torn else RAW
            self._texts[name] = self._texts.get(name, "") + event.text
            return Chunk(name, (len(event.text),))
        lengths: list[int] = []
        shape = self._shape(chunk, lengths)
        return Chunk(self._named(shape), tuple(lengths))

    def _shape(self, chunk: JsonObject, lengths: list[int]) -> JsonObject:
        if not isinstance(chunk.get("choices"), list):
            return self._bare(chunk)
        shape: JsonObject = {"choices": [self._choice(choice, lengths) for choice in chunk["choices"]]}
        for key, entry in chunk.items():
            if key not in DERIVED | {"choices"} and not (key in self._envelope and self._envelope[key] == entry):
                shape[key] = self._said.counting(entry) if key == "usage" else entry
        return shape

    def _bare(self, chunk: JsonObject) -> JsonObject:
        """The shape of a chunk without choices: what stands around the others it says itself, or not at all."""
        shape = dict(chunk)
        if isinstance(chunk.get("id"), str):
            shape["id"] = f"<{ANSWER_ID}>"
        if isinstance(chunk.get("created"), int):
            shape["created"] = f"<{ANSWER_CREATED}>"
        if "usage" in chunk:
            shape["usage"] = self._said.counting(chunk["usage"])
        return shape

    def _choice(self, choice: Any, lengths: list[int]) -> Any:
        if not isinstance(choice, dict):
            return choice
        shape = dict(choice)
        number = choice.get("index", 0)
        if isinstance(choice.get("delta"), dict):
            shape["delta"] = {key: self._part(number, key, entry, lengths) for key, entry in choice["delta"].items()}
        if choice.get("finish_reason") is not None:
            shape["finish_reason"] = self._said.ending(choice)
        return shape

    def _part(self, number: int, key: str, entry: Any, lengths: list[int]) -> Any:
        if key == "tool_calls" and isinstance(entry, list):
            return [self._call(number, piece, lengths) if isinstance(piece, dict) else piece for piece in entry]
        if key == "function_call" and isinstance(entry, dict) and any(entry.values()):
            return self._function(number, 0, entry, "arguments", lengths)
        if key == DETAILS:
            return each_detail(entry, lambda text: self._running(self._said.text_name(number, key), text, lengths))
        if isinstance(entry, str) and key != "role" and (entry or key == "content"):
            return self._running(self._said.text_name(number, key), entry, lengths)
        return entry

    def _call(self, number: int, piece: JsonObject, lengths: list[int]) -> JsonObject:
        shape = dict(piece)
        index = piece.get("index", 0)
        kind = "custom" if isinstance(piece.get("custom"), dict) else "function"
        if isinstance(piece.get(kind), dict):
            key = "input" if kind == "custom" else "arguments"
            shape[kind] = self._function(number, index, piece[kind], key, lengths)
        if number == 0 and piece.get("id") and piece["id"] == self._said.calls[index].id:
            shape["id"] = f"<id {self._rank(index)}>"
        return shape

    def _function(self, number: int, index: int, function: JsonObject, key: str, lengths: list[int]) -> JsonObject:
        shape = dict(function)
        call = self._said.calls.setdefault(index, Call()) if number == 0 else None
        if call is not None and function.get("name") and function["name"] == call.name:
            shape["name"] = f"<name {self._rank(index)}>"
        said = function.get(key)
        if not isinstance(said, str):
            return shape
        if call is None:
            shape[key] = self._running(f"choice {number} arguments {index}", said, lengths)
            return shape
        call.arguments += said
        if said:
            lengths.append(len(said))
            shape[key] = f"<arguments {self._rank(index)}>"
        return shape

    def _running(self, name: str, text: str, lengths: list[int]) -> str:
        self._said.add(name, text)
        if not text:
            return text
        lengths.append(len(text))
        return f"<{name}>"

    def _rank(self, index: int) -> int:
        """Which call of the reply this is; some providers' indexes have holes."""
        return sorted(self._said.calls).index(index)

    def _named(self, shape: JsonObject) -> str:
        """The name of a shape; one that has no usual name, or another form, is kept."""
        plain = _described(shape)
        if only_counts(shape) and not self._counted:
            plain = "usage unasked"
        names = (plain, *(f"{plain} {chr(number)}" for number in range(ord("b"), ord("z"))))
        for name in names:
            known = self._shapes.get(name, usual(name) if name in self._usual else None)
            if known == shape:
                return name
            if known is None:
                if usual(name) == shape:
                    self._usual.add(name)
                else:
                    self._shapes[name] = shape
                return name
        raise ValueError("a stream of too many shapes")


def _chunk_of(event: str) -> Any:
    """The JSON of an event, or its data where it is none; None for an event without data."""
    data = data_of(event)
    if data is None or data == "[DONE]" or not event.startswith("data:") or "\n" in event.strip():
        return data if data == "[DONE]" else None
    try:
        value = decode(data)
    except NotJson:
        return None
    if not isinstance(value, dict):
        return None
    return {key: entry for key, entry in value.items() if key != "obfuscation"}


def _call_pieces(chunks: Iterable[Any]) -> Iterator[JsonObject]:
    for chunk in chunks:
        for choice in (chunk.get("choices") or ()) if isinstance(chunk, dict) else ():
            if not isinstance(choice, dict) or choice.get("index", 0) != 0 or not isinstance(choice.get("delta"), dict):
                continue
            yield from (piece for piece in choice["delta"].get("tool_calls") or () if isinstance(piece, dict))
            legacy = choice["delta"].get("function_call")
            if isinstance(legacy, dict) and any(legacy.values()):
                yield {"function": legacy}


def _shared(chunks: Iterable[JsonObject]) -> JsonObject:
    """What all chunks say beside their choices, with the first one's values."""
    first: JsonObject | None = None
    for chunk in chunks:
        if first is None:
            first = {key: entry for key, entry in chunk.items() if key not in DERIVED | {"choices"}}
            if first.get("usage") is not None:
                del first["usage"]
        else:
            first = {key: entry for key, entry in first.items() if key in chunk}
    return first or {}


def _described(shape: JsonObject) -> str:
    """What a chunk is about, in a word or two."""
    named = [name for name in holes(shape) if name not in ("finish_reason", "usage", ANSWER_ID, ANSWER_CREATED)]
    choices = shape.get("choices")
    delta = choices[0].get("delta") if choices and isinstance(choices[0], dict) else None
    brings_role = isinstance(delta, dict) and "role" in delta
    calls = [name.removeprefix("id ") for name in named if name.startswith("id ")]
    calls = calls or [name.removeprefix("name ") for name in named if name.startswith("name ")]
    if calls:
        return f"role call {calls[0]}" if brings_role else f"call {calls[0]}"
    if brings_role:
        return "role alone" if delta is not None and delta.keys() == {"role", "content"} else "role"
    if named:
        return named[0]
    if "finish_reason" in holes(shape):
        return "finish"
    return "error" if "error" in shape else USAGE if only_counts(shape) else "chunk"


def _last_count(chunks: Iterable[Any]) -> JsonObject | None:
    """What the whole answer cost: of counts that grow the last one."""
    counts = [chunk["usage"] for chunk in chunks if isinstance(chunk, dict) and is_count(chunk.get("usage"))]
    return counts[-1] if counts else None
