"""Items: what a text holds for a tool, allowed values that it names and spans that fit a parameter."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from mockserver.simulate.affinity import ENOUGH, affinity, readings, setting
from mockserver.simulate.commands import is_path
from mockserver.simulate.deal import Item, Offer
from mockserver.simulate.mentions import mentions
from mockserver.simulate.skills import Parameter, Skill, needs
from mockserver.simulate.spans import Span, find_spans
from mockserver.simulate.words import stem, tokens

_MISSING = object()
_FOLDER = re.compile(r"(?i)\b(?:files?|folders?|director(?:y|ies)|dir|path)\b")
_UNIT = re.compile(r"[\s-]*[^\W\d]+")


def items_of(skill: Skill, text: str, today: date, closed: list[tuple[int, int]]) -> list[Item]:
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
            of_people = {parameter.path for parameter in skill.parameters if parameter.role in ("person", "name")}
            offer = {path: offered for path, offered in offer.items() if path in of_people}
        if index and items and _explains(span, spans[index - 1], text) and len(items[-1].offers) == 1:
            items[-1] = replace(items[-1], offers=(_better(items[-1].offers[0], offer),))
        elif index and spans[index - 1].group == span.group and items and not items[-1].bound:
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
    return span.kind == "name" and following.kind == "email" and gap.casefold() in ("", "at", "(", "<", ":", "via")


def _explains(span: Span, before: Span, text: str) -> bool:
    """Whether a span in parentheses is another name for the one before, as in `Contoso Corp. (CNTS)`."""
    apart = before.kind in ("name", "quoted") and span.kind in ("name", "code") and text[span.end : span.end + 1] == ")"
    return apart and text[before.end : span.start].strip(" .") == "("


def _better(one: Offer, other: Offer) -> Offer:
    """For each parameter the value that suits it more, the first of equals."""
    return {**one, **{path: value for path, value in other.items() if path not in one or value[0] > one[path][0]}}


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
    if parameter.role == "path" and not is_path(str(span.value)):
        around = text[max(0, span.start - 12) : span.start] + text[span.end : span.end + 12]
        if not _FOLDER.search(around) or span.kind not in ("quoted", "name", "code"):
            return _MISSING
    for value in readings(parameter, span, text):
        if parameter.many or parameter.fits(value):
            return value
    return _MISSING
