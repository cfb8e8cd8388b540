"""What scripts say to a request: the scenarios that are played, and the ready-made ones that it asks for by name.

A request that comes again after an answer that did not come whole gets what it should have got.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from inspect import isawaitable

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.engine.settings import Fallback
from mockserver.scenario import (
    ConditionFailed,
    Match,
    MatchView,
    Miss,
    Play,
    UnresolvedPlaceholder,
    answer_from,
    as_say,
    conflict,
    library,
    load,
    names_fault,
)
from mockserver.wire.identity import play_digest
from mockserver.wire.mock_error import (
    condition_failed,
    placeholder_unresolved,
    recording_miss,
    script_conflict,
    turn_failed,
    unknown_scenario,
    unscripted_request,
)

REMEMBERED_SESSIONS = 10_000
"""Of so many sessions the latest request is known; the one not seen for longest is forgotten first."""


class Delivery:
    """One answer on its way: whether it comes whole, and how to undo that it used up a turn or rule."""

    __slots__ = ("fingerprint", "is_whole", "undo")

    def __init__(self, fingerprint: bytes) -> None:
        self.fingerprint = fingerprint
        self.is_whole = True
        self.undo: Callable[[], None] | None = None


class Scripts:
    """Finds the script that answers a request; ready-made scenarios are loaded when one asks for them."""

    def __init__(self) -> None:
        self._ready_made: dict[str, Play] = {}
        self._latest: OrderedDict[str, Delivery] = OrderedDict()

    def _deliver(self, session: str, fingerprint: bytes) -> Delivery:
        """The delivery for one more request. A retry of one that did not come whole first gives back what that used."""
        before = self._latest.pop(session, None)
        if before is not None and before.fingerprint == fingerprint and not before.is_whole and before.undo is not None:
            before.undo()
        delivery = self._latest[session] = Delivery(fingerprint)
        if len(self._latest) > REMEMBERED_SESSIONS:
            self._latest.popitem(last=False)
        return delivery

    async def find(
        self, plays: Sequence[Play], view: MatchView, fingerprint: bytes, fallback: Fallback, wanted: str | None = None
    ) -> tuple[Match | ApiError | None, Delivery]:
        """What answers, and its delivery; None where nothing does and the simulated model may.

        `wanted` is the name of the one scenario that may answer. What answers may be said to this request: where it
        contradicts it, the answer is an error that says so. Asynchronous, as a turn's function may be.
        """
        delivery = self._deliver(view.session, fingerprint)
        found = self._look(plays, view, fallback, wanted)
        if isinstance(found, Match):
            delivery.undo = found.undo
            found = await self._said(found, view)
        return found, delivery

    async def _said(self, found: Match, view: MatchView) -> Match:
        """What a match says: what its function gives, or why it may not be said."""
        if callable(found.say):
            found = await _asked_for(found, view.request)
        if found.contradiction is not None:
            error = script_conflict(found.contradiction, found.label, str(found.place) if found.place else None)
            return found._replace(say=error)
        return found

    async def go_on(
        self, plays: Sequence[Play], place: tuple[bytes, int], view: MatchView, fingerprint: bytes
    ) -> tuple[Match | None, Delivery]:
        """The next turn of a conversation of which only the place is known; None where no scenario goes on from it."""
        delivery = self._deliver(view.session, fingerprint)
        for play in (*plays, *self._ready_made.values()):
            found = play.go_on(place[1], view) if play_digest(play.label) == place[0] else None
            if found is not None:
                delivery.undo = found.undo
                return await self._said(found, view), delivery
        return None, delivery

    def _look(
        self, plays: Sequence[Play], view: MatchView, fallback: Fallback, wanted: str | None
    ) -> Match | ApiError | None:
        meant = plays if wanted is None else self._called(wanted, plays)
        if wanted is not None and not meant:
            return unknown_scenario(wanted, [play.scenario.name for play in plays], library())
        try:
            found = answer_from(meant, view)
        except UnresolvedPlaceholder as unresolved:
            return placeholder_unresolved(str(unresolved))
        except ConditionFailed as failed:
            return condition_failed(str(failed))
        if isinstance(found, Miss):
            return _missed(found, view.request) if fallback == "error" else None
        return found

    def _called(self, name: str, plays: Sequence[Play]) -> Sequence[Play]:
        """The plays of this name; a ready-made one need not be loaded."""
        called = [play for play in plays if play.is_called(name)]
        if not called and name not in self._ready_made and name in (files := library()):
            self._ready_made[name] = Play(load(files[name]))
        return called or ([self._ready_made[name]] if name in self._ready_made else [])


def _missed(found: Miss, request: ChatRequest) -> ApiError:
    """The error when nothing answers, with the nearest candidates."""
    if found.nearest is None:
        return unscripted_request(request, [asdict(miss) for miss in found.near])
    secret = any(difference.hides_a_secret for difference in found.nearest.differences)
    return recording_miss(asdict(found.nearest), secret)


async def _asked_for(found: Match, request: ChatRequest) -> Match:
    """What a turn that is a function says."""
    said = found.say
    try:
        while callable(said):
            given = said(request)
            said = as_say(await given if isawaitable(given) else given)
    except Exception as error:  # a user's own code may raise anything; the client must hear of it, not of a 500
        return found._replace(say=turn_failed(error, found.label))
    contradiction = conflict(said, request, found.fault) if isinstance(said, Reply) else None
    return found._replace(say=said, contradiction=contradiction, faulty=found.faulty or names_fault(said))
