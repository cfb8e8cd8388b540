"""Patterns: a text that a regular expression accepts, grown from its tree towards a wanted length.

The work is in proportion to the length of the text, however often the pattern counts: a part that can be empty and
gets no room is left out without a look.
"""

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from mockserver.simulate.bounds import MOST_CHARACTERS, TooMuch
from mockserver.simulate.regex_parser import Unreadable, parse
from mockserver.simulate.regex_tree import (
    ENDLESS,
    POSIX,
    Back,
    Choice,
    Group,
    Letter,
    Look,
    Ranges,
    Repeat,
    Row,
    Tree,
    common,
)

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_USUAL = 60
_TRIES = 16
_ROOM = 3
_EDGES = ("start", "end")
_BROAD = 200
"""A class of more than so many characters says what is not wanted, as `.` and `[^"]` do."""
Edges = tuple[bool, bool]


def text_matching(pattern: str, chance: Random, shortest: int = 0, longest: int = _USUAL) -> str | None:
    """A text for a pattern, between the given lengths where it allows that; None for a pattern that cannot be read.

    Raises:
        TooMuch: the shortest text is longer than `MOST_CHARACTERS`.
    """
    try:
        tree = _tree(pattern)
    except Unreadable:
        return None
    if max(tree.least, shortest) > MOST_CHARACTERS:
        asked = (
            f"asks for at least {tree.least} characters" if tree.least > shortest else f"goes with {shortest} of them"
        )
        raise TooMuch("pattern", f"it {asked}, and at most {MOST_CHARACTERS} are made up")
    text = ""
    for length in _lengths(tree, chance, shortest, longest):
        text = _padded(_Growth(chance).grow(tree, length), tree, chance, shortest)
        if shortest <= len(text) <= longest:
            break
    return text


@lru_cache(maxsize=256)
def _tree(pattern: str) -> Tree:
    return parse(pattern)


def _lengths(tree: Tree, chance: Random, shortest: int, longest: int) -> Iterator[int]:
    """Lengths to try: first a usual one, then others that may be met where not every length can be."""
    low = max(tree.least, shortest, _seen(tree))
    high = max(min(tree.most, longest), low)
    usual = min(high, low + _ROOM * _open_repeats(tree))
    yield chance.randint(low, usual)
    yield from (low + number for number in range(min(high - low, _TRIES) + 1))
    yield from (chance.randint(low, high) for _ in range(_TRIES))


def _seen(tree: Tree) -> int:
    """How long a text is at least that has room for all that must follow at its beginning."""
    parts = tree.parts if isinstance(tree, Row) else ()
    looks = [part.tree.least for part in parts if isinstance(part, Look) and part.wanted]
    return max(*looks, len(looks)) if looks else 0


def _open_repeats(tree: Tree) -> int:
    """How many parts may be longer than they must be."""
    if isinstance(tree, Row):
        return sum(map(_open_repeats, tree.parts))
    if isinstance(tree, Choice):
        return max(map(_open_repeats, tree.branches))
    if isinstance(tree, Group):
        return _open_repeats(tree.tree)
    return int(tree.most > tree.least)


def _padded(text: str, tree: Tree, chance: Random, shortest: int) -> str:
    """The text made long enough at an end that the pattern leaves open."""
    missing = shortest - len(text)
    if missing <= 0:
        return text
    more = "".join(chance.choices(_LETTERS, k=missing))
    if "end" not in tree.anchors:
        return text + " " + more[1:]
    return text if "start" in tree.anchors else more[1:] + " " + text


