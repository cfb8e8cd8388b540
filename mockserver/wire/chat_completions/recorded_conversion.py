"""Conversion of recorded answers, streams into plain answers and back: reasoning, usage, errors and vendors' keys."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.wire.chat_completions.reasoning import DETAILS, FIELDS
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.streaming import data_of

JsonObject = dict[str, Any]

_LOWEST_ERROR, _HIGHEST_ERROR, _SERVER_ERROR = 400, 599, 500
_OF_THE_REPLY = frozenset({"role", "content", "refusal", "tool_calls", "function_call"})
"""Keys of a message that a reply has words for; the token ids of pieces say nothing of the whole."""
_OF_A_PIECE = frozenset({"token_id", "index"})
_ANNOTATIONS = (*FIELDS, DETAILS, "annotations")


@dataclass(slots=True)
class RecordedExtras:
    """What a recorded answer says beside the reply's text, refusal and calls, whichever way it was sent.

    `message` has the further keys of the first choice's message: reasoning under the provider's key, annotations.
    `usage` is the last count as it was recorded, `error` the error object of a stream that failed.
    """

    message: JsonObject = field(default_factory=dict)
    usage: JsonObject | None = None
    error: JsonObject | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the error, as its own code says it, else 500."""
        codes = [(self.error or {}).get(key) for key in ("status_code", "status", "code")]
        found = (code for code in codes if isinstance(code, int) and _LOWEST_ERROR <= code <= _HIGHEST_ERROR)
        return next(found, _SERVER_ERROR)


def recorded_body(body: JsonObject) -> RecordedExtras:
    """What a plain answer says beside the reply."""
    choices = body.get("choices") or [{}]
    message = choices[0].get("message") or {}
    usage = body.get("usage")
    return RecordedExtras(_further(message), usage if isinstance(usage, dict) else None)


def recorded_stream(events: Iterable[bytes]) -> RecordedExtras:
    """What the events of a stream say beside the reply."""
    found = RecordedExtras()
    for chunk in _chunks(events):
        if isinstance(chunk.get("usage"), dict):
            found.usage = chunk["usage"]
        if isinstance(chunk.get("error"), dict):
            found.error = chunk["error"]
        for choice in chunk.get("choices") or ():
            if isinstance(choice, dict) and choice.get("index", 0) == 0 and isinstance(choice.get("delta"), dict):
                _add(found.message, _further(choice["delta"]))
    return found


def is_failed(reply: Reply) -> bool:
    """Whether a recorded stream ended in an error event."""
    sent = reply.sent or Sent()
    texts = [text.encode("utf-8", "surrogateescape") for text in sent.texts.values()] if sent.chunks is not None else []
    return any(isinstance(chunk.get("error"), dict) for chunk in (*_shapes(sent), *_chunks(texts)))


def is_annotated(reply: Reply) -> bool:
    """Whether a recorded answer shows reasoning or annotations, which only its own wire has."""
    choices = [choice for shape in _shapes(reply.sent or Sent()) for choice in shape.get("choices") or ()]
    parts = [choice.get(key) for choice in choices if isinstance(choice, dict) for key in ("message", "delta")]
    return any(part.get(key) for part in parts if isinstance(part, dict) for key in _ANNOTATIONS)


def with_further_keys(choices: Sequence[JsonObject], recorded: RecordedExtras) -> None:
    """Put the further keys in the message of the first choice: those of reasoning before the others."""
    if not choices or not recorded.message:
        return
    message = choices[0]["message"]
    before = {key: value for key, value in recorded.message.items() if key in (*FIELDS, DETAILS)}
    head = {key: message[key] for key in ("role", "content") if key in message}
    choices[0]["message"] = {**head, **before, **message, **recorded.message}


def _shapes(sent: Sent) -> Iterator[JsonObject]:
    return (shape for shape in sent.shapes.values() if isinstance(shape, dict))


def _further(message: JsonObject) -> JsonObject:
    return {key: value for key, value in message.items() if key not in _OF_THE_REPLY | _OF_A_PIECE and value}


def _add(message: JsonObject, piece: JsonObject) -> None:
    """Add a delta's further keys: texts and lists go on, the entries of `reasoning_details` by their index."""
    for key, value in piece.items():
        before = message.get(key)
        if key == DETAILS and isinstance(value, list) and isinstance(before, list):
            for entry in value:
                _add_detail(before, entry)
        elif isinstance(value, list) and isinstance(before, list):
            message[key] = [*before, *value]
        elif isinstance(value, str) and isinstance(before, str):
            message[key] = before + value
        else:
            message[key] = [*value] if isinstance(value, list) else value


def _add_detail(details: list[Any], entry: Any) -> None:
    last = details[-1] if details else None
    if isinstance(entry, dict) and isinstance(last, dict) and _kind(entry) == _kind(last):
        texts = {key: last.get(key, "") + entry[key] for key in ("text", "summary") if isinstance(entry.get(key), str)}
        details[-1] = {**last, **{key: value for key, value in entry.items() if value is not None}, **texts}
    else:
        details.append(entry)


def _kind(detail: JsonObject) -> tuple[Any, Any]:
    return detail.get("type"), detail.get("index")


def _chunks(events: Iterable[bytes]) -> Iterator[JsonObject]:
    for event in events:
        for block in event.decode("utf-8", "surrogateescape").split("\n\n"):
            try:
                chunk = decode(data_of(block) or "")
            except NotJson:
                continue
            if isinstance(chunk, dict):
                yield chunk
