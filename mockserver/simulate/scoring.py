"""Scoring: how well an entity of the text fits a parameter."""

import re
from functools import lru_cache
from typing import NamedTuple

from mockserver.simulate.entities import Entity
from mockserver.simulate.lexicon import word_set
from mockserver.simulate.roles import ACCEPTS, NUMERIC_ROLES
from mockserver.simulate.stemming import identifier_words, likeness, stem, tokens
from mockserver.simulate.tool_model import ToolParameter

ENOUGH = 0.45
"""A span goes to a parameter from this affinity on."""

_OWN = 0.6
"""What it is worth that a name says itself what it is the name of."""

_LEADS: tuple[tuple[str, str, float], ...] = (
    ("to into towards", "to destination arrival target end recipient receiver dest second b quote", 0.35),
    ("from out", "from origin source start departure base sender first a", 0.35),
    ("by", "author artist director creator deadline by", 0.3),
    ("before until till by", "before until end deadline due max latest to", 0.35),
    ("after since", "after since start begin min earliest from", 0.35),
    ("over above more least exceeding exceeds minimum greater than", "min minimum greater above threshold", 0.4),
    ("under below less most up maximum than", "max maximum limit budget below", 0.3),
    ("top first last", "limit count top n number max size", 0.5),
    ("named called titled entitled", "name title label", 0.5),
)
_OPPOSED = (("to", "from"), ("from", "to"), ("after", "before"), ("before", "after"))
_PREPOSITIONS = word_set("to into towards from by before until till after since in at on of for")
_PLACING = {"in": 0.25, "at": 0.05, "near": 0.25, "around": 0.2, "for": 0.1, "of": 0.1, "to": 0.1, "from": 0.1}
_RELATED = 0.7
_YEARS, _AGE = frozenset({stem("years")}), frozenset({stem("age")})
"""An age is counted in years."""
_UNTYPED = frozenset({"name", "quoted", "phrase", "code", "number"})
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z\d]{10,30}")
_ACCOUNTS = frozenset(map(stem, word_set("iban account recipient beneficiary payee")))
_TITLED = re.compile(r"(?:Dr|Mr|Mrs|Ms|Prof|Miss|Sir|Herr|Frau|Señora?|Sra?|Mme|M)\b\.?\s")
_FIRM = re.compile(
    r"\b(?:GmbH|AG|KG|SE|Ltd|Limited|LLC|Inc|Corp|Corporation|Company|Co|PLC|plc|S\.?A|SARL|BV|AB|Oy|Group|Holdings?|"
    r"Industries|Solutions|Technologies|Software|Systems|Robotics|Labs?|Bank|Airlines?|Airways|Motors|Media|Partners|"
    r"Consulting|Services|Logistics|Foods|Pharma|Energy|Studios?|University|Institute|Foundation|Insurance)\.?\Z"
)
_ARTICLES = frozenset({"a", "an", "i"})
_MEASURED = re.compile(r"\d{1,15}(?:\.\d{1,15})?[A-Z]{1,2}")
_SECONDS = {
    "millisecond": 0.001, "ms": 0.001, "second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600,
    "h": 3600, "day": 86400, "week": 604800,
}  # fmt: skip
_UNIT_TOLD = re.compile(r"(?i)\b(?:in|of|as|number of)\s+(milliseconds?|seconds?|minutes?|hours?|days?|weeks?)\b")
_TIME_UNITS = frozenset(map(stem, word_set("second minute hour day week month year night")))


