"""A reader of regular expressions: what schemas and grammars write, read into a tree by a parser of our own.

Read is what RE2 reads and what ECMA-262 adds: literals, classes, Unicode properties, groups, alternatives, counted
repeats, anchors, look-around and references back. Flags are read; those that change which letters are meant (`i`, `s`,
`m`) narrow nothing, so that what is grown without them is accepted with them. Verbose patterns (`x`) are not read.
"""

import re
from typing import NoReturn

from mockserver.simulate.regex_tree import (
    ENDLESS,
    NAMED,
    Anchor,
    Back,
    Group,
    Letter,
    Look,
    Ranges,
    Tree,
    choice,
    complement,
    property_ranges,
    repeat,
    sequence,
    union,
)

MOST_CHARACTERS = 10_000
"""The longest pattern that is read."""

DEEPEST = 50
"""So deep its groups may be nested."""
_COUNT = re.compile(r"\{(\d+)(,(\d+)?)?\}")
_COUNTS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_FLAGS = re.compile(r"\?([a-zA-Z]*)(?:-[a-zA-Z]*)?([:)])")
_NAME = re.compile(r"\?P?<([A-Za-z_$][\w$]*)>")
_LOOK = {"?=": True, "?!": False, "?<=": False, "?<!": False}
_HEX = re.compile(r"x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})")
_PROPERTY = re.compile(r"([pP])(?:\{(\^?)([^}]*)\}|([A-Z]))")
_OCTAL = re.compile(r"0[0-7]{0,2}")
_SPECIAL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_ANCHORS = {"b": "boundary", "B": "inside", "A": "start", "z": "end", "Z": "end", "G": "start"}


class Unreadable(ValueError):
    """The pattern is none, or uses what is not read."""


def parse(pattern: str) -> Tree:
    """The tree of a pattern.

    Raises:
        Unreadable: it has a mistake, is nested deeper than `DEEPEST`, or uses a construct that is not read.
    """
    return _Parser(pattern).whole()


