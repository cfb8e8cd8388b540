"""Volatile text: dates and UUIDs in what systems and tools say, masked before two requests are compared."""

import re

_MONTH = (
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b(?:\.(?=[ -][0-9]))?"
)
_FULL_WEEKDAY = r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_WEEKDAY = rf"(?:{_FULL_WEEKDAY}|\b(?:Mon|Tues?|Wed|Thur?s?|Fri|Sat|Sun))\b"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?"
_MONTH_NUMBER, _DAY_NUMBER, _YEAR = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12][0-9]|3[01])", r"[0-9]{4}"
_ZONE = (
    r"(?: ?(?:Z\b|(?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?\b|[+-][0-9]{2}:?[0-9]{2}(?![0-9])|[A-Z]{2,4}T\b)"
    r"(?: \([A-Z][\w /+-]*\))?)?"
)
_CLOCK = rf"[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?(?: ?(?:[AaPp][Mm]\b|[AaPp]\.[Mm]\.))?{_ZONE}"
_DATES = (
    rf"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
    rf"{_YEAR}/{_MONTH_NUMBER}/{_DAY_NUMBER}",
    rf"{_DAY_NUMBER}/{_DAY_NUMBER}/(?:{_YEAR}|[0-9]{{2}})",
    rf"{_DAY}[ -](?:of )?{_MONTH}(?:(?:,? |-){_YEAR})?",
    # As `date` and C's ctime write it: the time stands before the year.
    rf"{_MONTH} {{1,2}}{_DAY} {_CLOCK} {_YEAR}",
    rf"{_MONTH} {{1,2}}(?:the )?{_DAY}(?:,? {_YEAR})?",
)
_DATE = rf"(?:(?:{_WEEKDAY}[.,]? (?:the )?)?(?:{'|'.join(_DATES)})(?:,? \(?{_WEEKDAY}\)?)?|{_FULL_WEEKDAY})"
_TIME = re.compile(
    # A date begins with a digit, or with a capital of a month or weekday: all other places are passed over quickly.
    rf"(?=[0-9ADFJMNOSTW])(?<![0-9/])(?:{_CLOCK}(?:,| on)? )?{_DATE}(?:(?:[Tt]|,? (?:at )?){_CLOCK})?(?![0-9A-Za-z/])"
)
_UUID = re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-zA-Z])")


class Ordinals:
    """Names values by the order in which they first appear: `<uuid 1>`."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def __call__(self, kind: str, value: str) -> str:
        """The name of a value."""
        if (kind, value) not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[kind, value] = f"<{kind} {self._counts[kind]}>"
        return self._names[kind, value]


def mask_volatile(text: str, ordinals: Ordinals) -> str:
    """The text with `<time>` for what spells one day, with or without a time, and UUIDs only told apart."""
    # UUIDs first: their digits may look like a date.
    masked = _UUID.sub(lambda found: ordinals("uuid", found[0].lower()), text)
    return _TIME.sub("<time>", masked)
