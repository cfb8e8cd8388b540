"""What an upstream answered, byte by byte → a recorded turn."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.chat.sent import Sent
from mockserver.scenario import Say
from mockserver.wire.chat_completions import parse_recorded
from mockserver.wire.chat_completions.parse_recorded import Event, as_text
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import ParsedRequest

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n")
_KEPT = ("retry-after", "retry-after-ms", "x-should-retry")
_KEPT_WHEN_LIMITED = ("x-ratelimit-", "anthropic-ratelimit-")
_ERROR_KEYS = frozenset({"message", "type", "param", "code"})
OK, LOWEST_ERROR, TOO_MANY = 200, 400, 429


@dataclass(slots=True)
class Answered:
    """An upstream's answer as it came in; `pieces` are bytes with the seconds since the request was sent.

    `status` is None when the connection went away before the answer began, `cut` says that it went away before the
    answer was over.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    cut: bool = False

    @property
    def body(self) -> bytes:
        """All that came of it."""
        return b"".join(data for _, data in self.pieces)


class EventCounter:
    """Counts what the pieces of an answer complete: events of a stream, or the one body."""

    def __init__(self, answered: Answered) -> None:
        self._streams = answered.headers.get("content-type", "").startswith("text/event-stream")
        self._rest = b""

    def completed_by(self, data: bytes) -> int:
        """How many events are complete with this piece."""
        if not self._streams:
            return 0
        *complete, self._rest = _BLANK_LINE.split(self._rest + data)
        return len(complete)

    def at_end(self) -> int:
        """How many bodies are complete at the end of the answer."""
        return 0 if self._streams else 1


def say_of(answered: Answered, heard: ParsedRequest) -> Say:
    """What was answered, with all that is needed to answer so again."""
    gap = _milliseconds(answered.pieces[-1][0]) if answered.pieces else 0
    kind = answered.headers.get("content-type", "")
    if answered.status is None:
        return Reply(sent=Sent(cut=True))
    dialect = recorded_form(heard.request.api)
    if answered.status == OK and kind.startswith("text/event-stream"):
        streamed: Reply = dialect.take_apart_stream(list(_events(answered.pieces)), heard, cut=answered.cut)
        return streamed
    value = None if answered.cut else _json(answered.body)
    if answered.status >= LOWEST_ERROR:
        return _error(answered, value, kind, gap, heard.request.api)
    reply = dialect.take_apart_body(value, heard, gap) if answered.status == OK and isinstance(value, dict) else None
    return reply if reply is not None else Reply(sent=_raw(answered, kind, gap))


def recorded_form(api: str) -> Any:
    """The module that takes an API's answers apart; that of chat completions for an API that has none."""
    own = f"mockserver.wire.{api}.parse_recorded"
    return import_module(own if find_spec(own) is not None else parse_recorded.__name__)


def say_as_text(answered: Answered) -> Say:
    """The same with nothing understood: for answers that no file could hold otherwise."""
    kind = answered.headers.get("content-type", "")
    if answered.status == OK and kind.startswith("text/event-stream"):
        return as_text(Reply(), list(_events(answered.pieces)), answered.cut)
    return Reply(sent=_raw(answered, kind, _milliseconds(answered.pieces[-1][0]) if answered.pieces else 0))


def _events(pieces: Sequence[tuple[float, bytes]]) -> Iterator[Event]:
    """The events of a stream, each with the time that passed since the one before was complete."""
    rest, last = b"", 0
    for seconds, data in pieces:
        *complete, rest = _BLANK_LINE.split(rest + data)
        for event in complete:
            now = _milliseconds(seconds)
            yield Event(_text(event), now - last)
            last = now
    if rest.strip():
        yield Event(_text(rest), _milliseconds(pieces[-1][0]) - last, torn=True)


def _error(answered: Answered, value: Any, kind: str, gap: int, api: str) -> ApiError:
    limited = answered.status == TOO_MANY
    headers = {
        name: text
        for name, text in answered.headers.items()
        if name in _KEPT or (limited and name.startswith(_KEPT_WHEN_LIMITED))
    }
    given = recorded_form(api).error_in(value)
    status = answered.status or LOWEST_ERROR
    if given is None:
        message = f"the upstream answered {status} with something else than the API's error"
        return ApiError(status, message, "upstream_error", headers=headers, sent=_raw(answered, kind, gap))
    extra = {key: entry for key, entry in given.items() if key not in _ERROR_KEYS}
    error = ApiError(status, given["message"], given["type"], param=given.get("param"), code=given.get("code"))
    return replace(error, extra=extra, headers=headers, sent=Sent(gaps=(gap,), api=api))


def _raw(answered: Answered, kind: str, gap: int) -> Sent:
    return Sent(
        body=_text(answered.body),
        status=answered.status or OK,
        content_type=kind or None,
        gaps=(gap,),
        cut=answered.cut,
    )


def _json(body: bytes) -> Any:
    try:
        return decode(body)
    except NotJson:
        return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
