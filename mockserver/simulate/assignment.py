"""Assignment: candidates go to parameters in the order of the text; a parameter named anew begins the next call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.simulate.scoring import ENOUGH

Path = tuple[str, ...]
Values = dict[Path, Any]
Offer = dict[Path, tuple[float, Any]]
"""What each parameter would make of a span: its affinity and the value."""

_NEAR = 0.25
_SURE = ENOUGH + 0.1
_LISTED = 0.1
"""How much more a member of a list suits a parameter that takes many."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span, or several that form a list, with what parameters would make of each; `bound`: it can be nothing else."""

    start: int
    end: int
    offers: tuple[Offer, ...]
    bound: bool = False


class Assignment:
    """Calls in the making: the last one is being filled."""

    def __init__(self, needs: Sequence[Path], many: Sequence[Path]) -> None:
        self._needs = needs
        self._many = many
        self._calls: list[Values] = [{}]
        self._given: dict[Path, Offer] = {}

    def give(self, item: Candidate) -> None:
        """Give an item to the parameters that it suits."""
        best = _suits_most(item, self._many)
        if best in self._many:
            self._collect(item, best)
        elif len(item.offers) == 1:
            self._place(item.offers[0], item.bound)
        else:
            self._spread(item, best)

    def _collect(self, item: Candidate, path: Path) -> None:
        """Add to a parameter that takes many; a second list goes to another such parameter, or to a new call."""
        held = self._calls[-1]
        if not item.bound and len(item.offers) > 1 and len(held.get(path, ())) > 1:
            open_ones = [
                other for other in self._many if other not in held and all(other in one for one in item.offers)
            ]
            if open_ones:
                path = open_ones[0]
            else:
                self._calls.append({})
        taken = self._calls[-1].setdefault(path, [])
        values = [offer[path][1] for offer in item.offers if path in offer]
        taken += [value for value in values if not (item.bound and value in taken)]

    @property
    def calls(self) -> list[Values]:
        """The calls, what one leaves out taken from its nearest neighbour, the ones before first."""
        whole = [dict(values) for values in self._calls]
        for index, values in enumerate(whole):
            for other in (*range(index - 1, -1, -1), *range(index + 1, len(whole))):
                for path, value in self._calls[other].items():
                    values.setdefault(path, value)
        return whole

    def _put(self, path: Path, value: Any) -> None:
        if path in self._calls[-1]:
            self._calls.append({})
        self._calls[-1][path] = value

    def _place(self, offer: Offer, bound: bool) -> None:
        """Give one value to the parameter that it fits best and that is still open; else begin a new call with it."""
        best = _favourite(offer)
        worth, value = offer[best]
        held = self._calls[-1]
        if best in held and self._make_way(best, worth):
            held[best] = value
            self._given[best] = offer
            return
        if best in held:
            waiting = {path: offer[path] for path in offer if path not in held and path not in self._many}
            rival = _favourite(waiting) if waiting else best
            if rival != best and offer[rival][0] >= worth - _NEAR:
                held[rival] = offer[rival][1]
                return
            if held[best] == value or not (bound or (best in self._needs and worth >= _SURE)):
                return
        self._put(best, value)
        self._given = {**(self._given if len(self._calls[-1]) > 1 else {}), best: offer}

    def _make_way(self, path: Path, worth: float) -> bool:
        """Move the value of a parameter, which a later one suits clearly more, to another one that waits for it."""
        before = self._given.get(path)
        if before is None or path not in before or before[path][0] >= worth - _LISTED:
            return False
        held = self._calls[-1]
        open_ones = {one: before[one] for one in before if one not in held and one in self._needs}
        if not open_ones:
            return False
        other = _favourite(open_ones)
        held[other] = open_ones[other][1]
        self._given[other] = before
        return True

    def _spread(self, item: Candidate, best: Path) -> None:
        """Give a list to parameters side by side when as many want its kind, else one call to each of its members."""
        peers = self._peers(item, best)
        waiting = [path for path in peers if path not in self._calls[-1]]
        favourites = {_favourite(offer) for offer in item.offers if offer}
        if len(peers) > 1 and len(item.offers) <= len(waiting):
            self._in_turn(item, waiting)
        elif len(peers) > 1 and len(item.offers) % len(peers) == 0:
            self._in_turn(item, peers)
        elif len(favourites) == len(item.offers):
            for offer in item.offers:
                self._place(offer, bound=False)
        elif best in self._needs or best not in self._calls[-1]:
            self._fan_out([offer[best][1] for offer in item.offers if best in offer], best)

    def _in_turn(self, item: Candidate, paths: Sequence[Path]) -> None:
        for index, offer in enumerate(item.offers):
            path = paths[index % len(paths)]
            self._put(path, offer[path][1])

    def _fan_out(self, values: list[Any], path: Path) -> None:
        """A call for each value; calls that wait for just as many values get theirs."""
        if len(self._calls) == len(values) and all(path not in held for held in self._calls):
            for held, value in zip(self._calls, values, strict=True):
                held[path] = value
            return
        for value in values:
            self._put(path, value)

    def _peers(self, item: Candidate, best: Path) -> list[Path]:
        """The needs that every member of a list suits about equally well, in the order in which the tool names them."""
        return [
            path
            for path in self._needs
            if path not in self._many
            and all(path in offer and offer[path][0] >= offer.get(best, (0.0,))[0] - _NEAR for offer in item.offers)
        ]


def _favourite(offer: Offer) -> Path:
    return max(offer, key=lambda path: offer[path][0])


def _suits_most(item: Candidate, many: Sequence[Path]) -> Path:
    totals: dict[Path, float] = {}
    for offer in item.offers:
        for path, (worth, _) in offer.items():
            listed = _LISTED if path in many and len(item.offers) > 1 else 0.0
            totals[path] = totals.get(path, 0.0) + worth + listed
    return max(totals, key=lambda path: totals[path])
