"""Extraction: the argument sets that a text holds for one tool."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from mockserver.simulate.assignment import Assignment, Candidate, Path, Values
from mockserver.simulate.candidates import candidates_in, mentions, switched
from mockserver.simulate.entities import find_entities
from mockserver.simulate.free_text import (
    Run,
    commands,
    has_statement,
    is_loose,
    noun_phrases,
)
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.phrases import (
    as_entry,
    calculation_as_code,
    entry_tool,
    own_phrase,
    parts_of_list,
    repository_halves,
)
from mockserver.simulate.queries import core, sentence, takes_a_sentence, whole
from mockserver.simulate.stemming import likeness, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, ToolParameter, needs

_MOST_CALLS = 16
_ALIKE = 0.01
_NEVER_LOOSE = word_set(
    "email url phone ip date time datetime sql path text command source currency ticker country_code pattern"
)
"""Roles that are never filled with words which nothing else explains."""

_LISTING = frozenset((",", "and", "or", "a", "an", "the", "some"))
_BETWEEN = re.compile(
    r"[\s`\"'“”\u2018\u2019]*(?:(?:,|;|&|\+|\b(?:and|or|plus|as well as|und|y|e|et|ou|oder)\b)\s*)+"
    r"(?:(?:the|a|an|in|to|for|at|from|on|of|number|no\.?|also)\s+)*[\s`\"'#“”\u2018\u2019]*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Extraction:
    """What a text gives a tool: one set of values for each call.

    `sure` is the share of needs that typed values meet; `spelled` says that the text names each of these needs too.
    `guessed` are the parameters filled with words that nothing else explains.
    """

    calls: list[Values] = field(default_factory=lambda: [{}])
    sure: float = 0.0
    spelled: bool = False
    guessed: set[Path] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        """Whether the text gives nothing at all."""
        return not any(self.calls)


def extract(skill: OfferedTool, text: str, today: date) -> Extraction:
    """Read the values of a tool's calls out of a text."""
    said, closed = _said(skill, text, today)
    items = [_without(item, said) for item in candidates_in(skill, text, today, closed)]
    items = [item for item in items if any(item.offers)]
    extraction = Extraction(_dealt(skill, items))
    if is_loose(text):
        extraction.guessed.update(one.path for one in skill.parameters if one.role == "text" and one.path in said)
    for values in extraction.calls:
        for path, value in said.items():
            values.setdefault(path, value)
    wanted = needs(skill)
    met = [path for path in wanted if any(path in values for values in extraction.calls)]
    extraction.sure = len(met) / len(wanted) if wanted else 0.0
    extraction.spelled = bool(wanted) and len(met) == len(wanted) and _spelled(skill, met, text)
    _complete(skill, extraction, text, today)
    extraction.calls = _distinct(extraction.calls)[:_MOST_CALLS]
    return extraction


def _without(item: Candidate, said: Values) -> Candidate:
    """A candidate without what it offers to parameters that have their value already."""
    if not said:
        return item
    offers = tuple({path: offered for path, offered in offer.items() if path not in said} for offer in item.offers)
    return replace(item, offers=offers)


def _spelled(skill: OfferedTool, met: list[Path], text: str) -> bool:
    """Whether a text speaks of every need by name, or is written in the language that the only one wants."""
    roots = {stem(token.text) for token in tokens(text)}
    wanted = [parameter for parameter in skill.parameters if parameter.path in met]
    if len(wanted) == 1:
        return wanted[0].role == "sql" and has_statement(text)
    return all(any(likeness(word, root) >= 0.7 for word in parameter.words for root in roots) for parameter in wanted)


def _said(skill: OfferedTool, text: str, today: date) -> tuple[Values, list[tuple[int, int]]]:
    """Free texts, labelled values and switches, and the places that belong to them alone."""
    values: Values = dict(repository_halves(skill, text))
    closed: list[tuple[int, int]] = [_place(text, "/".join(values.values()))] if values else []
    for parameter in skill.parameters:
        if parameter.kind == "object" and (entry := entry_tool(parameter, skill)):
            entries = _entries(entry, text, today)
            if entries and parameter.fits([made for made, _ in entries]):
                values[parameter.path] = [made for made, _ in entries]
                closed += [place for _, place in entries]
        if parameter.many or parameter.path in values:
            continue
        if parameter.kind == "boolean":
            chosen = switched(parameter, skill, text)
            if chosen is not None:
                values[parameter.path] = chosen
        elif parameter.role in ("command", "source") and parameter.kind == "string":
            told = next((one for one in commands(text) if parameter.fits(one)), None)
            if told is not None and not _is_quoted(text, told):
                values[parameter.path] = told
            elif told is None and parameter.role == "source" and (code := calculation_as_code(skill, text)):
                values[parameter.path] = code
        elif parameter.kind in ("string", "") and not parameter.choices:
            phrase = own_phrase(parameter, text, today)
            if phrase and parameter.fits(phrase):
                values[parameter.path] = phrase
                if parameter.role not in ("subject", "query"):
                    closed.append(_place(text, phrase))
    return values, [place for place in closed if place[0] >= 0]


def _entries(entry: OfferedTool, text: str, today: date) -> list[tuple[dict[str, Any], tuple[int, int]]]:
    """The objects that the parts of an enumeration describe, with their places."""
    found: list[tuple[dict[str, Any], tuple[int, int]]] = []
    for part in parts_of_list(text):
        extraction = extract(entry, part.text, today)
        numbered = any(span.kind == "number" for span in find_entities(part.text, today))
        made = as_entry(extraction.calls[0], entry)
        if made is not None and (numbered or not extraction.guessed):
            found.append((made, part.place))
    return found


