"""Regex tree: what a regular expression is read into, and its classes of characters as ranges of code points.

Of every part is known how long its shortest and its longest text are (`least`, `most`), and which kinds of anchors
stand in it, but for those of a look ahead.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]
"""Ranges of code points, both ends included, in order and apart from each other."""

_LAST = 0x10FFFF
ANYTHING: Ranges = ((0, _LAST),)
_LONG_NAMES = {
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Uppercase": "Lu", "Lowercase": "Ll",
    "Alphabetic": "L", "Alpha": "L", "Number": "N", "Decimal_Number": "Nd", "Digit": "Nd", "Punctuation": "P",
    "Symbol": "S", "Separator": "Z", "Space_Separator": "Zs", "Mark": "M", "Other": "C", "Control": "Cc",
    "White_Space": "Zs", "Currency_Symbol": "Sc", "Math_Symbol": "Sm", "Dash_Punctuation": "Pd",
    "Titlecase_Letter": "Lt", "Other_Letter": "Lo", "Letter_Number": "Nl", "Nonspacing_Mark": "Mn",
}  # fmt: skip
_SEARCHED = 0x3100
ENDLESS = 1 << 40
"""The length of what has no longest text."""


def _of(*ranges: str) -> Ranges:
    return union(tuple((ord(one[0]), ord(one[-1])) for one in ranges))


def union(*several: Ranges) -> Ranges:
    """What is in any of them."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(pair for ranges in several for pair in ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def complement(ranges: Ranges) -> Ranges:
    """What is not in them."""
    found, start = [], 0
    for low, high in ranges:
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    return (*found, (start, _LAST)) if start <= _LAST else tuple(found)


def common(one: Ranges, other: Ranges) -> Ranges:
    """What is in both."""
    return complement(union(complement(one), complement(other)))


_DIGITS, _UPPER, _LOWER = _of("09"), _of("AZ"), _of("az")
_LETTERS = union(_UPPER, _LOWER)
_WORD = union(_LETTERS, _DIGITS, _of("_"))
_SPACE = _of("\t\r", " ")
_PUNCTUATION = _of("!/", ":@", "[`", "{~")
NAMED: Mapping[str, Ranges] = {
    "d": _DIGITS, "w": _WORD, "s": _SPACE,
    "D": complement(_DIGITS), "W": complement(_WORD), "S": complement(_SPACE),
}  # fmt: skip
POSIX: Mapping[str, Ranges] = {
    "alpha": _LETTERS, "digit": _DIGITS, "alnum": union(_LETTERS, _DIGITS), "upper": _UPPER, "lower": _LOWER,
    "space": _SPACE, "blank": _of("\t", " "), "punct": _PUNCTUATION, "word": _WORD, "print": _of(" ~"),
    "graph": _of("!~"), "cntrl": ((0, 31), (127, 127)), "xdigit": _of("09", "AF", "af"), "ascii": ((0, 127),),
}  # fmt: skip
_SCRIPTS: Mapping[str, Ranges] = {
    "Latin": union(_LETTERS, ((0xC0, 0xD6), (0xD8, 0xF6))), "Greek": ((0x391, 0x3A1), (0x3B1, 0x3C9)),
    "Cyrillic": ((0x410, 0x44F),), "Han": ((0x4E00, 0x9FA5),), "Hiragana": ((0x3042, 0x3093),),
    "Katakana": ((0x30A2, 0x30F3),), "Hangul": ((0xAC00, 0xD7A3),), "Arabic": ((0x627, 0x63A), (0x641, 0x64A)),
    "Hebrew": ((0x5D0, 0x5EA),), "Thai": ((0xE01, 0xE2E),), "Devanagari": ((0x905, 0x939),),
}  # fmt: skip


def property_ranges(name: str) -> Ranges | None:
    """The characters of a Unicode property, as many as are needed to choose from; None for one that is not known."""
    key, _, value = name.partition("=")
    wanted = value or key
    if wanted in ("Any", "ASCII"):
        return ANYTHING if wanted == "Any" else POSIX["ascii"]
    if wanted in _SCRIPTS:
        return _SCRIPTS[wanted]
    return _category(_LONG_NAMES.get(wanted, wanted)) or None


@lru_cache(maxsize=64)
def _category(name: str) -> Ranges:
    found: Iterable[int] = (code for code in range(_SEARCHED) if unicodedata.category(chr(code)).startswith(name))
    return union(tuple((code, code) for code in found)) if name else ()


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
