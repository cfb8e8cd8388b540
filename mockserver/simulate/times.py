"""Dates and times that a text speaks of, as ISO 8601; relative ones count from a fixed day."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from mockserver.simulate.lexicon import MONTHS, NUMBER_WORDS, WEEKDAYS
from mockserver.simulate.stemming import tokens

TODAY = date(2025, 1, 15)
"""The day on which every conversation takes place, a Wednesday, unless the conversation itself names today's date."""

_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_WEEKDAY = "(?P<weekday>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + ")"
_YEAR = r"(?P<year>\d{4})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_AMOUNT = r"(?P<amount>\d+|" + "|".join(NUMBER_WORDS) + "|an?)"
_UNIT = r"(?P<unit>day|week|month|year)s?"
_FLAGS = re.IGNORECASE
_ISO = re.compile(
    r"(?<![\d-])(?P<date>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?(?![\d-])"
)
_DATES = tuple(
    re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", _FLAGS)
    for pattern in (
        r"(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4})",
        r"(?P<year>\d{4})/(?P<first>\d{1,2})/(?P<second>\d{1,2})",
        rf"{_YEAR}\s+{_MONTH}\s+{_DAY}",
        rf"{_MONTH}\s+{_DAY}(?:\s*,\s*|\s+){_YEAR}",
        rf"{_DAY}(?:\s+of)?\s+{_MONTH}(?:\s*,\s*|\s+){_YEAR}",
        rf"{_MONTH}\s+(?P<day>\d{{1,2}}(?!\d))(?:st|nd|rd|th)?",
        rf"{_DAY}(?:\s+of)?\s+{_MONTH}",
        rf"{_MONTH},?\s+{_YEAR}",
        r"(?P<word>the day after tomorrow|today|tonight|tomorrow|yesterday)",
        rf"(?P<which>next|last|this)\s+(?:{_WEEKDAY}|(?P<unit>week|month|year|weekend))",
        rf"in\s+{_AMOUNT}\s+{_UNIT}(?:\s+from\s+now)?",
        rf"{_AMOUNT}\s+{_UNIT}\s+(?P<ago>ago|from\s+now)",
        _WEEKDAY,
    )
)
_MONTH_WORDS, _WEEKDAY_WORDS = frozenset(MONTHS), frozenset(WEEKDAYS)
_SIGNS: tuple[frozenset[str] | None, ...] = (
    None, None, *([_MONTH_WORDS] * 6), frozenset({"today", "tonight", "tomorrow", "yesterday"}),
    frozenset({"next", "last", "this"}), frozenset({"in"}), frozenset({"ago", "from"}), _WEEKDAY_WORDS,
)  # fmt: skip
"""For each pattern the words of which one stands in such a date; None: digits alone make one."""

_DATED = tuple(pattern for pattern in _DATES if {"year", "month", "day"} <= pattern.groupindex.keys())
_REACHES = re.compile(r"\s*(?:,\s*)?(?:to|until|till|through|and|or|[-\u2013])\s*", re.IGNORECASE)
_TIMES = tuple(
    re.compile(pattern, _FLAGS)
    for pattern in (
        r"(?<![\d:.])(?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?\s*(?P<half>[ap])\.?m\b\.?",
        r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])",
        r"\b(?P<word>noon|midnight)\b",
        r"\b(?P<hour>1[0-2]|[1-9])\s*o'?clock\b",
    )
)
_AMBIGUOUS = frozenset({"may", "mar", "sat", "sun", "mon", "jan", "march"})
_TODAY_SAID = re.compile(
    r"(?:today(?:'s date)?|current date(?: and time)?)(?:\s+is|:)\s*(?:\w+day,?\s+)?(.{8,24})", _FLAGS
)
_STEPS = {"day": 1, "week": 7, "month": 30, "year": 365}

Found = tuple[int, int, str, str]
"""Start, end, kind (`date`, `time` or `datetime`) and the value in ISO 8601."""


def today_in(text: str) -> date:
    """The day that a text says it is today, or `TODAY`."""
    said = _TODAY_SAID.search(text)
    named = next(find_dates(said.group(1), TODAY), None) if said else None
    return date.fromisoformat(named[3][:10]) if named else TODAY