class Setting(NamedTuple):
    """The words right around a span, nearest first, as stems."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def seconds_of(unit: str) -> float:
    """How many seconds a unit of time has; 0 for what is none."""
    return _SECONDS.get(unit.casefold()) or _SECONDS.get(unit.casefold().rstrip("s"), 0)


def time_unit(parameter: ToolParameter) -> str:
    """The unit of time that a number parameter counts, by its name or description; "" when neither tells."""
    for word in identifier_words(parameter.name):
        if seconds_of(word) and word not in ("min", "h"):
            return word
    told = _UNIT_TOLD.search(parameter.description)
    return told[1].casefold() if told and parameter.role in ("duration", "time", "count", "") else ""


def setting(text: str, span: Entity, since: int, until: int) -> Setting:
    """The words between the span before (which ends at `since`) and the one after (which begins at `until`)."""
    before = [token.text.casefold() for token in tokens(re.split(r"[.!?;]\s", text[since : span.start])[-1])]
    after = [token.text.casefold() for token in tokens(re.split(r"[,.!?;]\s|\band\b", text[span.end : until])[0])]
    return Setting(tuple(reversed(before[-5:])), tuple(after[:3]))


def score(parameter: ToolParameter, span: Entity, around: Setting, eager: bool) -> float:
    """How well a span fits: below `ENOUGH` not at all; `eager` says that the parameter has to be filled."""
    numeric = parameter.kind in ("integer", "number")
    if numeric and span.kind != "choice":
        base = _number_base(parameter, span)
    elif span.kind == "choice":
        base = 0.1
    elif parameter.kind in ("string", ""):
        kinds = ACCEPTS.get(parameter.role) or {"number": 0.45, "quoted": 0.4, "date": 0.2}
        base = kinds.get(span.kind, 0.15 if span.kind == "number" and span.unit != "ordinal" else 0.0)
    else:
        return 0.0
    if not base or (span.counting and not _counts(parameter, span)):
        return 0.0
    if "id" in parameter.words and span.kind == "name" and not any(letter.isdigit() for letter in str(span.value)):
        return 0.0
    if span.kind == "name" and (kind := _kind_of_name(str(span.value))):
        base += 0.2 if kind == parameter.role else (-0.3 if parameter.role in ("person", "organization") else 0.0)
        base += 0.15 if kind == "person" and parameter.role == "name" else 0.0
    if parameter.role == "person" and span.kind == "name" and around.before[:1] == ("the",):
        base -= 0.3
    if parameter.role == "ticker" and span.kind == "name" and str(span.value).isupper():
        base += 0.4
    cue = (
        max(_cue(parameter, around), _OWN if _says_what_it_is(parameter, span) else 0.0)
        + _lead(parameter, span, around)
        + (_unit(parameter, span) if span.kind == "number" else 0)
    )
    if span.kind == "code" and _IBAN.fullmatch(str(span.value)):
        cue += _OWN if parameter.words & _ACCOUNTS else -_OWN
    if not eager and cue < 0.2 and span.kind in _UNTYPED:
        base -= 0.35
    return base + cue + (0.05 if eager else 0.0)


def _kind_of_name(name: str) -> str:
    """Whether a name is a person's or an organisation's, by its title or its last word; "" when neither tells."""
    if _TITLED.match(name):
        return "person"
    return "organization" if _FIRM.search(name) else ""


def _says_what_it_is(parameter: ToolParameter, span: Entity) -> bool:
    """Whether a name ends with a word of the parameter, as the `Munch Museum` does for a `museum`."""
    ending = tokens(str(span.value))[-1:] if span.kind == "name" else []
    return bool(ending) and ending[0].start > 0 and stem(ending[0].text) in parameter.words


def _counts(parameter: ToolParameter, span: Entity) -> bool:
    """Whether a parameter wants to know how many there are of what a number counts."""
    unit = stem(span.unit)
    if (parameter.role == "duration" or time_unit(parameter)) and unit in _TIME_UNITS:
        return True
    known = parameter.words | parameter.hints if parameter.role == "count" else parameter.words
    return any(likeness(unit, word) >= 0.7 for word in known)


def _number_base(parameter: ToolParameter, span: Entity) -> float:
    """How much a span looks like a number: `12`, with its unit behind (`290K`), or within a date (`in 3 years`)."""
    if span.kind == "number" or (span.kind == "code" and _MEASURED.fullmatch(str(span.value))):
        return 0.5
    if span.kind == "date" and span.unit:
        return 0.7 if parameter.role == "duration" else 0.0
    return 0.45 if span.kind == "code" and str(span.value).isdigit() else 0.0


def _cue(parameter: ToolParameter, around: Setting) -> float:
    """What the parameter's own words beside the span are worth."""
    best = 0.0
    for words, weight, step in ((around.before, 0.6, 0.12), (around.after, 0.45, 0.15)):
        for distance, word in enumerate(words):
            if word in _PREPOSITIONS:
                continue
            near = 1 - step * distance
            if word in _ARTICLES:
                continue
            own = max(
                (likeness(stem(word), known) for known in parameter.words if len(known) > 1 or known == word), default=0
            )
            own = own if own > _RELATED else own / 2  # a word of the same matter names the parameter less
            told = 0.4 if stem(word) in parameter.hints else 0.0
            best = max(best, weight * near * max(own, told))
    return best


