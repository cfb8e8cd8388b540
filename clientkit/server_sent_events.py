"""Parses server-sent events out of bytes, however the bytes are cut."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Not splitlines(): it also breaks at characters that are ordinary text inside an event.
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
        self._unfinished: list[bytes] = []
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
        self._unfinished.append(first)
        events = []
        for following in others:
            line = b"".join(self._unfinished)
            self._unfinished = [following]
            if event := self._read_line(line):
                events.append(event)
        return events

    def end(self) -> ServerSentEvent | None:
        """What stands there when the bytes end without the empty line that closes an event."""
        self._read_line(b"".join(self._unfinished))
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