class _Parser:
    def __init__(self, pattern: str) -> None:
        if len(pattern) > MOST_CHARACTERS:
            raise Unreadable(f"longer than {MOST_CHARACTERS} characters")
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._groups: dict[str, tuple[int, int]] = {}
        self._count = 0

    def whole(self) -> Tree:
        tree = self._choice()
        if self._at < len(self._text):
            self._fail("a bracket closes nothing")
        return tree

    def _fail(self, reason: str) -> NoReturn:
        raise Unreadable(f"{reason} at character {self._at + 1}")

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        found = self._peek(text)
        self._at += len(text) if found else 0
        return found

    def _match(self, form: re.Pattern[str]) -> re.Match[str] | None:
        found = form.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found

    def _choice(self) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(f"groups are nested deeper than {DEEPEST}")
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        self._depth -= 1
        return choice(branches)

    def _sequence(self) -> Tree:
        parts: list[Tree] = []
        while self._at < len(self._text) and not self._peek("|") and not self._peek(")"):
            parts.append(self._counted(self._part()))
        return sequence(parts)

    def _counted(self, tree: Tree) -> Tree:
        """The part with the count that follows it."""
        count = self._counts()
        if count is None:
            return tree
        fewest, times = count
        if times is not None and times < fewest:
            self._fail("a repeat has its limits the wrong way round")
        _ = self._take("?") or self._take("+")
        if self._counts() is not None:
            self._fail("a repeat repeats a repeat")
        return repeat(tree, fewest, times)

    def _counts(self) -> tuple[int, int | None] | None:
        if found := self._match(_COUNT):
            fewest = _number(found[1])
            return fewest, (_number(found[3]) if found[3] else None) if found[2] else fewest
        for sign, count in _COUNTS.items():
            if self._take(sign):
                return count
        return None

    def _part(self) -> Tree:
        sign = self._text[self._at]
        self._at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            return Letter(self._class())
        if sign == "\\":
            return self._escape()
        if sign in "*+?":
            self._fail("a repeat repeats nothing")
        if sign in "^$":
            return Anchor("start" if sign == "^" else "end")
        return Letter(complement(((10, 10), (13, 13)))) if sign == "." else _letter(sign)

    def _group(self) -> Tree:
        for sign, wanted in sorted(_LOOK.items(), key=lambda known: -len(known[0])):
            if self._take(sign):
                return Look(self._closed(), wanted)
        if self._take("?>") or self._take("?|"):
            return self._closed()
        if found := self._match(_NAME):
            return self._remembered(found[1])
        if self._take("?P="):
            end = self._text.find(")", self._at)
            name = self._text[self._at : end]
            self._at = end + 1
            return self._back(name)
        if self._peek("?"):
            found = self._match(_FLAGS)
            if not found or "x" in found[1]:
                self._fail("this kind of group is not read")
            return self._closed() if found[2] == ":" else sequence(())
        return self._remembered()

    def _remembered(self, *name: str) -> Tree:
        self._count += 1
        names = (str(self._count), *name)
        tree = self._closed()
        self._groups |= dict.fromkeys(names, (tree.least, tree.most))
        return Group(names, tree, tree.least, tree.most, tree.anchors)

    def _closed(self) -> Tree:
        tree = self._choice()
        if not self._take(")"):
            self._fail("a bracket is not closed")
        return tree

    def _back(self, name: str) -> Tree:
        if name not in self._groups:
            return sequence(())  # a reference to what has not matched yet matches nothing
        return Back(name, *self._groups[name])

    def _escape(self) -> Tree:
        if self._at >= len(self._text):
            self._fail("a backslash escapes nothing")
        sign = self._text[self._at]
        if sign in _ANCHORS:
            self._at += 1
            return Anchor(_ANCHORS[sign])
        if sign in "123456789":
            found = re.compile(r"\d{1,2}").match(self._text, self._at)
            assert found is not None, "there is a digit"
            self._at = found.end()
            return self._back(found[0])
        if named := self._match(re.compile(r"k<(\w+)>")):
            return self._back(named[1])
        if quoted := self._match(re.compile(r"Q(.*?)(?:\\E|$)", re.DOTALL)):
            return sequence([_letter(one) for one in quoted[1]])
        return Letter(self._escaped())

    def _escaped(self) -> Ranges:
        """What an escape stands for, within a class or without."""
        if found := self._match(_PROPERTY):
            ranges = property_ranges(found[3] if found[3] is not None else found[4])
            if ranges is None:
                self._fail("this Unicode property is not known")
            return complement(ranges) if (found[1] == "P") != bool(found[2]) else ranges
        if found := self._match(_HEX):
            return _one(int(next(filter(None, found.groups())), 16))
        if found := self._match(_OCTAL):
            return _one(int(found[0], 8))
        sign = self._text[self._at : self._at + 1]
        self._at += 1
        if sign in NAMED:
            return NAMED[sign]
        if sign == "c" and self._at < len(self._text):
            self._at += 1
            return _one(ord(self._text[self._at - 1]) % 32)
        if not sign or (sign.isalnum() and sign not in _SPECIAL):
            self._fail("this escape is not read")
        return _one(ord(_SPECIAL.get(sign, sign)))

    def _class(self) -> Ranges:
        negated = self._take("^")
        members: list[Ranges] = []
        first = True
        while first or not self._peek("]"):
            if self._at >= len(self._text):
                self._fail("a class is not closed")
            if first and not negated and self._take("]"):
                return ()  # as ECMA-262 has it: nothing fits an empty class
            first = False
            low = self._member()
            if self._peek("-") and not self._peek("-]") and _is_one(low):
                self._at += 1
                high = self._member()
                if not _is_one(high) or high[0][0] < low[0][0]:
                    self._fail("a range has no end, or ends before it begins")
                low = ((low[0][0], high[0][0]),)
            members.append(low)
        self._at += 1
        ranges = union(*members)
        return complement(ranges) if negated else ranges

    def _member(self) -> Ranges:
        if self._take("\\"):
            return _one(8) if self._take("b") else self._escaped()
        if self._at >= len(self._text):
            self._fail("a class is not closed")
        self._at += 1
        return _one(ord(self._text[self._at - 1]))


def _number(written: str) -> int:
    return int(written) if len(written) < 12 else ENDLESS


def _one(code: int) -> Ranges:
    return ((code, code),)


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _letter(sign: str) -> Letter:
    return Letter(_one(ord(sign)))
