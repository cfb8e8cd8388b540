"""How somebody asks, and what an answer is on its way out."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.server.headers import headers
from mockserver.server.limits import FULL
from mockserver.steps import Step
from mockserver.wire.chat_completions.providers import Occasion, Provider
from mockserver.wire.chat_completions.seal import complete
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity, Origin

if TYPE_CHECKING:
    from mockserver.faults import Chosen


class Written(NamedTuple):
    """The steps of an answer, how to read it later, how it ends when all goes well, and the faults that are in it.

    `faults` are their names; `hits` are those that were injected here, for whoever keeps count of them.
    """

    steps: Sequence[Step]
    said: Callable[[], Reply | ApiError]
    ended: str
    faults: tuple[str, ...] = ()
    hits: "tuple[Chosen, ...]" = ()


class Asking(NamedTuple):
    """How somebody asks: the provider whose manner is wanted, the path, and the request's headers.

    `limits` are the headers that say what is left of them, `time_scale` stretches all waiting.
    """

    provider: Provider
    path: str
    given: Mapping[str, str]
    limits: Mapping[str, str] = FULL
    time_scale: float = 1.0

    def on(self, identity: Identity, parsed: ParsedRequest | None = None) -> Occasion:
        """The occasion on which the provider answers."""
        return Occasion(self.path, self.given, identity, parsed.request if parsed is not None else None)

    def headers(self, identity: Identity, status: int = 200, match: str | None = None) -> dict[str, str]:
        """The headers of the answer."""
        return headers(identity, self.given, status, self.limits, match)


def sealed(reply: Reply, parsed: ParsedRequest, origin: Origin) -> Reply:
    """What was said, for whoever looks later; the ids are drawn again then, which costs less than to keep them."""
    return complete(reply, parsed, Identity(*origin))
