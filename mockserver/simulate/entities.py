"""Entities: the values that stand in a text, each with its kind and place, grouped where they form a list."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from mockserver.simulate.lexicon import (
    COINED,
    COLORS,
    CUISINES,
    CURRENCIES,
    GENRES,
    LANGUAGES,
    NUMBER_WORDS,
    ROOMS,
    SCALES,
    word_set,
)
from mockserver.simulate.proper_names import find_names
from mockserver.simulate.times import find_dates, find_times

Raw = tuple[int, int, str, Any, str]
_QUOTES = re.compile(
    r"\"([^\"\n]+)\"|“([^”]+)”|«([^»]+)»|`([^`\n]+)`|(?<!\w)['\u2018]((?:[^'\u2019\n]|(?<=\w)['\u2019](?=\w))+)['\u2019](?!\w)"
)
_FILES = "txt|csv|json|ya?ml|md|py|pdf|docx?|xlsx?|png|jpe?g|gif|log|html?|xml|zip|mp[34]|wav|pptx?|js|ts|sql"
_AREA = r"(?:\(\d{2,4}\)[\s.-]?|\d{3}[\s.-])"
_SIMPLE = (
    ("url", re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]|\bwww\.[\w-]+(?:\.[\w-]+)+(?:/[^\s,;]*)?")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("uuid", re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")),
    ("ip", re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")),
    (
        "path",
        re.compile(rf"(?<![\w/])(?:~|\.{{1,2}})?(?:/[\w.@-]+)+/?|(?<![\w/.-])[\w-]+(?:/[\w.-]+)*\.(?:{_FILES})\b"),
    ),
    (
        "phone",
        re.compile(
            rf"(?<![\w.])(?:\+\d{{1,3}}[\s.-]?)?{_AREA}\d{{3,4}}[\s.-]?\d{{3,4}}(?![\w-])|\+\d{{8,14}}\b|"
            r"\+\d{1,3}(?:[\s.-]?\(?\d{1,5}\)?){2,6}(?![\w-])"
        ),
    ),
)
_CODE = re.compile(
    r"(?<![\w.-])(?!\d{4}-\d\d-\d\d)\d{2,6}-\d{2,8}(?![\w-])|"
    r"(?<![\w$#@.])#?(?!\d+(?:[a-z]{1,3}|-[a-z]+)\b)(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[A-Za-z])"
    r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*(?![\w%])|(?<!\w)#\d+\b|\b[a-z0-9]+(?:_[a-z0-9]+)+\b"
)
_NUMBER = re.compile(
    r"(?<![\w.^])(?P<sign>[$€£¥₹])?\s?(?P<minus>[-\u2212])?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<power>e[+-]?\d+)?\s?(?P<scale>(?:(?<=\d)k|(?<=[$€£]\d)[mb]|(?<=[$€£]\d\d)[mb]|bn|thousand|hundred|million|billion|trillion)\b)?"
    r"(?:\s?(?P<percent>%)|[\s-]?(?P<unit>[A-Za-z°€£]+)\b)?",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"(?<![\w-])(?P<word>" + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True)) + r")(?:[-\s](?P<ones>one|two|three|"
    r"four|five|six|seven|eight|nine)\b)?(?:\s(?P<scale>thousand|hundred|million|billion))?(?:\s(?P<unit>[a-z]+)\b)?"
    r"(?![\w-])",
    re.IGNORECASE,
)
_LINKS = word_set("with of that who whose which more another day")
_ORDINAL = re.compile(r"(?<!\w)(\d+)(?:st|nd|rd|th)\b")
_MONEY = "|".join(f"{words}s?" for words in (*COINED, *(word for word in CURRENCIES if word.isalpha())))
_CURRENCY = re.compile(rf"\b(?:[A-Z]{{3}}|(?i:{_MONEY}))\b")
_CODES = frozenset(CURRENCIES.values()) | {"AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "SGD", "HKD", "BRL", "ZAR", "ETH"}
_GAZETTEERS = {
    kind: re.compile(
        rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})"
        r"(?![\w-])(?!\s(?-i:[A-Z]))",
        flags,
    )
    for kind, names, flags in (
        ("room", ROOMS, re.IGNORECASE), ("genre", GENRES, re.IGNORECASE), ("cuisine", CUISINES, re.IGNORECASE),
        ("color", COLORS, 0),
    )
}  # fmt: skip
_SLUG = re.compile(r"(?<![\w/.:@-])[A-Za-z][\w.-]*/[A-Za-z][\w.-]*[\w](?![\w/])")
_LANGUAGE = re.compile(r"\b(?:" + "|".join(word.capitalize() for word in LANGUAGES) + r")\b")
_BETWEEN = re.compile(
    r"\s*(?:[,;&+/]|(?:,\s*)?(?<!\w)(?:and|or|as well as|plus|&|versus|vs\.?)(?!\w))(?:\s+also)?"
    r"(?:\s+(?:in|for|at|from|of|the|to)(?!\w))?\s*",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?:in\s+)?\w+\s+(?P<unit>(?:day|week|month|year)s?)(?:\s+(?:ago|from\s+now))?", re.IGNORECASE)
_STREET = re.compile(
    r"(?i)\b(?:street|st|road|rd|avenue|ave|lane|drive|square|way|boulevard|court|place|row|close)\.?\Z"
)
_LOOK_BACK = 10
_MEASURE = re.compile(r"(?:°|\bdegrees?)\s?\Z", re.IGNORECASE)
_ENDLESS = 20_000
_MOST_SPANS = 200


@dataclass(frozen=True, slots=True)
class Entity:
    """A value in a text: what kind it is, its value, where it stands.

    `unit` is what a number counts (`%`, `USD`, `year`), a date's too that is told by a number (`in 3 years`). `group`
    is the same for the members of one list, such as `Rome, Oslo and Bonn`. `counting` says that a word counts things
    beside numbers in digits, as in `two numbers, 7 and 12`, and is hardly a value itself.
    """

    kind: str
    value: Any
    start: int
    end: int
    unit: str = ""
    group: int = 0
    counting: bool = False


@lru_cache(maxsize=256)
def find_entities(text: str, today: date) -> tuple[Entity, ...]:
    """The values of a text in the order of their places; none overlaps another."""
    text = text[:_ENDLESS]
    taken = bytearray(len(text))
    found: list[Entity] = []
    for start, end, kind, value, unit in _finds(text, today, taken):
        if start < end and not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Entity(kind, value, start, end, unit))
    found.sort(key=lambda span: span.start)
    return tuple(_grouped(_joined(_counted(found[:_MOST_SPANS], text), text), text))


def find_listed(text: str, kinds: Collection[str]) -> list[Entity]:
    """The values of closed lists (rooms, genres, cuisines, colours) that a text names, of the wanted kinds."""
    return [
        Entity(kind, match.group(), match.start(), match.end())
        for kind, pattern in _GAZETTEERS.items()
        if kind in kinds
        for match in pattern.finditer(text[:_ENDLESS])
    ]


def _finds(text: str, today: date, taken: bytearray) -> Iterator[Raw]:
    for quote in _QUOTES.finditer(text):
        yield quote.start(), quote.end(), "quoted", next(part for part in quote.groups() if part), ""
    for kind, pattern in _SIMPLE:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), kind, match.group(), ""
    for match in _SLUG.finditer(text):
        if match.group().casefold() not in ("and/or", "he/she", "she/he", "his/her", "n/a", "w/o", "yes/no"):
            yield match.start(), match.end(), "slug", match.group(), ""
    for start, end, kind, value in (*find_dates(text, today), *find_times(text)):
        amount = _AMOUNT.fullmatch(text, start, end)
        yield start, end, kind, value, _unit(amount["unit"]) if amount else ""
    yield from _currencies(text)
    for match in _LANGUAGE.finditer(text):
        yield match.start(), match.end(), "language", match.group(), ""
    for match in _CODE.finditer(text):
        yield match.start(), match.end(), "code", match.group().removeprefix("#"), ""
    yield from _numbers(text)
    for start, end, name in find_names(text, taken):
        if not _MEASURE.search(text[max(0, start - _LOOK_BACK) : start]):  # `25 degrees Celsius`
            yield start, end, "name", name, ""


def _currencies(text: str) -> Iterator[Raw]:
    for match in _CURRENCY.finditer(text):
        word = match.group()
        singular = word.casefold().rstrip("s")
        code = word if word in _CODES else COINED.get(singular) or CURRENCIES.get(singular, "")
        if code:
            yield match.start(), match.end(), "currency", code, ""


def _numbers(text: str) -> Iterator[Raw]:
    for match in _NUMBER.finditer(text):
        digits = match["digits"].replace(",", "") + (match["power"] or "")
        number = float(digits) * SCALES.get((match["scale"] or "").casefold(), 1) * (-1 if match["minus"] else 1)
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        unit = CURRENCIES.get(match["sign"] or "", "") or match["percent"] or _unit(match["unit"])
        if match["unit"] and re.match(r"\w", text[match.end("digits") :][:1]) and not unit:
            continue
        end = (
            match.end("percent")
            if match["percent"]
            else max(match.end("scale"), match.end("power"), match.end("digits"))
        )
        yield start, end, "number", _whole(number), unit
    for match in _NUMBER_WORD.finditer(text):
        if match.group().casefold().split()[0] == "one" and (
            _unit(match["unit"]) == "" or match["unit"].casefold() in _LINKS
        ):
            continue
        value = NUMBER_WORDS[match["word"].casefold()] + NUMBER_WORDS.get((match["ones"] or "").casefold(), 0)
        value *= SCALES.get((match["scale"] or "").casefold(), 1)
        end = max(match.end("word"), match.end("ones"), match.end("scale"))
        yield match.start(), end, "number", value, _unit(match["unit"])
    for match in _ORDINAL.finditer(text):
        yield match.start(), match.end(), "number", int(match.group(1)), "ordinal"


def _whole(number: float) -> int | float:
    if number in (float("inf"), float("-inf")):
        return 0
    return int(number) if number == int(number) else number


def _unit(word: str | None) -> str:
    word = (word or "").casefold()
    if word in ("percent", "pct"):
        return "%"
    if word in ("and", "or", "to", "in", "for", "with", "of", "on", "at", "is", "as", "by", "from", "x", "e", "the"):
        return ""
    return word.upper() if word.upper() in _CODES else CURRENCIES.get(word.rstrip("s"), word)


def _counted(spans: list[Entity], text: str) -> list[Entity]:
    """The same spans, with the words marked that count things which digits tell."""
    if not any(span.kind == "number" and not text[span.start].isalpha() for span in spans):
        return spans
    return [
        replace(span, counting=span.kind == "number" and bool(span.unit) and text[span.start].isalpha())
        for span in spans
    ]


def _joined(spans: list[Entity], text: str) -> list[Entity]:
    """The same spans, a date and the time beside it made one."""
    joined: list[Entity] = []
    for span in spans:
        last = joined[-1] if joined else None
        gap = text[last.end : span.start].strip().casefold() if last else "-"
        if last and last.kind == "number" and span.kind == "name" and _STREET.search(str(span.value)) and gap == "":
            joined[-1] = Entity("name", text[last.start : span.end], last.start, span.end)
        elif last and {last.kind, span.kind} == {"date", "time"} and gap in ("", "at", "on", ",", "from"):
            day, clock = (last, span) if last.kind == "date" else (span, last)
            joined[-1] = Entity("datetime", f"{day.value}T{clock.value}:00Z", last.start, span.end)
        else:
            joined.append(span)
    return joined


def _grouped(spans: list[Entity], text: str) -> list[Entity]:
    """The spans with the number of their list; what the last number of a list counts, all of them count."""
    groups: list[list[Entity]] = []
    for span in spans:
        last = groups[-1][-1] if groups else None
        if last is not None and _listed(last, span, text):
            groups[-1].append(span)
        else:
            groups.append([span])
    return [
        replace(span, group=number, unit=span.unit or (members[-1].unit if span.kind == "number" else ""))
        for number, members in enumerate(groups, 1)
        for span in members
    ]


def _listed(last: Entity, span: Entity, text: str) -> bool:
    """Whether a span goes on with the list of the one before: of the same kind, and joined as lists are."""
    gap = text[last.end : span.start]
    if last.kind == "number" and last.unit:
        gap = re.sub(r"^[\s-]*[^\W\d]+(?=\W)", "", gap)
    of_one_kind = last.kind == span.kind and (last.unit != "%" or span.unit == "%") and last.counting == span.counting
    return of_one_kind and bool(gap.strip()) and bool(_BETWEEN.fullmatch(gap))
