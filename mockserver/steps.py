"""All that a response can do on the socket. A response is a list of these, so time and failure are data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers; a `content-length` or `transfer-encoding` among them decides how sends are framed.

    `dates` are headers whose value is a moment, so many seconds after the head is sent.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    dates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes of the body: a whole JSON body or one event of a stream.

    Bytes that are not `framed` go out as they stand, even where the body is sent in chunks: a frame can be broken so.
    `events` is the number of events, or whole bodies, that they complete; another than 1 only in a live response.
    """

    data: bytes
    framed: bool = True
    events: int = 1


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for so many seconds, counted from the moment the step before it was due."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection goes away: closed, or reset."""

    reset: bool = False


Step = Head | Send | Wait | Drop
