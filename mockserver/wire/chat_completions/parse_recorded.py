"""An upstream response → what it says and how it was sent: the exact inverse of `replay`, proven when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import Reply
from mockserver.chat.recorded_wire import Chunk, Sent
from mockserver.wire.chat_completions.recorded_body import DERIVED, Body
from mockserver.wire.chat_completions.recorded_stream import Event, Stream
from mockserver.wire.chat_completions.replay import put_together, recorded_events
from mockserver.wire.chat_completions.shapes import BODY, RAW, TORN
from mockserver.wire.chat_completions.stream import wants_usage
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.streaming import data_of

__all__ = ["Event", "as_text", "error_in", "take_apart_body", "take_apart_stream"]


def take_apart_stream(events: Sequence[Event], parsed: ParsedRequest, *, cut: bool) -> Reply:
    """What a stream says, with all that is needed to send it again just so.

    A stream that cannot be put together again event by event is kept as the text that it was.
    """
    try:
        reply = Stream(cut, counted=wants_usage(parsed.request)).reply(events)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        reply = Reply()
    return reply if _is_proven(reply, events, parsed) else as_text(reply, events, cut)


def take_apart_body(value: Mapping[str, Any], parsed: ParsedRequest, gap: int) -> Reply | None:
    """What a plain answer says; None when it is not a chat completion."""
    try:
        reply = Body().reply(value, gap)
        proven = put_together(reply, parsed, Identity("", b""), Chunk(BODY))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        return None
    return reply if _compared(proven) == _compared(value) else None


def error_in(value: Any) -> Mapping[str, Any] | None:
    """The error that a body holds; None where it has another form than the API's."""
    given = value.get("error") if isinstance(value, dict) and value.keys() == {"error"} else None
    if not isinstance(given, dict) or not given.keys() >= {"message", "type", "param", "code"}:
        return None
    words = all(isinstance(given[key], str) for key in ("message", "type"))
    return given if words and all(isinstance(given[key], str | None) for key in ("param", "code")) else None


def _is_proven(reply: Reply, events: Sequence[Event], parsed: ParsedRequest) -> bool:
    try:
        again = [event.decode() for event in recorded_events(reply, parsed, Identity("", b""))]
    except (KeyError, TypeError, ValueError):
        return False
    return [_meaning(text) for text in again] == [_meaning(event.text) for event in events]


def _meaning(event: str) -> Any:
    data = data_of(event)
    if data is None or data == "[DONE]":
        return data or event.strip()
    try:
        return _compared(decode(data))
    except NotJson:
        return event.strip()


def _compared(value: Any) -> Any:
    """An answer without its own ids; those of its calls are only told apart."""
    seen: dict[str, str] = {}

    def without_ids(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            # In the order of the keys, so that the numbers of ids do not depend on where a vendor puts its own.
            return {key: without_ids(value[key], key) for key in sorted(value)}
        if isinstance(value, list):
            return [without_ids(entry) for entry in value]
        if key == "id" and isinstance(value, str) and value:
            return seen.setdefault(value, f"id {len(seen)}")
        return value

    if not isinstance(value, Mapping):
        return value
    return without_ids({key: entry for key, entry in value.items() if key not in DERIVED})


def as_text(reply: Reply, events: Sequence[Event], cut: bool) -> Reply:
    """The same reply, its events kept whole."""
    chunks = tuple(Chunk(TORN if event.torn else RAW, (len(event.text),)) for event in events)
    gaps = tuple(event.gap for event in events)
    texts = {name: "".join(event.text for event in events if event.torn == (name == TORN)) for name in (RAW, TORN)}
    return replace(reply, sent=Sent(chunks=chunks, texts=texts, gaps=gaps, cut=cut))
