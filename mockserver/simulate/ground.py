"""Grounding: the argument sets that a text holds for one tool."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from mockserver.simulate.affinity import ENOUGH, affinity, readings, setting
from mockserver.simulate.deal import Deal, Item, Offer, Path, Values
from mockserver.simulate.mentions import mentions, switched
from mockserver.simulate.phrases import Run, free_text, labelled, noun_phrases, whole
from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.spans import Span, find_spans
from mockserver.simulate.words import likeness, stem, tokens

_MOST_CALLS = 16
_ALIKE = 0.01
_LISTING = frozenset((",", "and", "or", "a", "an", "the", "some"))
_MISSING = object()
_UNIT = re.compile(r"[\s-]*[^\W\d]+")


@dataclass(slots=True)
class Grounding:
    """What a text gives a tool: one set of values for each call.

    `sure` is the share of needs that typed values meet; `spelled` says that the text names each of these needs too.
    """

    calls: list[Values] = field(default_factory=lambda: [{}])
    sure: float = 0.0
    spelled: bool = False

    @property
    def empty(self) -> bool:
        """Whether the text gives nothing at all."""
        return not any(self.calls)


def ground(skill: Skill, text: str, today: date) -> Grounding:
    """Read the values of a tool's calls out of a text."""
    said, closed = _said(skill, text, today)
    items = _items(skill, text, today, closed)
    grounding = Grounding(_dealt(skill, items))
    for values in grounding.calls:
        for path, value in said.items():
            values.setdefault(path, value)
    wanted = needs(skill)
    met = [path for path in wanted if any(path in values for values in grounding.calls)]
    grounding.sure = len(met) / len(wanted) if wanted else 0.0
    grounding.spelled = bool(wanted) and len(met) == len(wanted) and _spelled(skill, met, text)
    _complete(skill, grounding, text, today)
    grounding.calls = _distinct(grounding.calls)[:_MOST_CALLS]
    return grounding


def needs(skill: Skill) -> tuple[Path, ...]:
    """The parameters that have to be filled; where none is required, the first counts as needed."""
    return tuple(item.path for item in skill.required) or tuple(item.path for item in skill.parameters[:1])


def _spelled(skill: Skill, met: list[Path], text: str) -> bool:
    """Whether a text speaks of every need by name, or is written in the language that the only one wants."""
    roots = {stem(token.text) for token in tokens(text)}
    wanted = [parameter for parameter in skill.parameters if parameter.path in met]
    if len(wanted) == 1:
        return wanted[0].role == "sql" and "select" in roots
    return all(any(likeness(word, root) >= 0.7 for word in parameter.words for root in roots) for parameter in wanted)


def _said(skill: Skill, text: str, today: date) -> tuple[Values, list[tuple[int, int]]]:
    """Free texts, labelled values and switches, and the places that belong to them alone."""
    values: Values = {}
    closed: list[tuple[int, int]] = []
    for parameter in skill.parameters:
        if parameter.kind == "boolean" and not parameter.many:
            chosen = switched(parameter, skill, text)
            if chosen is not None:
                values[parameter.path] = chosen
        elif parameter.kind in ("string", "") and not parameter.many and not parameter.choices:
            phrase = free_text(parameter, text) if parameter.role in ("text", "subject", "query", "sql") else None
            if phrase and parameter.role == "subject":
                phrase = _titled(phrase, today)
            phrase = phrase or (labelled(parameter, text) if parameter.kind else None)
            if phrase and parameter.fits(phrase):
                values[parameter.path] = phrase
                if parameter.role in ("text", "sql"):
                    place = text.find(phrase)
                    closed.append((place, place + len(phrase)))
    return values, closed


def _titled(phrase: str, today: date) -> str | None:
    """A title without the day or address after it; None when it holds a proper name, which says it better."""
    for span in find_spans(phrase, today):
        if span.kind in ("name", "quoted"):
            return None
        if span.kind in ("date", "datetime", "time", "email", "url"):
            return phrase[: span.start].strip(" ,") or None
    return phrase


def _items(skill: Skill, text: str, today: date, closed: list[tuple[int, int]]) -> list[Item]:
    """What the text holds for the tool, in order: allowed values that it names, and spans that fit a parameter."""
    items = _named_choices(skill, text, closed)
    closed = [*closed, *((item.start, item.end) for item in items)]
    spans = [
        span
        for span in find_spans(text, today)
        if not any(span.start < other and one < span.end for one, other in closed) and not _own_words(skill, span)
    ]
    for index, span in enumerate(spans):
        since = _end(spans[index - 1], text) if index else 0
        until = spans[index + 1].start if index + 1 < len(spans) else len(text)
        offer = _offers(skill, text, span, since, until)
        if index + 1 < len(spans) and _is_owner(span, spans[index + 1], text):
            recipients = {parameter.path for parameter in skill.parameters if parameter.role == "recipient"}
            offer = {path: offered for path, offered in offer.items() if path not in recipients}
        if index and spans[index - 1].group == span.group and items and not items[-1].bound:
            items[-1] = replace(items[-1], offers=(*items[-1].offers, offer))
        else:
            items.append(Item(span.start, span.end, (offer,)))
    return sorted((item for item in items if any(item.offers)), key=lambda item: item.start)