def _lead(parameter: ToolParameter, span: Entity, around: Setting) -> float:
    """What the preposition before the span says: to a destination, from an origin, over a minimum."""
    leads = [word for word in around.before if word not in ("the", "a", "an")][:2]
    worth = 0.0
    if around.after[:1] in (("to",), ("into",)) or (span.kind == "currency" and around.after[:1] == ("in",)):
        worth = 0.3 if parameter.words & _stands_for("from") else 0.0
    if span.kind in ("currency", "language", "choice") and leads[:1] == ["in"] and parameter.words & _stands_for("to"):
        worth = 0.3
    if span.kind == "currency" and not worth and around.before[:1] in (("many",), ("much",)):
        return 0.3 if parameter.words & _stands_for("to") else -0.2
    if not leads:
        return worth
    for said, stands_for, weight in _leads():
        if any(lead in said for lead in leads[: 2 if weight >= 0.3 else 1]) and parameter.words & stands_for:
            worth = max(worth, weight)
    if (
        not worth
        and span.kind != "number"
        and any(leads[0] == one and parameter.words & _stands_for(other) for one, other in _OPPOSED)
    ):
        worth = -0.35
    if parameter.role == "place" and span.kind in ("name", "phrase", "quoted"):
        worth += _PLACING.get(leads[0], -0.05)
    elif (
        parameter.role in ("name", "subject", "organization", "")
        and leads[0] in ("in", "near", "from", "to")
        and not worth
    ):
        worth -= 0.15
    return worth


@lru_cache(maxsize=1)
def _leads() -> tuple[tuple[frozenset[str], frozenset[str], float], ...]:
    return tuple(
        (frozenset(said.split()), frozenset(stem(word) for word in stands_for.split()), weight)
        for said, stands_for, weight in _LEADS
    )


@lru_cache(maxsize=8)
def _stands_for(lead: str) -> frozenset[str]:
    return next(stands_for for said, stands_for, _ in _leads() if lead in said)


def _unit(parameter: ToolParameter, span: Entity) -> float:  # noqa: PLR0911 - one kind of unit a line
    """What a number's unit says for or against the parameter."""
    unit = stem(span.unit) if span.unit else ""
    named = parameter.words | parameter.hints
    if parameter.role == "year":
        measured = span.unit == "%" or span.unit.isupper() or unit in _TIME_UNITS
        return 0.3 if isinstance(span.value, int) and 1000 <= span.value <= 2999 and not measured else -0.4
    if not unit:
        return -0.3 if parameter.role == "duration" and parameter.words & _TIME_UNITS else 0.0
    if unit in parameter.words or unit in named or (unit in _YEARS and parameter.words & _AGE):
        return 0.4
    if span.unit == "%":
        return 0.4 if parameter.role == "percent" or "percent" in " ".join(named) else -0.2
    if span.unit.isupper() and len(span.unit) == 3:
        return 0.35 if parameter.role == "money" else (-0.4 if parameter.role in NUMERIC_ROLES else -0.1)
    if seconds_of(span.unit) and time_unit(parameter):
        return 0.35
    if unit in _TIME_UNITS:
        return 0.3 if parameter.role in ("duration", "time") and not parameter.words & _TIME_UNITS else -0.25
    return max((0.3 for word in named if likeness(unit, word) >= 0.7), default=0.0)
