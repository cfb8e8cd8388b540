"""Tool selection: how well the words of tools and of a request match, which tool each part asks for, if any."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from mockserver.simulate.arithmetic import calculations
from mockserver.simulate.candidates import mentions
from mockserver.simulate.clauses import begins_a_clause
from mockserver.simulate.effects import looks
from mockserver.simulate.extraction import Extraction, extract
from mockserver.simulate.free_text import has_path
from mockserver.simulate.lexicon import CURRENCIES, STOP
from mockserver.simulate.requested_acts import asking_part, refers_back, wider_part
from mockserver.simulate.stemming import best_likeness, content_stems, has_relatives, is_generic, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, needs

ENOUGH = 0.3
"""A tool fits a text from this score on."""

_GROUND = 0.15
_SEAM = re.compile(r"(?<=[.!?;])\s+|\n+|,\s+(?:(?:and|then|also|plus)\s+)*|\s+(?:and|then|also|plus)\s+")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_MOST_PARTS = 24
_SWITCH = 0.22
"""Part of a request asks for another tool than the part before from this match of words on."""

_MARGIN = 0.05
_UNMISTAKABLE = frozenset({"path", "url", "email", "phone", "ip", "command", "source", "expression"})

Place = tuple[int, int]
_GENERIC_WEIGHT = 0.2
_NAME, _ABOUT, _PARAMETERS, _COVERED = 0.45, 0.2, 0.1, 0.25
_RELATED = 0.7
_ENOUGH_ABOUT = 3
_CURRENCY = re.compile(rf"\b(?:{'|'.join(sorted(set(CURRENCIES.values())))})\b|[$€£¥]")
_IDENTIFIER = re.compile(r"[`'\"](?:\w+_\w+|[a-z]+[A-Z]\w*|\w+\(\)|[A-Z][a-z]+[A-Z]\w+)[`'\"]|\b[a-z]+_[a-z_]+\(\)")
"""A name of source code, in quotes: where it stands is looked for with a search of files."""

_OPENING = re.compile(r"(?:\A|[.!?:\n])\W*\Z")


class Selection(NamedTuple):
    """A tool to be called, the part of the request that asks for it, and how well the two fit."""

    skill: OfferedTool
    text: str
    fit: float
    extraction: Extraction


def choose(skills: Sequence[OfferedTool], text: str, today: date) -> list[Selection]:
    """The tools that a text asks for, in the order of its parts; empty when none fits."""
    if not skills or not text.strip():
        return []
    whole = best(skills, text, today)
    regions = _regions(skills, text) if len(skills) > 1 else []
    if len({skill.name for skill, _ in regions}) < 2:
        return [whole] if whole.fit >= ENOUGH else []
    choices = [
        _choice(skill, text[slice(*place)], today, fit(skill, skills, text[slice(*place)])) for skill, place in regions
    ]
    for choice in choices:
        _share(choice, text, today)
    return choices


def _regions(skills: Sequence[OfferedTool], text: str) -> list[tuple[OfferedTool, Place]]:
    """The stretches of a text that ask for one tool each; a part that asks for none goes with the one before it."""
    regions: list[tuple[OfferedTool, Place]] = []
    opening = 0
    for start, end in parts_of(text):
        scores = {skill.name: fit(skill, skills, text[start:end]) for skill in skills}
        likeliest = max(skills, key=lambda skill: scores[skill.name])
        current = regions[-1][0] if regions else None
        lead = scores[likeliest.name] - (scores[current.name] if current else 0.0)
        if current is not None and current.effect.kind != "looks" and not begins_a_clause(text[start:end]):
            likeliest = current
        if current is not likeliest and scores[likeliest.name] >= _SWITCH and lead > _MARGIN:
            regions.append((likeliest, (start if regions else opening, end)))
        elif current is not None:
            regions[-1] = (current, (regions[-1][1][0], end))
    return regions


def _share(choice: Selection, text: str, today: date) -> None:
    """Give a choice the values that it needs and that stand elsewhere in the request."""
    missing = [path for path in needs(choice.skill) if path not in choice.extraction.calls[0]]
    if missing:
        looks = choice.skill.effect.kind == "looks"
        elsewhere = extract(choice.skill, text, today) if looks else _ground_act(choice.skill, text, today)
        for values in choice.extraction.calls:
            values.update({path: elsewhere.calls[0][path] for path in missing if path in elsewhere.calls[0]})


def best(skills: Sequence[OfferedTool], text: str, today: date) -> Selection:
    """The tool that fits a text best, by words first and then by the values that the text holds for it."""
    ranked = sorted(skills, key=lambda skill: -fit(skill, skills, text))
    choices = [_choice(skill, text, today, fit(skill, skills, text)) for skill in ranked[:4]]
    return max(choices, key=lambda choice: choice.fit)


def _choice(skill: OfferedTool, text: str, today: date, words: float) -> Selection:
    extraction = extract(skill, text, today) if skill.effect.kind == "looks" else _ground_act(skill, text, today)
    values = _GROUND * extraction.sure if words > 0 else 0.0
    sure = extraction.spelled or _is_evident(skill, extraction)
    return Selection(skill, text, words + values + (ENOUGH if sure else 0.0), extraction)


def _ground_act(skill: OfferedTool, text: str, today: date) -> Extraction:
    """The values of an act: those of the clauses that ask for it, then those that the text tells besides."""
    extraction = extract(skill, asking_part(skill, text), today)
    lacks = any(path not in extraction.calls[0] for path in needs(skill))
    if len(extraction.calls) == 1 and lacks and refers_back(skill, text):
        wider = extract(skill, wider_part(skill, text), today)
        for path, value in wider.calls[0].items():
            if path not in extraction.calls[0] and path not in wider.guessed:
                extraction.calls[0][path] = value
    return extraction


def _is_evident(skill: OfferedTool, extraction: Extraction) -> bool:
    """Whether every need is met, and one of them by a value that can be nothing else: a path, an address, a command."""
    met = [parameter for parameter in skill.parameters if parameter.path in needs(skill)]
    return (
        bool(met)
        and all(parameter.path in extraction.calls[0] and parameter.path not in extraction.guessed for parameter in met)
        and any(parameter.role in _UNMISTAKABLE for parameter in met)
    )


def parts_of(text: str) -> list[Place]:
    """Where the sentences of a text, and what commas and conjunctions part in them, stand; quotations stay whole."""
    shielded = _QUOTED.sub(lambda found: "\x00" * len(found.group()), text)
    cuts = [0]
    for found in islice(_SEAM.finditer(shielded), _MOST_PARTS):
        cuts += [found.start(), found.end()]
    cuts.append(len(text))
    places = [(cuts[index], cuts[index + 1]) for index in range(0, len(cuts), 2)]
    return [(start, end) for start, end in places if start < end]


def fit(skill: OfferedTool, skills: Sequence[OfferedTool], text: str) -> float:
    """How well a tool's words and a text's words match: up to 1, and 1 more where the text calls the tool by name."""
    common = common_words(tuple(one.name_words for one in skills))
    return _fit(skill, _content(text), common) + _named(skill, text)


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """The stems of a text's content words, with hints of what it holds; of them the topic."""

    said: frozenset[str]
    specific: tuple[str, ...]
    joined: str
    topic: tuple[str, ...]


