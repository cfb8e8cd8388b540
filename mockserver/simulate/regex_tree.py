"""Regular expressions as trees of parts, each with the lengths of the texts that it stands for.

Of every part is known how long its shortest and its longest text are (`least`, `most`), and which kinds of anchors
stand in it, but for those of a look ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.simulate.character_classes import Ranges

ENDLESS = 1 << 40
"""The length of what has no longest text."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a class."""

    ranges: Ranges
    least: int = 1
    most: int = 1
    anchors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place between characters: `^`, `$` or a word boundary."""

    kind: str
    least: int = 0
    most: int = 0

    @property
    def anchors(self) -> frozenset[str]:
        """The anchor itself."""
        return frozenset((self.kind,))


@dataclass(frozen=True, slots=True)
class Look:
    """What must (not) follow or come before; grown is only what must follow."""

    tree: "Tree"
    wanted: bool
    least: int = 0
    most: int = 0
    anchors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Back:
    """The text of an earlier group again, by its number or name."""

    group: str
    least: int
    most: int
    anchors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """A group that remembers its text, by its number and perhaps a name."""

    names: tuple[str, ...]
    tree: "Tree"
    least: int
    most: int
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One part after the other."""

    parts: tuple["Tree", ...]
    least: int
    most: int
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    branches: tuple["Tree", ...]
    least: int
    most: int
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same, from `fewest` to `times` times; None sets no limit."""

    tree: "Tree"
    fewest: int
    times: int | None
    least: int
    most: int
    anchors: frozenset[str]


Tree = Letter | Anchor | Look | Back | Group | Row | Choice | Repeat


def sequence(parts: Sequence[Tree]) -> Tree:
    """Parts in a row."""
    if len(parts) == 1:
        return parts[0]
    least, most = sum(part.least for part in parts), sum(part.most for part in parts)
    return Row(tuple(parts), _capped(least), _capped(most), _anchors(parts))


def choice(branches: Sequence[Tree]) -> Tree:
    """One of several branches."""
    if len(branches) == 1:
        return branches[0]
    least, most = min(one.least for one in branches), max(one.most for one in branches)
    return Choice(tuple(branches), least, most, _anchors(branches))


def repeat(tree: Tree, fewest: int, times: int | None) -> Tree:
    """The same several times."""
    most = ENDLESS if times is None and tree.most else tree.most * (times or 0)
    return Repeat(tree, fewest, times, _capped(tree.least * fewest), _capped(most), tree.anchors)


def _anchors(trees: Sequence[Tree]) -> frozenset[str]:
    return frozenset().union(*(tree.anchors for tree in trees))


def _capped(length: int) -> int:
    return min(length, ENDLESS)