def _place(text: str, phrase: str) -> tuple[int, int]:
    start = text.find(phrase)
    return start, start + len(phrase)


def _is_quoted(text: str, told: str) -> bool:
    """Whether a text has something in quotes of its own, so that it is dealt as any other value."""
    return any(f"{mark}{told}" in text for mark in "`\"'“")


def _dealt(skill: OfferedTool, items: list[Candidate]) -> list[Values]:
    deal = Assignment(needs(skill), [parameter.path for parameter in skill.parameters if parameter.many])
    for item in items:
        deal.give(item)
    return deal.calls


def _complete(skill: OfferedTool, extraction: Extraction, text: str, today: date) -> None:
    """Fill what is still needed with the words of the text that nothing else explains."""
    used = [(span.start, span.end) for span in find_entities(text, today)]
    free = _gaps(text, used)
    for parameter in skill.parameters:
        wanted = parameter.path in needs(skill)
        open_ones = [values for values in extraction.calls if parameter.path not in values]
        if not skill.required and any(extraction.calls):
            return  # nothing has to be filled, and something is
        if not wanted or not open_ones or parameter.kind not in ("string", "") or parameter.choices:
            continue
        if parameter.role == "query":
            phrases = [_query(skill, parameter, text, extraction, today)]
        elif parameter.role in _NEVER_LOOSE:
            continue
        else:
            phrases = _listed(noun_phrases(skill, parameter, text, free), text, len(open_ones))
        _fill(parameter, phrases, open_ones, extraction)


def _query(skill: OfferedTool, parameter: ToolParameter, text: str, extraction: Extraction, today: date) -> str:
    """What is searched for: the question as it is, or what it is about where the tool searches some things only."""
    if takes_a_sentence(parameter):
        return whole(text)
    if skill.is_general_search:
        return sentence(text)
    taken = [
        (span.start, span.end)
        for span in find_entities(text, today)
        if span.kind in ("date", "datetime", "time") or _is_given(span.value, parameter.path, extraction)
    ]
    for other in skill.parameters:
        taken += [(start, end) for start, end, _ in mentions(other, text)]
        if other.kind == "boolean" and other.path in extraction.calls[0]:
            taken += [(token.start, token.end) for token in tokens(text) if stem(token.text) in other.words]
    return core(skill, text, taken) or sentence(text)


def _is_given(value: object, path: Path, extraction: Extraction) -> bool:
    """Whether another parameter has a value already."""
    return any(value == given for values in extraction.calls for one, given in values.items() if one != path)


def _fill(parameter: ToolParameter, phrases: list[str], open_ones: list[Values], extraction: Extraction) -> None:
    phrases = [phrase for phrase in phrases if parameter.many or parameter.fits(phrase)]
    if not phrases:
        return
    extraction.guessed.add(parameter.path)
    if parameter.many:
        for values in open_ones:
            values[parameter.path] = list(phrases)
        return
    together = len(phrases) == len(open_ones)
    for index, values in enumerate(open_ones):
        values[parameter.path] = phrases[index if together else 0]
    if len(extraction.calls) == 1:
        extraction.calls += [{**extraction.calls[0], parameter.path: phrase} for phrase in phrases[1:]]


def _gaps(text: str, used: list[tuple[int, int]]) -> list[tuple[int, int]]:
    edges = [0, *(edge for place in used for edge in place), len(text)]
    return [(edges[index], edges[index + 1]) for index in range(0, len(edges), 2) if edges[index] < edges[index + 1]]


def _listed(found: list[Run], text: str, calls: int) -> list[str]:
    """One phrase for each of several calls; else the likeliest, and those that form a list with it."""
    if not found:
        return []
    likely = [run for run in found if run[0] > found[0][0] - _ALIKE]
    for runs in (likely, found):
        if len(runs) == calls > 1:
            return [run[1] for run in sorted(runs, key=lambda run: run[2])]
    _, phrase, _, end = found[0]
    phrases = [phrase]
    for _, further, start, stop in sorted(found[1:], key=lambda run: run[2]):
        gap = text[end:start].replace(",", " , ").split()
        if start >= end and gap and all(word in _LISTING or word.isdigit() for word in gap):
            phrases.append(further)
            end = stop
    return phrases


def _distinct(calls: list[Values]) -> list[Values]:
    kept: list[Values] = []
    for values in calls:
        if values not in kept:
            kept.append(values)
    return kept


def argument_sets(skill: OfferedTool, extraction: Extraction, text: str) -> list[Values]:
    """The argument sets; of an act only one, unless the text lists what sets them apart."""
    calls = extraction.calls
    if skill.effect.kind == "looks" or len(calls) < 2:
        return calls
    required = {parameter.path for parameter in skill.required}
    differing = [path for path in _paths(calls) if len({str(values.get(path)) for values in calls}) > 1]
    if len([path for path in differing if path in required]) > 1:
        return calls
    listed = all(_are_enumerated([values.get(path) for values in calls], text) for path in differing)
    return calls if listed else calls[:1]


def _paths(calls: Sequence[Values]) -> list[Path]:
    return list(dict.fromkeys(path for values in calls for path in values))


def _are_enumerated(values: Sequence[Any], text: str) -> bool:
    """Whether values stand in the text one after the other, with nothing but commas and conjunctions between."""
    folded = text.casefold()
    end = -1
    for value in values:
        written = str(value).casefold()
        place = folded.find(written, max(end, 0))
        if place < 0 or (end >= 0 and not _BETWEEN.fullmatch(text, end, place)):
            return False
        end = place + len(written)
    return True
