"""What the engine says to a request."""

from typing import TYPE_CHECKING, NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.wire.identity import Identity

if TYPE_CHECKING:
    from mockserver.faults import Injection


class Answer(NamedTuple):
    """What is said to a request (a reply for each choice, or an error), what chose it, and where its ids come from.

    `injection` knows what is to go wrong on the way out; None for an answer that is sound. `provider` names whose
    manner the scenario asks for, where nobody else chose one. `others` are the labels of what would have answered, too.
    """

    said: tuple[Reply, ...] | ApiError
    match: str | None
    identity: Identity
    injection: "Injection | None" = None
    provider: str | None = None
    others: tuple[str, ...] = ()
