"""Facts: what a conversation holds beside the request: values of a system prompt, and earlier results.

`The user's id is u_7` tells a value; `the cheapest one` means one of several records that a tool gave back.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.simulate.lexicon import COUNTRIES
from mockserver.simulate.phrases import labelled
from mockserver.simulate.requested_acts import HAZARDS
from mockserver.simulate.stemming import identifier_words, stem
from mockserver.simulate.tool_model import ToolParameter

_PERSONS = "user|customer|client|member|account|subscriber|employee|patient|student|guest|caller|tenant|driver|owner"
_SEPARATED = r"\s*(?:=|:|\bis\b|\bare\b|->)\s*"
_VALUE = r"[`\"'“]?(?P<value>[^\s`\"'“”,;()]*[^\s`\"'“”,;().:!?])"
_CODE = r"[`\"'“]?(?P<value>(?-i:[A-Z]{2,3}\b|[A-Za-z_]*[-_]?\d[\w-]*[\w]|\d+))"
_HOME = re.compile(
    r"(?i)\b(?:user|customer|client|caller|guest|member|employee|they|he|she|office|company|shop|store)\b[^.\n]{0,30}?"
    r"\b(?:lives?|is(?: currently)?|are|works?|based|located|resides?|sits?|stays?)\s+in\s+"
    r"(?P<value>(?-i:[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*))"
)
_PLACED = re.compile(
    r"(?im)\b(?:(?:user|customer|default|current|home)(?:'s)?\s+)?(?:location|city|town|place)\b\s*(?:=|:|\bis\b)\s*"
    r"[\"'`]?(?P<value>[^\n.;\"'`]+)"
)
_HOMES = frozenset({"place", "country_code"})
Record = Mapping[str, Any]
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ORDINAL = re.compile(
    r"(?i)\b(?:the\s+)?(?:(?P<word>first|second|third|fourth|fifth|sixth|seventh|eighth|last)|(?P<digits>\d{1,2})(?:st|nd|rd|th)|"
    r"(?:number|no\.?|option|#)\s*(?P<number>\d{1,2}))\b"
)
_PRONOUN = re.compile(r"(?i)\b(?:it|that|this|that one|this one|the one|them|its?|her|him|his|they|there)\b")
_PAGE = re.compile(r"(?i)\bthe\s+(?:\w+\s+)?(?:one|option|room|flight|hotel|table|slot|result|item|offer|product)\b")
_WRAPPERS = 3


@lru_cache(maxsize=512)
def told_value(parameter: ToolParameter, told: str) -> str | None:
    """The value that a system prompt tells for a parameter; None where it tells none, or where it could do harm."""
    if not told or parameter.kind not in ("string", "", "integer") or parameter.many or _is_hazard(parameter):
        return None
    words = identifier_words(parameter.name)
    if found := _by_name(words, told):
        return found
    if parameter.role == "id" and words and words[-1] in ("id", "number") and (len(words) == 1 or _is_person(words)):
        return _only(
            re.findall(rf"(?i)\b(?:{_PERSONS})(?:'s)?[\s_-]*(?:id|number){_SEPARATED}[`\"'“]?([\w-]*\w)", told)
        )
    if parameter.role in _HOMES:
        return _home(parameter, told)
    if parameter.role == "" or len(words) < 2:
        return None
    found = labelled(parameter, told)
    return found if found and parameter.role == "id" and any(letter.isdigit() for letter in found) else None


def _is_hazard(parameter: ToolParameter) -> bool:
    return parameter.role in HAZARDS - {"email"} or (parameter.role == "email" and len(parameter.words) < 2)


def _is_person(words: tuple[str, ...]) -> bool:
    return re.fullmatch(_PERSONS, words[0]) is not None


def _by_name(words: tuple[str, ...], told: str) -> str | None:
    """What stands behind the parameter's own words; behind fewer signs only what looks like a code."""
    if not words or (len(words) == 1 and len(words[0]) < 4):
        return None
    own = r"(?:'s|’s)?[\s_-]*".join(map(re.escape, words))
    found = re.search(rf"(?i)(?<!\w){own}{_SEPARATED}{_VALUE}", told)
    found = found or re.search(rf"(?i)(?<!\w){own}\s*[(:]?\s*{_CODE}", told)
    return found["value"] if found else None


def _only(values: list[str]) -> str | None:
    return values[0] if len(set(values)) == 1 else None


def _home(parameter: ToolParameter, told: str) -> str | None:
    """Where the user is, for a place that a request leaves out."""
    found = _PLACED.search(told) or _HOME.search(told)
    if found is None:
        return None
    value = found["value"].strip()
    if parameter.role == "country_code":
        return COUNTRIES.get(value.rpartition(",")[2].strip().casefold())
    is_country = value.casefold() in COUNTRIES
    wants_country = not {"country", "nation"}.isdisjoint(parameter.words)
    return value if is_country == wants_country or "locat" in parameter.words else None


class _Ranking(NamedTuple):
    """A superlative: the words for it, the keys that it ranks by, and whether the greatest is meant."""

    words: str
    keys: str
    greatest: bool


