"""An upstream's response as it came in, and the recorded turn of an exchange with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mockserver.chat import ApiError, Reply
from mockserver.chat.recorded_wire import Sent
from mockserver.recording.ordering import ordered_scenario
from mockserver.recording.redact import redact_turn
from mockserver.redaction import Sanitiser
from mockserver.scenario import Recording, Say, ScenarioErrors, Turn, Undumpable, dump, parse
from mockserver.wire.chat_completions import parse_recorded
from mockserver.wire.chat_completions.parse_recorded import Event, as_text
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import ParsedRequest

OK, LOWEST_ERROR, TOO_MANY = 200, 400, 429
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404

_ENDS = {
    "text/event-stream": re.compile(rb"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n"),
    "application/x-ndjson": re.compile(rb"\r?\n"),
}
"""What ends an event, by the content type of the stream."""
_RECORDED_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
_RATE_LIMIT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")
_ERROR_KEYS = frozenset({"message", "type", "param", "code"})

_NO_SUCH_MODEL = frozenset({"model_not_found", "deploymentnotfound", "model_not_available", "no_such_model"})
_PATH = re.compile(r"(?<![\w/])/\S+")
_ABOUT_A_MODEL = re.compile(
    r"(?i)\b(?:model|deployment)\b.*\b(?:not found|not exist|unknown|no access|not available)\b"
    r"|\b(?:no such|unknown|invalid) (?:model|deployment)\b"
)
_LONGEST_QUOTE = 200


class NotRecorded(Exception):
    """An exchange is not in the recording; the message says why, and holds no secret."""


@dataclass(slots=True)
class UpstreamResponse:
    """An upstream's response as it came in; `pieces` are bytes with the seconds since the request was sent.

    `status` is None when the connection closed before the response began, `cut` says that it closed before the
    response was complete.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    cut: bool = False

    @property
    def body(self) -> bytes:
        """The bytes that came."""
        return b"".join(data for _, data in self.pieces)

    @property
    def content_type(self) -> str:
        """The `content-type` header, "" where there is none."""
        return self.headers.get("content-type", "")

    @property
    def is_stream(self) -> bool:
        """Whether it is a successful stream of events."""
        return self.status == OK and self.end_of_event is not None

    @property
    def end_of_event(self) -> re.Pattern[bytes] | None:
        """What ends an event of such a stream; None for a response that is not one."""
        return _ENDS.get(self.content_type.partition(";")[0].strip().lower())


class EventCounter:
    """Counts what the pieces of a response complete: events of a stream, or the one body."""

    def __init__(self, response: UpstreamResponse) -> None:
        self._end = response.end_of_event
        self._rest = b""

    def completed_by(self, data: bytes) -> int:
        """How many events are complete with this piece."""
        if self._end is None:
            return 0
        *complete, self._rest = self._end.split(self._rest + data)
        return len(complete)

    def at_end(self) -> int:
        """How many bodies are complete at the end of the response."""
        return 0 if self._end is not None else 1


def turn_from_exchange(parsed: ParsedRequest, response: UpstreamResponse, sanitiser: Sanitiser) -> Turn:
    """The turn of one exchange, without secrets.

    A response that the scenario format cannot express is recorded as raw text.

    Raises:
        NotRecorded: not even that can be written: the request has a form that no file can hold.
    """
    request = replace(parsed.request, stream=False)
    for say in (reply_of(response, parsed), raw_reply_of(response)):
        turn = redact_turn(Turn(say, heard=request), sanitiser)
        if _reads_back(turn):
            return turn
    raise NotRecorded("a request has a form that no file can hold: it was passed on, and is not in the recording")


def reply_of(response: UpstreamResponse, parsed: ParsedRequest) -> Say:
    """The reply or error that a response holds, with all that is needed to send it again as it came."""
    if response.status is None:
        return Reply(sent=Sent(cut=True))
    dialect = _recorded_dialect(parsed.request.api)
    if response.is_stream:
        streamed: Reply = dialect.take_apart_stream(list(_events(response)), parsed, cut=response.cut)
        return streamed
    value = None if response.cut else _json(response.body)
    if response.status >= LOWEST_ERROR:
        return _error(response, value, parsed.request.api)
    if response.status == OK and isinstance(value, dict):
        reply: Reply | None = dialect.take_apart_body(value, parsed, _delay(response))
        if reply is not None:
            return reply
    return Reply(sent=_raw(response))


