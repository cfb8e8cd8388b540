"""Patterns: a text that a regular expression accepts, grown from its parse tree."""

import re
import re._constants as codes  # type: ignore[import-not-found]  # the parse tree has no public name
import re._parser as parser  # type: ignore[import-not-found]  # nor has its reader
import string
from functools import partial
from random import Random
from typing import Any

_LETTERS = string.ascii_lowercase
_ANY = string.ascii_letters + string.digits
_CLASSES = {
    codes.CATEGORY_DIGIT: string.digits,
    codes.CATEGORY_NOT_DIGIT: _LETTERS,
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: _ANY,
    codes.CATEGORY_WORD: _ANY,
    codes.CATEGORY_NOT_WORD: "-",
}
_PROPERTIES = {r"\p{Lu}": "A-Z", r"\p{Ll}": "a-z", r"\p{L}": "A-Za-z", r"\p{N}": "0-9", r"\p{Nd}": "0-9"}
_MORE = 6


def text_matching(pattern: str, chance: Random, shortest: int = 0, longest: int = 60) -> str | None:
    """A text for a pattern, about as long as wanted; None for a pattern that Python cannot read."""
    try:
        tree = parser.parse(_translated(pattern))
    except (re.error, RecursionError, OverflowError, ValueError):
        return None
    for more in (2, _MORE, longest):
        text = _Growth(chance, more, max(longest, 1) * 2).grow(tree)
        if len(text) < shortest and not pattern.endswith("$"):
            text += "".join(chance.choice(_LETTERS) for _ in range(shortest - len(text)))
        if shortest <= len(text) <= longest:
            return text
    return text


def _translated(pattern: str) -> str:
    for written, plain in _PROPERTIES.items():
        bare = re.sub(rf"(\[[^\]]*){re.escape(written)}", partial(_appended, plain), pattern)
        pattern = bare.replace(written, f"[{plain}]")
    return re.sub(r"\(\?<(?![=!])", "(?P<", pattern).replace(r"\z", r"\Z").replace(r"\/", "/")


def _appended(plain: str, found: re.Match[str]) -> str:
    return found.group(1) + plain


class _Growth:
    """One growth of a text from a parse tree; groups remember what they held for references back to them."""

    def __init__(self, chance: Random, more: int, longest: int) -> None:
        self._chance = chance
        self._more = more
        self._room = longest * 4
        self._groups: dict[int, str] = {}

    def grow(self, tree: Any) -> str:
        return "".join(self._node(code, value) for code, value in tree)

    def _node(self, code: Any, value: Any) -> str:  # noqa: PLR0911 - one kind of node a line
        if code is codes.LITERAL:
            return self._spend(chr(value))
        if code is codes.NOT_LITERAL:
            return self._spend(next(letter for letter in _LETTERS if ord(letter) != value))
        if code is codes.ANY:
            return self._spend(self._chance.choice(_LETTERS))
        if code is codes.IN:
            return self._spend(self._one_of(value))
        if code is codes.BRANCH:
            return self.grow(self._chance.choice(value[1]))
        if code is codes.SUBPATTERN:
            text = self.grow(value[3])
            if value[0] is not None:
                self._groups[value[0]] = text
            return text
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            return self._repeat(*value)
        if code is codes.ATOMIC_GROUP:
            return self.grow(value)
        if code is codes.GROUPREF:
            return self._groups.get(value, "")
        if code is codes.CATEGORY:
            return self._spend(self._chance.choice(_CLASSES.get(value, _ANY)))
        return ""

    def _spend(self, text: str) -> str:
        self._room -= len(text)
        return text

    def _repeat(self, least: int, most: Any, tree: Any) -> str:
        reach = least + self._more if most is codes.MAXREPEAT else min(int(most), least + self._more)
        times = self._chance.randint(least, max(least, reach))
        parts: list[str] = []
        while len(parts) < times and (self._room > 0 or len(parts) < min(least, 1000)):
            parts.append(self.grow(tree))
        return "".join(parts)

    def _one_of(self, members: Any) -> str:
        negated = members[0][0] is codes.NEGATE
        letters = "".join(self._letters(code, value) for code, value in members[1 if negated else 0 :])
        if negated:
            letters = "".join(sorted(set(_ANY + "-_. ") - set(letters))) or "~"
        alphanumeric = "".join(letter for letter in letters if letter.isalnum())
        return self._chance.choice(alphanumeric or letters or "a")

    def _letters(self, code: Any, value: Any) -> str:
        if code is codes.LITERAL:
            return chr(value)
        if code is codes.RANGE:
            return "".join(chr(number) for number in range(value[0], min(value[1], value[0] + 127) + 1))
        if code is codes.CATEGORY:
            return _CLASSES.get(value, _ANY)
        return ""
