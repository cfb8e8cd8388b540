"""Facts: values that an application tells the model in its system prompt, such as `The user's id is u_7`."""

import re
from functools import lru_cache

from mockserver.simulate.labels import labelled
from mockserver.simulate.lexicon import COUNTRIES
from mockserver.simulate.requested_acts import HAZARDS
from mockserver.simulate.stemming import identifier_words
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
