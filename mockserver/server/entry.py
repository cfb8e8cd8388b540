"""What the journal will say of a request, as far as it is known by now."""

import time
from collections.abc import Callable
from functools import partial

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.journal import Exchange
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.refusal import Refused


class Entry:
    """An exchange that is going on in a session; whoever finds something out notes it here."""

    __slots__ = ("_began", "_started", "body", "ended", "faults", "match", "others", "said", "session")

    def __init__(self, session: str) -> None:
        self._started, self._began = time.time(), time.perf_counter()
        self.session = session
        self.body = b""
        self.said: Callable[[], Reply | ApiError] | None = None
        self.match: str | None = None
        self.ended = "complete"
        self.faults: tuple[str, ...] = ()
        self.others: tuple[str, ...] = ()

    def exchange(self, number: int, events_sent: int) -> Exchange:
        """The finished entry. The request is read again when somebody looks: its bytes take a tenth of the room."""
        return Exchange(
            number,
            self.session,
            partial(_request_in, self.body),
            self.said,
            self.match,
            self.faults,
            self._started,
            time.perf_counter() - self._began,
            events_sent,
            self.ended,
            len(self.body),
            self.others,
        )


def _request_in(body: bytes) -> ChatRequest | None:
    try:
        return parse(body, strict=False).request
    except Refused:
        return None
