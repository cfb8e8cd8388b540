"""Tool matching: how well the words of a text and the words of a tool match, as a score."""

import re
from collections.abc import Sequence
from functools import lru_cache

from mockserver.simulate.arithmetic import calculations
from mockserver.simulate.candidates import mentions
from mockserver.simulate.effects import looks
from mockserver.simulate.free_text import has_path
from mockserver.simulate.lexicon import CURRENCIES, STOP
from mockserver.simulate.stemming import content_stems, has_relatives, is_generic, likeness, stem, tokens
from mockserver.simulate.tool_model import OfferedTool

_GENERIC_WEIGHT = 0.2
_NAME, _ABOUT, _PARAMETERS, _COVERED = 0.45, 0.2, 0.1, 0.25
_RELATED = 0.7
_ENOUGH_ABOUT = 3
_CURRENCY = re.compile(rf"\b(?:{'|'.join(sorted(set(CURRENCIES.values())))})\b|[$€£¥]")
_IDENTIFIER = re.compile(r"[`'\"](?:\w+_\w+|[a-z]+[A-Z]\w*|\w+\(\)|[A-Z][a-z]+[A-Z]\w+)[`'\"]|\b[a-z]+_[a-z_]+\(\)")
"""A name of source code, in quotes: where it stands is looked for with a search of files."""

_OPENING = re.compile(r"(?:\A|[.!?:\n])\W*\Z")


def fit(skill: OfferedTool, skills: Sequence[OfferedTool], text: str) -> float:
    """How well a tool's words and a text's words match: up to 1, and 1 more where the text calls the tool by name."""
    common = common_words(tuple(one.name_words for one in skills))
    return _fit(skill, _content(text), topic_words(text), common) + _named(skill, text)


@lru_cache(maxsize=1024)
def _content(text: str) -> tuple[str, ...]:
    said = content_stems(text)
    hints = [stem("file")] if has_path(text) else []
    for sum_asked in calculations(text):
        hints += map(stem, sum_asked.operations)
    if _CURRENCY.search(text):
        hints.append(stem("currency"))
    if _IDENTIFIER.search(text):
        hints.append("grep")
    return tuple(dict.fromkeys((*said, *hints)))


def _named(skill: OfferedTool, text: str) -> float:
    """A tool called by its own name is meant."""
    if len(skill.name) < 4 or skill.name not in text or not ("_" in skill.name or skill.name.lower() != skill.name):
        return 0.0
    return 1.0 if re.search(rf"(?<!\w){re.escape(skill.name)}(?!\w)", text) else 0.0


@lru_cache(maxsize=1024)
def topic_words(text: str) -> tuple[str, ...]:
    """The stems of what a text speaks of: its content words without names, digits and words that say little."""
    found: dict[str, None] = {}
    for token in tokens(text):
        word = token.text.casefold()
        root = stem(word)
        if word in STOP or is_generic(root) or looks(root) or not word[0].isalpha() or len(word) < 2:
            continue
        named = token.text[0].isupper() and not _OPENING.search(text, max(0, token.start - 8), token.start)
        if not named or has_relatives(root):
            found[root] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def _fit(skill: OfferedTool, said: tuple[str, ...], topic: tuple[str, ...], common: frozenset[str]) -> float:
    about = sum(1 for word in said if word in skill.about and not is_generic(word))
    further = [word for word in said if word not in skill.about and not is_generic(word)]
    related = sum(1 for word in further if _best(word, skill.about) >= _RELATED)
    told = min(1.0, (about + 0.5 * related) / _ENOUGH_ABOUT)
    spoken = sum(
        1 for parameter in skill.parameters
        if any(word in parameter.words and not is_generic(word) for word in said)
        or next(mentions(parameter, " ".join(said)), None) is not None
    )  # fmt: skip
    return (
        _NAME * _name_match(skill, said, common)
        + _ABOUT * told
        + _PARAMETERS * min(1.0, spoken / 2)
        + _COVERED * _covered(skill, topic, common)
    )


def _name_match(skill: OfferedTool, said: tuple[str, ...], common: frozenset[str]) -> float:
    """How much of a tool's name the text says; words that say little, or that most names have, count less."""
    weights = _weights(skill, common)
    total = sum(weights.values())
    matched = sum(weight * _best(word, said) for word, weight in weights.items())
    return matched / total if total else 0.0


@lru_cache(maxsize=1024)
def _weights(skill: OfferedTool, common: frozenset[str]) -> dict[str, float]:
    """What each word of a tool's name weighs: the thing that it is about more than `get` or what all names share."""
    words = [word for word in skill.name_words if word not in STOP] or list(skill.name_words)
    light = {word for word in words if is_generic(word) or word in common}
    things = [word for word in words if word not in light]
    if not things:
        things = [word for word in words if word not in common and not looks(word)][-1:]
    return {word: 1.0 if word in things else _GENERIC_WEIGHT for word in words}


def _covered(skill: OfferedTool, topic: tuple[str, ...], common: frozenset[str]) -> float:
    """How much of what a text speaks of the tool is about; one word alone has to stand in its name or description."""
    if not topic:
        return 0.0
    named = [word for word in skill.name_words if word not in common]
    total = 0.0
    for word in topic:
        best = max(_best(word, named), 0.9 * _best(word, skill.about))
        if best < _RELATED:
            best = max(best, 0.8 * max((_best(word, parameter.words) for parameter in skill.parameters), default=0.0))
        total += best
    return total / len(topic)


def _best(word: str, others: Sequence[str] | frozenset[str]) -> float:
    if word in others:
        return 1.0
    return max((likeness(word, other) for other in others), default=0.0)


@lru_cache(maxsize=256)
def common_words(names: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    """Words that most of several tools have in their names, and which tell them apart badly."""
    if len(names) < 3:
        return frozenset()
    every = {word for words in names for word in words}
    return frozenset(word for word in every if sum(word in words for words in names) * 2 > len(names))
