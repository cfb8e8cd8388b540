"""Stemming: how texts and identifiers are split into words, and which words are forms of one another."""

import re
from functools import lru_cache
from typing import NamedTuple

from mockserver.simulate.lexicon import GENERIC, STOP
from mockserver.simulate.thesaurus import RELATED

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+|(?<=[a-z])(?=[0-9])")
_PREFIXED = 4
_JOINED = 0.85
_COMPOUND = 5
"""A word longer than that, at the end of another, is what that one is about: a `microclimate` is a climate."""

_ENDINGS = ("izations", "ization", "ations", "ation", "ators", "ator", "ating", "ated", "ates", "ate", "ments", "ment")


class Token(NamedTuple):
    """A word of a text and where it stands."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=512)
def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text, in order."""
    return tuple(Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its ending, so that `calculating`, `calculated` and `calculation` are one."""
    word = word.casefold().replace("\u2019", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "ches", "shes", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("eed"):
            word = word[: -len(ending)]
            return word[:-1] if word[-1] == word[-2] and word[-1] not in "ls" else _bare(word)
    return _bare(word)


def _bare(word: str) -> str:
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


@lru_cache(maxsize=4096)
def identifier_words(name: str) -> tuple[str, ...]:
    """The words of an identifier in camel, snake, kebab or dotted case, in lower case."""
    return tuple(part.casefold() for part in _HUMP.split(name) if part)


@lru_cache(maxsize=2048)
def content_stems(text: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, each once, in order."""
    found: dict[str, None] = {}
    for token in tokens(text):
        word = token.text.casefold()
        if word not in STOP and (len(word) > 1 or word.isdigit()):
            found[stem(word)] = None
    return tuple(found)


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    groups: dict[str, set[int]] = {}
    for number, line in enumerate(RELATED):
        for word in line.split():
            groups.setdefault(stem(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in groups.items()}


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(stem(word) for word in GENERIC)


def is_generic(word_stem: str) -> bool:
    """Whether a word says little about what a tool is for, such as `get` or `calculate`."""
    return word_stem in _generic()


def has_relatives(word_stem: str) -> bool:
    """Whether a word is one that is known to mean something like other words."""
    return word_stem in _groups()


def related(one: str, other: str) -> bool:
    """Whether two stems speak of the same everyday matter."""
    groups = _groups()
    return not groups.get(one, frozenset()).isdisjoint(groups.get(other, frozenset()))


@lru_cache(maxsize=32_768)
def best_likeness(word: str, others: frozenset[str]) -> float:
    """The greatest likeness of a stem to any of several."""
    if word in others:
        return 1.0
    if len(word) > _PREFIXED and any(likeness(word, other) == _JOINED for other in others if len(other) > _PREFIXED):
        return _JOINED
    return 0.7 if not _groups().get(word, frozenset()).isdisjoint(_groups_of(others)) else 0.0


@lru_cache(maxsize=2048)
def _groups_of(words: frozenset[str]) -> frozenset[int]:
    groups = _groups()
    return frozenset(number for word in words for number in groups.get(word, ()))


@lru_cache(maxsize=16384)
def likeness(one: str, other: str) -> float:
    """How much two stems mean the same: 1 for the same word, less for related ones, else 0."""
    if one == other:
        return 1.0
    if len(one) > _PREFIXED and len(other) > _PREFIXED and (one.startswith(other) or other.startswith(one)):
        return _JOINED
    if len(one) > _COMPOUND and len(other) > _COMPOUND and (one.endswith(other) or other.endswith(one)):
        return _JOINED
    return 0.7 if related(one, other) else 0.0