def raw_reply_of(response: UpstreamResponse) -> Say:
    """The response as raw text: for responses that the scenario format cannot express."""
    if response.is_stream:
        return as_text(Reply(), list(_events(response)), response.cut)
    return Reply(sent=_raw(response))


def reason_not_recorded(response: UpstreamResponse, model: str) -> str | None:
    """Why a response is not recorded; None where it is.

    A key that is refused, a request that is forbidden and a path that is not served are mistakes in how the recorder
    is used; that the API has no such model is a behaviour of the API.
    """
    status = response.status
    if status in (_UNAUTHORISED, _FORBIDDEN):
        cure = "check the key that the application sends"
    elif status == _NOT_FOUND and not _says_no_such_model(response.body, model):
        cure = "check the path that the application asks for, and --upstream"
    else:
        return None
    text = " ".join(response.body.decode("utf-8", "replace").split())[:_LONGEST_QUOTE]
    return f"the upstream answered {status}, which is passed on and not recorded: {cure}. It said: {text or 'nothing'}"


def _recorded_dialect(api: str) -> Any:
    """The module that takes an API's recorded answers apart; that of chat completions for an API that has none."""
    own = f"mockserver.wire.{api}.parse_recorded"
    return import_module(own if find_spec(own) is not None else parse_recorded.__name__)


def _reads_back(turn: Turn) -> bool:
    try:
        parse(dump(ordered_scenario("one", Recording(), [turn])))
    except (ScenarioErrors, Undumpable, ValueError, RecursionError):
        return False
    return True


def _events(response: UpstreamResponse) -> Iterator[Event]:
    """The events of a stream, each with the time that passed since the one before was complete."""
    end, pieces = response.end_of_event, response.pieces
    assert end is not None, "only a stream has events"
    rest, last = b"", 0
    for seconds, data in pieces:
        *complete, rest = end.split(rest + data)
        for event in complete:
            now = _milliseconds(seconds)
            yield Event(_text(event), now - last)
            last = now
    if rest.strip():
        yield Event(_text(rest), _milliseconds(pieces[-1][0]) - last, torn=True)


def _error(response: UpstreamResponse, value: Any, api: str) -> ApiError:
    limited = response.status == TOO_MANY
    headers = {
        name: text
        for name, text in response.headers.items()
        if name in _RECORDED_HEADERS or (limited and name.startswith(_RATE_LIMIT_PREFIXES))
    }
    details = _recorded_dialect(api).error_in(value)
    status = response.status or LOWEST_ERROR
    if details is None:
        message = f"the upstream answered {status} with something else than the API's error"
        return ApiError(status, message, "upstream_error", headers=headers, sent=_raw(response))
    extra = {key: entry for key, entry in details.items() if key not in _ERROR_KEYS}
    error = ApiError(status, details["message"], details["type"], param=details.get("param"), code=details.get("code"))
    return replace(error, extra=extra, headers=headers, sent=Sent(gaps=(_delay(response),), api=api))


def _raw(response: UpstreamResponse) -> Sent:
    return Sent(
        body=_text(response.body),
        status=response.status or OK,
        content_type=response.content_type or None,
        gaps=(_delay(response),),
        cut=response.cut,
    )


def _says_no_such_model(body: bytes, model: str) -> bool:
    """Whether a 404 is about the model that was requested, and not about the path."""
    value = _json(body)
    error = value.get("error", value) if isinstance(value, dict) else None
    texts = [error] if isinstance(error, str) else _texts(error)
    if any(text.lower() in _NO_SUCH_MODEL for text in texts):
        return True
    without_paths = [_PATH.sub(" ", text) for text in texts]
    return any((model and model in text) or _ABOUT_A_MODEL.search(text) is not None for text in without_paths)


def _texts(error: Any) -> list[str]:
    """The texts of an error object, at its first level."""
    return [text for text in error.values() if isinstance(text, str)] if isinstance(error, dict) else []


def _json(body: bytes) -> Any:
    try:
        return decode(body)
    except NotJson:
        return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _delay(response: UpstreamResponse) -> int:
    """The milliseconds until a plain response was complete."""
    return _milliseconds(response.pieces[-1][0]) if response.pieces else 0


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
