"""One exchange: a request and what answered it."""

from collections.abc import Callable
from typing import NamedTuple

from mockserver.chat import ApiError, ChatRequest, Reply


class Exchange(NamedTuple):
    """A request and what answered it.

    `started` is seconds since 1970, `duration` seconds; `size` is the length of the request's body in bytes, and
    `request` None when the body could not be understood. The reply is derived when it is looked at. `ended` says how it
    went: "complete" (a scripted error included), "refused" (by the checks, or because nothing was scripted),
    "client_gone", or "fault:NAME". `others` are the labels of what would have answered had `match` not come first.
    `path` is the one that was asked for, without its query; `served` says whether anything answers there. `api` is the
    API that the request speaks.
    """

    id: int
    session: str
    request: ChatRequest | None
    read_reply: Callable[[], Reply | ApiError] | None
    match: str | None
    faults: tuple[str, ...]
    started: float
    duration: float
    events_sent: int
    ended: str
    size: int = 0
    others: tuple[str, ...] = ()
    method: str = "POST"
    path: str = ""
    served: bool = True
    api: str = "chat_completions"

    @property
    def reply(self) -> Reply | ApiError | None:
        """What was answered, with ids and usage as they were sent; None when the client left before."""
        return self.read_reply() if self.read_reply is not None else None
