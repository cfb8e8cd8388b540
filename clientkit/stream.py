"""Reads a streamed reply, as server-sent events: bytes in, events out, an error for what does not end as it should."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from clientkit.completion import error_from_event, error_object, read_completion, unreadable
from clientkit.deltas import Deltas
from clientkit.display import shorten
from clientkit.errors import StreamError
from clientkit.events import Finished, ReplyEvent
from clientkit.reply import Reply

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of one reply that are read; one that is longer is an error."""

_BEGINNING_OF_STREAM = re.compile(rb"(\xef\xbb\xbf)?\s*(data|event|id|retry)?:")
# Not splitlines(): it also breaks at characters that are ordinary text inside an event.
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class StreamReader:
    """Takes the bytes of a streamed completion in any pieces and gives its events.

    It does no input or output: feed it, then say that the bytes have ended.

    Raises:
        StreamError: The stream is torn, unreadable or has no finish; the error keeps what had come.
        APIError: The server sent an error in mid-stream; the error keeps what had come.
    """

    def __init__(self, most: int = MAX_BYTES) -> None:
        self._parser = EventStreamParser()
        self._deltas = Deltas()
        self._size = 0
        self._most = most
        self.event_count = 0
        """Events of the server so far, whatever they hold."""
        self.done = False

    @property
    def partial(self) -> Reply:
        """The reply as far as it has come."""
        return self._deltas.reply()

    def feed(self, piece: bytes) -> list[ReplyEvent]:
        """The events that these bytes bring. The last of a stream is `Finished`."""
        self._size += len(piece)
        if self._size > self._most:
            raise StreamError(f"The reply is longer than {self._most} bytes and was not read on.", self.partial)
        return [event for sent in self._parser.feed(piece) for event in self._read(sent)]

    def end(self) -> list[ReplyEvent]:
        """The last events, after the last byte."""
        rest = self._parser.end()
        events = self._read(rest) if rest else []
        return events if self.done else [*events, *self._finish()]

    def break_error(self, reason: str) -> StreamError:
        """The error for a connection that broke while the stream was read."""
        return StreamError(
            f"The stream broke off before its end: {reason}. What had come is in .partial.", self.partial
        )

    def _read(self, sent: ServerSentEvent) -> list[ReplyEvent]:
        if self.done:
            return []
        self.event_count += 1
        if sent.data.strip() == b"[DONE]":
            return self._finish()
        chunk = self._parse(sent)
        described = error_object(chunk)
        if described is None and sent.name == "error":
            described = chunk
        if described is not None:
            raise error_from_event(described, self.partial)
        try:
            return self._deltas.add(chunk)
        except RecursionError:
            raise StreamError("The stream holds an event that is nested too deep.", self.partial) from None

    def _parse(self, sent: ServerSentEvent) -> dict[str, Any]:
        try:
            chunk = json.loads(sent.data.decode("utf-8"))
        except (ValueError, RecursionError):
            chunk = None
        if isinstance(chunk, dict):
            return chunk
        shown = shorten(sent.data.decode("utf-8", "replace"), 120)
        if sent.name == "error":
            raise error_from_event({"message": shown}, self.partial)
        raise StreamError(f"The stream holds an event that is not a JSON object: {shown}", self.partial)

    def _finish(self) -> list[ReplyEvent]:
        self.done = True
        if self._deltas.finish is None:
            raise StreamError(
                "The stream ended without a finish reason, so the reply may be cut off; nothing of it was run. "
                "What had come is in .partial.",
                self.partial,
            )
        return self._deltas.end()


def read_whole(content: bytes) -> Reply:
    """The reply in the content of a response, whether it is one JSON value or, unasked, an event stream.

    Raises:
        APIError: It is neither.
        StreamError: It is a stream and torn.
    """
    if _BEGINNING_OF_STREAM.match(content):
        reader = StreamReader()
        events = reader.feed(content)
        events += [] if reader.done else reader.end()
        return next(event.reply for event in events if isinstance(event, Finished))
    try:
        return read_completion(json.loads(content))
    except (ValueError, RecursionError):
        raise unreadable(content[:1000].decode("utf-8", "replace")) from None


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its name (default "message") and its data, still as bytes."""

    name: str
    data: bytes


class EventStreamParser:
    """Takes the bytes of an event stream in any pieces, gives its events.

    CR, LF and CRLF end lines; comments, ids and retry times are passed over; a byte order mark may come first.
    """

    def __init__(self) -> None:
        self._interim_record: list[bytes] = []
        self._after_carriage_return = False
        self._first_line = True
        self._name = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that are complete with this piece."""
        if not piece:
            return []
        if self._after_carriage_return and piece.startswith(b"\n"):
            piece = piece[1:]
            self._after_carriage_return = False
            if not piece:
                return []
        self._after_carriage_return = piece.endswith(b"\r")
        first, *others = _LINE_END.split(piece)
        self._interim_record.append(first)
        events = []
        for following in others:
            line = b"".join(self._interim_record)
            self._interim_record = [following]
            if event := self._read_line(line):
                events.append(event)
        return events

    def end(self) -> ServerSentEvent | None:
        """What stands there when the bytes end without the empty line that closes an event."""
        self._read_line(b"".join(self._interim_record))
        return self._read_line(b"")

    def _read_line(self, line: bytes) -> ServerSentEvent | None:
        if self._first_line:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._first_line = False
        if not line:
            return self._close_event()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value
        return None

    def _close_event(self) -> ServerSentEvent | None:
        name, data = self._name.decode("utf-8", "replace") or "message", self._data
        self._name, self._data = b"", []
        return ServerSentEvent(name, b"\n".join(data)) if data else None