def find_dates(text: str, today: date) -> Iterator[Found]:
    """The dates of a text, the surest way of writing first; finds may overlap."""
    for found in _ISO.finditer(text):
        if _real(found["date"]):
            yield _iso(found)
    said = {token.text.casefold() for token in tokens(text)}
    is_digitless = frozenset("0123456789").isdisjoint(text)
    patterns = [
        pattern
        for pattern, words in zip(_DATES, _SIGNS, strict=True)
        if (not is_digitless if words is None else words & said)
    ]
    if not patterns:
        return
    dated = [found for pattern in _DATED if pattern in patterns for found in pattern.finditer(text)]
    for pattern in patterns:
        for found in pattern.finditer(text):
            day = (
                None if found.group().casefold() in _AMBIGUOUS else _day(found, today, _year_beside(found, dated, text))
            )
            if day is not None:
                yield found.start(), found.end(), "date", day.isoformat()


def _year_beside(found: re.Match[str], dated: list[re.Match[str]], text: str) -> int | None:
    """The year of the date to or from which this one reaches, as in `May 4th to May 8th, 2026`."""
    for other in dated:
        first, second = (found, other) if found.start() < other.start() else (other, found)
        if _REACHES.fullmatch(text, first.end(), second.start()):
            return int(other["year"])
    return None


def find_times(text: str) -> Iterator[Found]:
    """The times of day of a text, as HH:MM."""
    for pattern in _TIMES:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            if parts.get("word"):
                clock = "12:00" if parts["word"].casefold() == "noon" else "00:00"
            else:
                hour = int(parts["hour"])
                if half := parts.get("half"):
                    hour = hour % 12 + (12 if half.casefold() == "p" else 0)
                clock = f"{hour:02d}:{parts.get('minute') or '00'}"
            yield found.start(), found.end(), "time", clock


def _iso(found: re.Match[str]) -> Found:
    if not found["time"]:
        return found.start(), found.end(), "date", found["date"]
    clock = found["time"] if found["time"].count(":") == 2 else found["time"] + ":00"
    return found.start(), found.end(), "datetime", f"{found['date']}T{clock}{found['zone'] or 'Z'}"


def _real(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(found: re.Match[str], today: date, year: int | None) -> date | None:
    parts = {key: value.casefold() for key, value in found.groupdict().items() if value}
    try:
        return _absolute(parts, today, year) if "first" in parts or "month" in parts else _relative(parts, today)
    except (ValueError, OverflowError):
        return None


def _absolute(parts: dict[str, str], today: date, year: int | None) -> date:
    if "first" in parts:
        written, month, day = int(parts["year"]), int(parts["first"]), int(parts["second"])
        return date(written, month, day) if month <= 12 else date(written, day, month)
    month, day = MONTHS[parts["month"]], int(parts.get("day", "1"))
    if "year" in parts:
        return date(int(parts["year"]), month, day)
    if year is not None:
        return date(year, month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _relative(parts: dict[str, str], today: date) -> date:
    if word := parts.get("word"):
        days = {"tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2}.get(word, 0)
        return today + timedelta(days=days)
    if "weekday" in parts:
        ahead = (WEEKDAYS[parts["weekday"]] - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead - (7 if parts.get("which") == "last" else 0))
    if "which" in parts:
        return _period(parts["which"], parts["unit"], today)
    said = parts["amount"]
    amount = int(said) if said.isdigit() else NUMBER_WORDS.get(said, 1)
    return today + timedelta(days=amount * _STEPS[parts["unit"]] * (-1 if parts.get("ago") == "ago" else 1))


def _period(which: str, unit: str, today: date) -> date:
    sign = {"next": 1, "last": -1}.get(which, 0)
    if unit == "weekend":
        return today + timedelta(days=5 - today.weekday() + 7 * sign)
    if unit == "week":
        return today + timedelta(days=7 * sign)
    if unit == "year":
        return date(today.year + sign, 1, 1)
    months = today.year * 12 + today.month - 1 + sign
    return date(months // 12, months % 12 + 1, 1)
