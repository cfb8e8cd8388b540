"""Candidates: the values that a text holds for a tool: enum values that it names, and entities that fit a parameter."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from mockserver.simulate.assignment import Candidate, Offer
from mockserver.simulate.entities import Entity, find_entities, find_listed
from mockserver.simulate.free_text import is_path
from mockserver.simulate.lexicon import COUNTRIES, ENUM_SYNONYMS, LANGUAGES, NEGATIONS, NUMBER_WORDS, word_set
from mockserver.simulate.roles import NUMERIC_ROLES
from mockserver.simulate.scoring import ENOUGH, score, seconds_of, setting, time_unit
from mockserver.simulate.stemming import identifier_words, is_generic, related, stem, tokens
from mockserver.simulate.tool_model import OfferedTool, ToolParameter, examples_in, needs

Mention = tuple[int, int, Any]
"""Where an enum value is named, from and to, and the value."""

_LISTED_ROLES = frozenset({"room", "genre", "cuisine", "color"})
_MISSING = object()
_FOLDER = re.compile(r"(?i)\b(?:files?|folders?|director(?:y|ies)|dir|path)\b")
_UNIT = re.compile(r"[\s-]*[^\W\d]+")
_SWITCHES = word_set("is has include enable use with should allow show add want need only all")
_ON = frozenset(map(stem, ("on", "enabled", "power", "state", "active")))
_TURNED = re.compile(
    r"(?i)\b(?:turn|switch|put|set|power)(?:ed|ing|s)?\s+(?:(?P<state>on|off)\b|[^.!?;,\n]{1,40}?\s(?P<behind>on|off)\b)"
)
_SPELLED_DATE = re.compile(r"(YYYY|MM|DD)([-/.])(YYYY|MM|DD)\2(YYYY|MM|DD)", re.IGNORECASE)
_DIGITS = re.compile(r"\d{1,15}(?:\.\d{1,15})?")


def candidates_in(skill: OfferedTool, text: str, today: date, closed: list[tuple[int, int]]) -> list[Candidate]:
    """What the text holds for the tool, in order: allowed values that it names, and spans that fit a parameter."""
    items = _named_choices(skill, text, closed)
    closed = [*closed, *((item.start, item.end) for item in items)]
    spans = [
        span
        for span in _spans(skill, text, today)
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
            items.append(Candidate(span.start, span.end, (offer,)))
    return sorted((item for item in items if any(item.offers)), key=lambda item: item.start)


def _spans(skill: OfferedTool, text: str, today: date) -> tuple[Entity, ...]:
    """The entities of a text, with what closed lists hold where a parameter takes such a value."""
    found = find_entities(text, today)
    wanted = {one.role for one in skill.parameters if one.role in _LISTED_ROLES}
    listed = find_listed(text, wanted) if wanted else []
    if not listed:
        return found
    others = [one for one in found if not any(one.start < span.end and span.start < one.end for span in listed)]
    quoted = [one for one in found if one.kind == "quoted"]
    listed = [one for one in listed if not any(span.start <= one.start < span.end for span in quoted)]
    return tuple(sorted({*others, *quoted, *listed}, key=lambda span: span.start))


def mentions(parameter: ToolParameter, text: str) -> Iterator[Mention]:
    """The places where a text names allowed values, by their own words or by a synonym; the first wording counts."""
    for value in parameter.choices:
        if isinstance(value, str) and value:
            for wording in _wordings(value):
                places = [(found.start(), found.end(), value) for found in wording.finditer(text)]
                if places:
                    yield from places
                    break


def switched(parameter: ToolParameter, skill: OfferedTool, text: str) -> bool | None:
    """Whether a text asks for a yes or a no in a boolean parameter; None when it does not speak of it."""
    if parameter.words & _ON and (turned := _TURNED.search(text)):
        return (turned["state"] or turned["behind"]).casefold() == "on"
    own = [word for word in parameter.words if word not in _SWITCHES and not is_generic(word)]
    telling = {word for word in own if word not in skill.name_words}
    said = [token.text.casefold() for token in tokens(text)]
    for place, word in enumerate(said):
        if stem(word) in telling or any(related(stem(word), own_word) for own_word in telling):
            return not any(near in NEGATIONS for near in said[max(0, place - 3) : place])
    return None


def _named_choices(skill: OfferedTool, text: str, closed: list[tuple[int, int]]) -> list[Candidate]:
    """The allowed values that the text names, each for all parameters that allow it; the longest at a place counts."""
    found: dict[tuple[int, int], Offer] = {}
    for parameter in skill.parameters:
        for start, end, value in mentions(parameter, text):
            if not any(one <= start < other for one, other in closed):
                span = Entity("choice", value, start, end)
                around = setting(text, span, max(0, start - 30), min(len(text), end + 30))
                worth = 0.9 + score(parameter, span, around, True)
                found.setdefault((start, end), {}).setdefault(parameter.path, (worth, value))
    items: list[Candidate] = []
    for (start, end), offer in sorted(found.items(), key=lambda place: place[0][0] - place[0][1]):
        if all(end <= item.start or item.end <= start for item in items):
            items.append(Candidate(start, end, (offer,), bound=True))
    return items


@lru_cache(maxsize=1024)
def _wordings(value: str) -> tuple[re.Pattern[str], ...]:
    words = identifier_words(value)
    if not words:
        return ()
    if len(value) == 1:
        plain = (
            [rf"(?<![\w'\u2019]){re.escape(value.upper())}(?![\w'\u2019.])"]
            if value.casefold() not in ("a", "i")
            else []
        )
    else:
        plain = [rf"(?i)(?<!\w){'[^A-Za-z0-9]{0,2}'.join(map(re.escape, words))}(?:s|es|ly)?(?!\w)"]
        root = stem(words[0])
        if len(words) == 1 and len(root) > 4:
            plain.append(rf"(?i)(?<!\w){re.escape(root)}(?:e|es|s|ed|ing|al|ly)?(?!\w)")
    for synonym in ENUM_SYNONYMS.get(value.casefold(), ()):
        if len(synonym) > 1 or not synonym.isalpha():
            plain.append(rf"(?i)(?<!\w){re.escape(synonym)}(?!\w)")
        else:
            plain.append(rf"(?<=\d\s){synonym.upper()}(?!\w)")
    return tuple(re.compile(pattern) for pattern in plain)


def _end(span: Entity, text: str) -> int:
    """Where a value ends, with the word for what it counts: that says nothing of the next one."""
    unit = _UNIT.match(text, span.end) if span.kind == "number" and span.unit else None
    return unit.end() if unit else span.end


def _own_words(skill: OfferedTool, span: Entity) -> bool:
    """Whether a name only repeats what the tool is called."""
    if span.kind not in ("name", "code"):
        return False
    own = skill.about.union(skill.name_words)
    return all(stem(token.text) in own for token in tokens(str(span.value)))


def _is_owner(span: Entity, following: Entity, text: str) -> bool:
    """Whether a name only says whose address follows, as in `Ann at ann@example.com`."""
    gap = text[span.end : following.start]
    if "\n" in gap:
        return False
    gap = gap.strip()
    return span.kind == "name" and following.kind == "email" and gap.casefold() in ("", "at", "(", "<", ":", "via")


def _explains(span: Entity, before: Entity, text: str) -> bool:
    """Whether a span in parentheses is another name for the one before, as in `Contoso Corp. (CNTS)`."""
    apart = before.kind in ("name", "quoted") and span.kind in ("name", "code") and text[span.end : span.end + 1] == ")"
    return apart and text[before.end : span.start].strip(" .") == "("


def _better(one: Offer, other: Offer) -> Offer:
    """For each parameter the value that suits it more, the first of equals."""
    return {**one, **{path: value for path, value in other.items() if path not in one or value[0] > one[path][0]}}


def _counts(span: Entity, skill: OfferedTool) -> bool:
    """Whether a word tells how many values come, as in `of two numbers`, for a tool that takes several of them."""
    named = [parameter for parameter in skill.parameters if stem(span.unit) in parameter.words]
    return span.counting and len(named) > 1


def _offers(skill: OfferedTool, text: str, span: Entity, since: int, until: int) -> Offer:
    if _counts(span, skill):
        return {}
    around = setting(text, span, since, until)
    wanted = needs(skill)
    found: Offer = {}
    for parameter in skill.parameters:
        if parameter.choices and parameter.kind == "string":
            continue
        worth = score(parameter, span, around, parameter.path in wanted)
        if worth >= ENOUGH:
            value = _reading(parameter, span, text)
            if value is not _MISSING:
                found[parameter.path] = (worth, value)
    return found


def _reading(parameter: ToolParameter, span: Entity, text: str) -> Any:
    if parameter.role == "path" and not is_path(str(span.value)):
        around = text[max(0, span.start - 12) : span.start] + text[span.end : span.end + 12]
        if not _FOLDER.search(around) or span.kind not in ("quoted", "name", "code"):
            return _MISSING
    for value in readings(parameter, span, text):
        if value is not _MISSING and (parameter.many or parameter.fits(value)):
            return value
    return _MISSING


def readings(parameter: ToolParameter, span: Entity, text: str) -> Iterator[Any]:
    """The values that a span can give a parameter, the likeliest first; not all of them need fit its schema."""
    if parameter.kind in ("integer", "number"):
        yield from _numbers(parameter, span, text)
    elif span.kind in ("date", "datetime", "time"):
        yield from _dates(parameter, span)
    elif span.kind == "number":
        yield text[span.start : span.end].strip() if parameter.role in NUMERIC_ROLES | {"id"} else str(span.value)
    else:
        written = str(span.value)
        if parameter.role == "country_code":
            yield COUNTRIES.get(written.casefold(), written if len(written) == 2 else _MISSING)
            return
        if span.kind == "language" and _wants_code(parameter):
            yield LANGUAGES[written.casefold()]
        yield written
        yield from (written.upper(), written.casefold(), written.capitalize(), written.split(",", maxsplit=1)[0])


def _numbers(parameter: ToolParameter, span: Entity, text: str) -> Iterator[Any]:
    value = _number_in(span, text)
    if (own := time_unit(parameter)) and (factor := seconds_of(span.unit)) and factor != seconds_of(own):
        converted = value * factor / seconds_of(own)
        yield int(converted) if float(converted).is_integer() else converted
    said = parameter.description.casefold()
    as_share = span.unit == "%" and parameter.kind == "number"
    if as_share and (parameter.schema.get("maximum") == 1 or ("percent" not in said and "%" not in said)):
        yield round(value / 100, 10)
    yield value
    if parameter.kind == "integer":
        yield round(value)


def _number_in(span: Entity, text: str) -> int | float:
    if isinstance(span.value, int | float):
        return span.value
    written = text[span.start : span.end] if span.kind == "date" else str(span.value)
    found = _DIGITS.search(written)
    if found is None:
        return next((NUMBER_WORDS[word] for word in written.casefold().split() if word in NUMBER_WORDS), 1)
    number = float(found[0])
    return int(number) if number.is_integer() else number


def _wants_code(parameter: ToolParameter) -> bool:
    return "code" in parameter.words or "iso" in parameter.hints or any(
        len(example.strip()) == 2 for example in examples_in(parameter.description)
    )  # fmt: skip


def _dates(parameter: ToolParameter, span: Entity) -> Iterator[Any]:
    value = str(span.value)
    form = parameter.schema.get("format")
    if span.kind == "time":
        yield value + ":00Z" if form == "time" else value
        return
    day, _, clock = value.partition("T")
    spelled = _SPELLED_DATE.search(parameter.description)
    if parameter.role == "time" and clock:
        yield clock[:5]
    elif form == "date-time" or (parameter.role == "datetime" and clock):
        yield f"{day}T{clock or '00:00:00Z'}"
    elif spelled:
        when = date.fromisoformat(day)
        parts = {"YYYY": f"{when.year:04d}", "MM": f"{when.month:02d}", "DD": f"{when.day:02d}"}
        yield spelled[2].join(parts[spelled[part].upper()] for part in (1, 3, 4))
    else:
        yield day
    yield from (day, f"{day}T{clock or '00:00:00Z'}", day[:4])