def _end(span: Span, text: str) -> int:
    """Where a value ends, with the word for what it counts: that says nothing of the next one."""
    unit = _UNIT.match(text, span.end) if span.kind == "number" and span.unit else None
    return unit.end() if unit else span.end


def _named_choices(skill: Skill, text: str, closed: list[tuple[int, int]]) -> list[Item]:
    """The allowed values that the text names, each for all parameters that allow it; the longest at a place counts."""
    found: dict[tuple[int, int], Offer] = {}
    for parameter in skill.parameters:
        for start, end, value in mentions(parameter, text):
            if not any(one <= start < other for one, other in closed):
                span = Span("choice", value, start, end)
                around = setting(text, span, max(0, start - 30), min(len(text), end + 30))
                worth = 0.9 + affinity(parameter, span, around, True)
                found.setdefault((start, end), {}).setdefault(parameter.path, (worth, value))
    items: list[Item] = []
    for (start, end), offer in sorted(found.items(), key=lambda place: place[0][0] - place[0][1]):
        if all(end <= item.start or item.end <= start for item in items):
            items.append(Item(start, end, (offer,), bound=True))
    return items


def _own_words(skill: Skill, span: Span) -> bool:
    """Whether a name only repeats what the tool is called."""
    if span.kind not in ("name", "code"):
        return False
    own = skill.about.union(skill.name_words)
    return all(stem(token.text) in own for token in tokens(str(span.value)))


def _is_owner(span: Span, following: Span, text: str) -> bool:
    """Whether a name only says whose address follows, as in `Ann at ann@example.com`."""
    gap = text[span.end : following.start].strip()
    return span.kind == "name" and following.kind == "email" and gap.casefold() in ("", "at", "(", "<", ",", ":", "via")


def _counts(span: Span, skill: Skill) -> bool:
    """Whether a word tells how many values come, as in `of two numbers`, for a tool that takes several of them."""
    named = [parameter for parameter in skill.parameters if stem(span.unit) in parameter.words]
    return span.counting and len(named) > 1


def _offers(skill: Skill, text: str, span: Span, since: int, until: int) -> Offer:
    if _counts(span, skill):
        return {}
    around = setting(text, span, since, until)
    wanted = needs(skill)
    found: Offer = {}
    for parameter in skill.parameters:
        if parameter.choices and parameter.kind == "string":
            continue
        worth = affinity(parameter, span, around, parameter.path in wanted)
        if worth >= ENOUGH:
            value = _reading(parameter, span, text)
            if value is not _MISSING:
                found[parameter.path] = (worth, value)
    return found


def _reading(parameter: Parameter, span: Span, text: str) -> Any:
    for value in readings(parameter, span, text):
        if parameter.many or parameter.fits(value):
            return value
    return _MISSING


def _dealt(skill: Skill, items: list[Item]) -> list[Values]:
    deal = Deal(needs(skill), [parameter.path for parameter in skill.parameters if parameter.many])
    for item in items:
        deal.give(item)
    return deal.calls


def _complete(skill: Skill, grounding: Grounding, text: str, today: date) -> None:
    """Fill what is still needed with the words of the text that nothing else explains."""
    used = [(span.start, span.end) for span in find_spans(text, today)]
    free = _gaps(text, used)
    for parameter in skill.parameters:
        wanted = parameter.path in needs(skill)
        open_ones = [values for values in grounding.calls if parameter.path not in values]
        if not wanted or not open_ones or parameter.kind not in ("string", "") or parameter.choices:
            continue
        if parameter.role == "query":
            phrases = [whole(text)]
        elif parameter.role in ("email", "url", "phone", "ip", "date", "time", "datetime", "sql", "path", "text"):
            continue
        else:
            phrases = _listed(noun_phrases(skill, parameter, text, free), text, len(open_ones))
        _fill(parameter, phrases, open_ones, grounding)


def _fill(parameter: Parameter, phrases: list[str], open_ones: list[Values], grounding: Grounding) -> None:
    phrases = [phrase for phrase in phrases if parameter.many or parameter.fits(phrase)]
    if not phrases:
        return
    if parameter.many:
        for values in open_ones:
            values[parameter.path] = list(phrases)
        return
    together = len(phrases) == len(open_ones)
    for index, values in enumerate(open_ones):
        values[parameter.path] = phrases[index if together else 0]
    if len(grounding.calls) == 1:
        grounding.calls += [{**grounding.calls[0], parameter.path: phrase} for phrase in phrases[1:]]


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