@lru_cache(maxsize=1024)
def _content(text: str) -> _Content:
    said = content_stems(text)
    hints = [stem("file")] if has_path(text) else []
    for sum_asked in calculations(text):
        hints += map(stem, sum_asked.operations)
    if _CURRENCY.search(text):
        hints.append(stem("currency"))
    if _IDENTIFIER.search(text):
        hints.append("grep")
    every = tuple(dict.fromkeys((*said, *hints)))
    specific = tuple(word for word in every if not is_generic(word))
    return _Content(frozenset(every), specific, " ".join(every), topic_words(text))


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
def _fit(skill: OfferedTool, content: _Content, common: frozenset[str]) -> float:
    about = sum(1 for word in content.specific if word in skill.about)
    related = sum(
        1 for word in content.specific if word not in skill.about and best_likeness(word, skill.about) >= _RELATED
    )
    told = min(1.0, (about + 0.5 * related) / _ENOUGH_ABOUT)
    spoken = sum(
        1 for parameter in skill.parameters
        if any(word in parameter.words for word in content.specific)
        or next(mentions(parameter, content.joined), None) is not None
    )  # fmt: skip
    return (
        _NAME * _name_match(skill, content.said, common)
        + _ABOUT * told
        + _PARAMETERS * min(1.0, spoken / 2)
        + _COVERED * _covered(skill, content.topic, common)
    )


def _name_match(skill: OfferedTool, said: frozenset[str], common: frozenset[str]) -> float:
    """How much of a tool's name the text says; words that say little, or that most names have, count less."""
    weights = _weights(skill, common)
    total = sum(weights.values())
    matched = sum(weight * best_likeness(word, said) for word, weight in weights.items())
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
    """How much of what a text speaks of the tool is about; its parameters' words count where no others do."""
    if not topic:
        return 0.0
    named, told = _vocabulary(skill, common)
    total = 0.0
    for word in topic:
        best = max(best_likeness(word, named), 0.9 * best_likeness(word, skill.about))
        total += best if best >= _RELATED else max(best, 0.8 * best_likeness(word, told))
    return total / len(topic)


@lru_cache(maxsize=1024)
def _vocabulary(skill: OfferedTool, common: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a tool's name that tell it from others, and those of its parameters' names."""
    named = frozenset(word for word in skill.name_words if word not in common)
    return named, frozenset(word for parameter in skill.parameters for word in parameter.words)


@lru_cache(maxsize=256)
def common_words(names: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    """Words that most of several tools have in their names, and which tell them apart badly."""
    if len(names) < 3:
        return frozenset()
    every = {word for words in names for word in words}
    return frozenset(word for word in every if sum(word in words for words in names) * 2 > len(names))