_RANKINGS = (
    _Ranking("cheapest|least expensive|lowest[- ]priced?|most affordable|best price|lowest",
             "price cost fare rate amount total fee rent", False),
    _Ranking("most expensive|priciest|dearest|highest[- ]priced?", "price cost fare rate amount total fee rent", True),
    _Ranking("best|top|best[- ]rated|highest[- ]rated|most popular|favou?rite",
             "rating score stars rank review popularity grade", True),
    _Ranking("worst|lowest[- ]rated", "rating score stars review", False),
    _Ranking("fastest|shortest|quickest|briefest", "duration minutes hours length time travel_time", False),
    _Ranking("longest|slowest", "duration minutes hours length", True),
    _Ranking("nearest|closest", "distance km miles walk meters metres", False),
    _Ranking("farthest|furthest", "distance km miles meters metres", True),
    _Ranking("earliest|first|soonest|oldest", "departure start time date created due at begin", False),
    _Ranking("latest|last|newest|most recent", "departure start time date created due at begin updated", True),
    _Ranking("largest|biggest|highest|greatest|most",
             "size amount total capacity seats area population value count quantity price score", True),
    _Ranking("smallest|fewest|least", "size amount total capacity seats area population value count quantity", False),
)  # fmt: skip


def records_in(text: str) -> list[Record]:
    """The objects that a result lists, or the only one that it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    for _ in range(_WRAPPERS):
        if isinstance(value, Mapping):
            lists = [item for item in value.values() if isinstance(item, list) and _has_records(item)]
            if len(lists) != 1:
                return [value]
            value = lists[0]
        elif isinstance(value, list):
            return [item for item in value if isinstance(item, Mapping)]
    return []


def _has_records(items: Sequence[Any]) -> bool:
    return bool(items) and isinstance(items[0], Mapping)


def value_for(name: str, record: Record, owner: str) -> Any:
    """The value that a record has for a parameter, by its key; `owner` is the name of the tool that gave it back.

    `id` stands for the id of what that tool is about.
    """
    words = identifier_words(name)
    for key, value in record.items():
        if identifier_words(str(key)) == words:
            return value
    noun = {stem(word) for word in words[:-1]}
    about = noun <= {stem(word) for word in identifier_words(owner)}
    for key, value in record.items():
        parts = identifier_words(str(key))
        if len(words) > 1 and parts == words[-1:] and about:
            return value
        if len(words) == 1 and words[0] == "id" and parts[-1:] == ("id",) and len(parts) > 1:
            return value
        if isinstance(value, Mapping) and noun and {stem(part) for part in parts} == noun and words[-1] in value:
            return value[words[-1]]
    return None


def meant_record(text: str, results: Iterable[str]) -> Record | None:
    """The object of earlier results, the latest first, that a text singles out; None where it singles out none."""
    for result in results:
        records = records_in(result)
        if len(records) == 1 and (_PRONOUN.search(text) or _PAGE.search(text)):
            return records[0]
        if len(records) > 1:
            found = _named(text, records) or _ranked(text, records) or _ordinal(text, records)
            if found is not None:
                return found
    return None


def _ranked(text: str, records: Sequence[Record]) -> Record | None:
    """The first or last of the records by what a superlative ranks."""
    for ranking in _RANKINGS:
        if not re.search(rf"(?i)\b(?:{ranking.words})\b", text):
            continue
        for key in ranking.keys.split():
            column = [(value, record) for record in records if (value := _value_of(record, key)) is not None]
            if len(column) == len(records) and len({type(value) for value, _ in column}) == 1:
                pick = max if ranking.greatest else min
                return pick(column, key=lambda pair: pair[0])[1]
    return None


def _value_of(record: Record, key: str) -> float | str | None:
    for name, value in record.items():
        if stem(key) in map(stem, identifier_words(str(name))):
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
            if isinstance(value, str) and value[:1].isdigit():
                number = re.fullmatch(r"([\d.]+)\s*\D{0,8}", value.replace(",", ""))
                return float(number[1]) if number and number[1].count(".") < 2 and ":" not in value else value
            if isinstance(value, Mapping):
                nested = [item for item in value.values() if isinstance(item, int | float)]
                return float(nested[0]) if nested else None
    return None


def _ordinal(text: str, records: Sequence[Record]) -> Record | None:
    found = _ORDINAL.search(text)
    if found is None:
        return None
    if found["word"] and found["word"].casefold() == "last":
        return records[-1]
    place = _ORDINALS.index(found["word"].casefold()) if found["word"] else int(found["digits"] or found["number"]) - 1
    return records[place] if 0 <= place < len(records) else None


def _named(text: str, records: Sequence[Record]) -> Record | None:
    """The only record of which the text says a value that sets it apart."""
    folded = text.casefold()
    meant = [record for record in records if any(_is_said(value, folded) for value in record.values())]
    return meant[0] if len(meant) == 1 else None


def _is_said(value: Any, folded: str) -> bool:
    if not isinstance(value, str) or len(value) < 3:
        return False
    return re.search(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", folded) is not None