class _Growth:
    """One text in the making; groups remember what they held for references back to them."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._groups: dict[str, str] = {}

    def grow(self, tree: Tree, length: int, edges: Edges = (True, True)) -> str:
        """A text of the tree, as long as asked where the tree allows that length.

        `edges` say whether the text begins with it, and whether it ends with it: only there an anchor holds.
        """
        length = min(max(length, tree.least), tree.most)
        match tree:
            case Letter(ranges):
                return self._letters(ranges, 1)
            case Row(parts):
                return self._row(parts, length, edges)
            case Choice():
                return self.grow(self._chosen(tree, length, edges), length, edges)
            case Group(names, inner):
                text = self.grow(inner, length, edges)
                self._groups |= dict.fromkeys(names, text)
                return text
            case Repeat() if length:
                return self._repeated(tree, length, edges)
            case _:
                return self._groups.get(tree.group, "") if isinstance(tree, Back) else ""

    def _chosen(self, tree: Choice, length: int, edges: Edges) -> Tree:
        """A branch of that length whose anchors hold; where one can, that is the one."""
        holding = list(tree.branches)
        for kind, is_edge in zip(_EDGES, edges, strict=True):
            if kind in tree.anchors:
                holding = [one for one in holding if (kind in one.anchors) == is_edge] or holding
        fitting = [one for one in holding if one.least <= length <= one.most]
        return self._chance.choice(fitting or holding)

    def _row(self, parts: tuple[Tree, ...], length: int, edges: Edges) -> str:
        """The parts, the length that is left over dealt out among those that can be longer than they must."""
        looks = [part.tree for part in parts if isinstance(part, Look) and part.wanted]
        grown = "".join(self._dealt(parts, length, edges))
        return self._with_seen(grown, looks) if looks else grown

    def _dealt(self, parts: tuple[Tree, ...], length: int, edges: Edges) -> Iterator[str]:
        rest = length - sum(part.least for part in parts)
        able = sum(part.most - part.least for part in parts)
        waiting = sum(part.most > part.least for part in parts)
        said, last = 0, max((index for index, part in enumerate(parts) if part.most), default=len(parts))
        for index, part in enumerate(parts):
            own = part.most - part.least
            able -= own
            share = self._share(rest, own, able, waiting) if own else 0
            waiting -= own > 0
            rest -= share
            text = self.grow(part, part.least + share, (edges[0] and not said, edges[1] and index >= last))
            said += len(text)
            yield text

    def _share(self, rest: int, own: int, others: int, waiting: int) -> int:
        """How much of the rest one part takes: a fair share by and large, so that what is left fits the others."""
        low, high = max(0, rest - others), min(rest, own)
        return self._chance.randint(low, max(low, min(high, 2 * rest // waiting + 1)))

    def _repeated(self, tree: Repeat, length: int, edges: Edges) -> str:
        inner = tree.tree
        most = tree.times if tree.times is not None else ENDLESS
        if inner.least == inner.most == 1 and isinstance(inner, Letter):
            return self._letters(inner.ranges, length)
        fewest = max(tree.fewest, -(-length // inner.most) if inner.most else 0)
        # What may be empty is left out but for as often as there is something to say.
        limit = length // inner.least if inner.least else max(fewest if fewest <= length else 0, length)
        times = self._chance.randint(min(fewest, limit), max(min(fewest, limit), min(most, limit)))
        return "".join(self._dealt((inner,) * times, length, edges))

    def _letters(self, ranges: Ranges, count: int) -> str:
        return "".join(self._chance.choices(_choices(ranges), k=count))

    def _with_seen(self, text: str, looks: list[Tree]) -> str:
        """The text with what has to follow somewhere in it written over some of it, each at a place of its own.

        Of what must follow only what is not filler counts, as the digit of `(?=.*[0-9])`.
        """
        letters = list(text)
        start = self._chance.randrange(len(looks) + 1)
        for number, look in enumerate(sorted(looks, key=lambda look: -look.least)):
            wanted = self.grow(look, look.least)
            place = 0 if len(wanted) > 1 else start + number
            letters[place : place + len(wanted)] = wanted if place + len(wanted) <= len(letters) else letters[place:]
        return "".join(letters)


@lru_cache(maxsize=512)
def _choices(ranges: Ranges) -> str:
    """The characters to choose from: letters and digits where there are any, else what is printable, else the first."""
    pool = common(ranges, POSIX["alnum"])
    if sum(high - low + 1 for low, high in ranges) > _BROAD:
        pool = common(ranges, POSIX["lower"]) or pool
    pool = pool or common(ranges, POSIX["print"]) or ranges[:1]
    found = "".join(chr(code) for low, high in pool for code in range(low, min(high, low + _BROAD) + 1))
    return "".join(letter for letter in found if not "\ud800" <= letter <= "\udfff") or "a"
