"""Tool selection: which of the offered tools each part of a request asks for, and whether any fits at all."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from mockserver.simulate.clauses import begins_a_clause
from mockserver.simulate.extraction import Extraction, extract
from mockserver.simulate.requested_acts import asking_part, refers_back, wider_part
from mockserver.simulate.tool_matching import fit
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
