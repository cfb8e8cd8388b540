"""Retries: a request that comes again after an answer that did not come whole gets what it should have got."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec

REMEMBERED_SESSIONS = 10_000
"""Of so many sessions the latest request is known; the one not seen for longest is forgotten first."""


class Delivery:
    """One answer on its way: whether it comes whole, and how to undo that it used up a turn or rule."""

    __slots__ = ("fingerprint", "is_whole", "undo")

    def __init__(self, fingerprint: bytes) -> None:
        self.fingerprint = fingerprint
        self.is_whole = True
        self.undo: Callable[[], None] | None = None

    def note_hits(self, hits: "Iterable[FaultSpec]") -> None:
        """Note the faults that the response showed: where one breaks the answer, it does not come whole."""
        if any(hit.fault.promises.breaks for hit in hits):
            self.is_whole = False


class Retries:
    """The latest delivery of each session."""

    def __init__(self) -> None:
        self._latest: OrderedDict[str, Delivery] = OrderedDict()

    def deliver(self, session: str, fingerprint: bytes) -> Delivery:
        """The delivery for one more request. A retry of one that did not come whole first gives back what that used."""
        before = self._latest.pop(session, None)
        if before is not None and before.fingerprint == fingerprint and not before.is_whole and before.undo is not None:
            before.undo()
        delivery = self._latest[session] = Delivery(fingerprint)
        if len(self._latest) > REMEMBERED_SESSIONS:
            self._latest.popitem(last=False)
        return delivery

    def clear(self) -> None:
        """No request has come yet."""
        self._latest.clear()
