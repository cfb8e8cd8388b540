"""Argument faults that fit the schema: swapped, stale, misread, too broad or unsafe values."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import isfinite
from typing import Any

from mockserver.chat import Reply
from mockserver.faults import advice
from mockserver.faults.argument_values import Arguments, Values, arguments_of, fitting, targets, values_of, written
from mockserver.faults.call_history import calls_with_results, leaves
from mockserver.faults.fault import Context, NotHere, Parameter, one_of
from mockserver.faults.locations import free_texts, is_of
from mockserver.faults.register import Register
from mockserver.faults.vocabulary import BROAD, EXONYMS, UNSAFE

_UNIT = re.compile(
    r"second|minute|hour|day|week|month|amount|price|cost|cent|distance|km|mile|meter|metre|length|height|width|weight|"
    r"kg|gram|pound|temperature|duration|size|byte|speed|radius|limit|timeout|delay|depth|volume",
    re.IGNORECASE,
)
_BROAD = re.compile(r"scope|permission|role|access|filter|path|recipient|audience|target|level|channel", re.IGNORECASE)
_PAIRS = [
    {"from", "to"}, {"origin", "destination"}, {"start", "end"}, {"start_date", "end_date"}, {"sender", "recipient"},
    {"source", "target"}, {"min", "max"}, {"lat", "lon"}, {"latitude", "longitude"}, {"x", "y"}, {"width", "height"},
    {"subject", "body"}, {"old", "new"}, {"first", "last"}, {"first_name", "last_name"},
]  # fmt: skip
"""Parameters that are mistaken for each other first."""
_DATE = re.compile(r"\b(20\d\d|19\d\d)(?=-\d\d)")

entry = Register("args_semantic", "reply", needs=("call", "schema"), robust=advice.ASK)


@entry(
    "swapped_values",
    "The values of two parameters of the same kind are exchanged.",
    source="known from experience",
    robust=advice.CONFIRM,
    adapt=fitting("pair of parameters that could be exchanged"),
)
def swapped_values(arguments: Arguments) -> Iterator[Values]:
    """`from` and `to`, say."""
    given = [
        site for site in arguments.given() if not isinstance(site.value, dict | list | bool) and site.value is not None
    ]
    related = sorted(combinations(given, 2), key=lambda pair: {pair[0].name, pair[1].name} not in _PAIRS)
    for one, other in related:
        if type(one.value) is type(other.value) and one.value != other.value and one.base is other.base:
            yield replace(other, base=one.put(other.value)).put(one.value)


@entry(
    "unit_error",
    "A number is given in another unit or at another scale than the parameter means.",
    source="known from experience",
    robust="Check values against plausible bounds, and name the unit in the parameter's name.",
    adapt=fitting("number with a unit"),
)
def unit_error(arguments: Arguments) -> Iterator[Values]:
    """Minutes for seconds, cents for euros, miles for kilometres."""
    numbers = [site for site in arguments.sites() if is_of(arguments.value_at(site), "number")]
    for site in sorted(numbers, key=lambda site: not _UNIT.search(site.name)):
        value = arguments.value_at(site)
        factors = [60, 100, 1000, 1.609, 3.281]
        arguments.context.chance.shuffle(factors)
        for scaled in [way for factor in factors for way in (value / factor, value * factor)]:
            if isfinite(scaled):
                yield site.put(round(scaled) if is_of(value, "integer") else round(scaled, 3))


@entry(
    "near_miss_value",
    "A value is nearly right: a letter dropped, one more or less, the last digit of an id cut off.",
    source="ToolScan: wrong values, GPT-4 0.94, GPT-3.5 0.89 (1 means without error)",
    robust=advice.CONFIRM,
    adapt=fitting("value that is given"),
)
def near_miss_value(arguments: Arguments) -> Iterator[Values]:
    """A typo, an off-by-one, a truncation."""
    for site in arguments.given():
        value = site.value
        if isinstance(value, str) and len(value) > 2:
            place = arguments.context.chance.randrange(1, len(value) - 1)
            dropped = value[:place] + value[place + 1 :]
            turned = value[:place] + value[place + 1] + value[place] + value[place + 2 :]
            bumped = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), value)
            yield from (site.put(text) for text in (value[:-1], dropped, turned, bumped))
        elif is_of(value, "integer"):
            yield from (site.put(int(value) + step) for step in (1, -1))
        elif is_of(value, "number"):
            yield from (site.put(round(value + step, 6)) for step in (0.1, -0.1, 0.001))


@entry(
    "stale_value",
    "The value of an earlier turn is given though the user changed it.",
    source="HammerBench's argument shift; FuncBenchGen, strong models included",
    robust=advice.CHECK_CLAIMS,
    needs=("call", "schema", "conversation"),
    adapt=fitting("parameter whose value another call of this conversation gave", here=True),
)
def stale_value(arguments: Arguments) -> Iterator[Values]:
    """From earlier calls of the same tool, then of any."""
    past = [found.call for found in reversed(calls_with_results(arguments.context.request))]
    for call in sorted(past, key=lambda call: call.name != arguments.tool.name):
        earlier = values_of(call)
        for site in arguments.given():
            place: Any = earlier
            for step in site.path:
                place = place.get(step) if isinstance(place, dict) else None
            if place is not None and place != site.value and not isinstance(place, dict | list):
                yield site.put(place)


@entry(
    "wrong_date_resolution",
    "A date is worked out against a year of the training data.",
    source="known from experience",
    robust="Tell the model what day it is, and check that dates lie where they may.",
    adapt=fitting("date"),
)
def wrong_date_resolution(arguments: Arguments) -> Iterator[Values]:
    """`tomorrow` becomes a day of 2023."""
    year = arguments.context.chance.choice(("2023", "2021", "2022"))
    for site in arguments.sites():
        value = arguments.value_at(site) if site.allows("string") else None
        if isinstance(value, str) and _DATE.search(value):
            day = _DATE.sub(year, value).replace("-02-29", "-02-28")
            yield site.put(day)


@entry(
    "over_broad_scope",
    "A wider scope is given than was asked for: everything, everybody, every right.",
    source="second-hand",
    robust=f"{advice.ASK} Give every tool the least rights that it can work with.",
    adapt=fitting("value that could be wider"),
)
def over_broad_scope(arguments: Arguments) -> Iterator[Values]:
    """`*`, `all`, `admin`."""
    for site in sorted(arguments.sites(), key=lambda site: not _BROAD.search(site.name)):
        choices = site.schema.get("enum")
        broad = [choice for choice in choices if choice in BROAD] if isinstance(choices, list) else ["*", *BROAD]
        yield from (site.put(value) for value in broad)


@entry(
    "empty_string_required",
    'A required text is "".',
    source="reported of Claude 3.5 (second-hand)",
    robust=f"Require a minimum length in the schema. {advice.VALIDATE}",
    adapt=fitting("required text that may be empty"),
)
def empty_string_required(arguments: Arguments) -> Iterator[Values]:
    """At any level."""
    for site in arguments.sites():
        if site.required and isinstance(site.value, str) and site.value:
            yield site.put("")


@entry(
    "translated_value",
    "A name or word of the user is translated or transliterated.",
    source="known from experience",
    robust="Bring names to one form before they are compared.",
    adapt=fitting("name that has another form elsewhere", here=True),
)
def translated_value(arguments: Arguments) -> Iterator[Values]:
    """`München` becomes `Munich`."""
    for site in arguments.given():
        if isinstance(site.value, str):
            for name, other in EXONYMS.items():
                if re.search(rf"\b{name}\b", site.value):
                    yield site.put(re.sub(rf"\b{name}\b", other, site.value, count=1))
            plain = site.value.translate(_PLAIN_LETTERS)
            yield site.put(plain)


_PLAIN_LETTERS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "é": "e",
        "è": "e",
        "ñ": "n",
        "ø": "o",
    }
)


@entry(
    "unsafe_value",
    "A value attacks code that uses it unchecked: a path out of the folder, SQL, shell, an internal address, NUL.",
    source="NUL in arguments broke PostgreSQL (onyx-dot-app/onyx#8177, lobu-ai/lobu#1283)",
    robust="Clean or refuse values at the one place where they enter the application.",
    adapt=fitting("free text"),
    kind=Parameter("any", "which attack", one_of("any", *UNSAFE)),
)
def unsafe_value(arguments: Arguments) -> Iterator[Values]:
    """By the parameter's name where that tells."""
    wanted = arguments.context.parameters["kind"]
    for site in free_texts(arguments.sites()):
        suited = [kind for kind in UNSAFE if kind in site.name.casefold() or (kind == "sql" and "query" in site.name)]
        kinds = [wanted] if wanted != "any" else suited or list(UNSAFE)
        arguments.context.chance.shuffle(kinds)
        yield from (site.put(UNSAFE[kind]) for kind in kinds)


def _merged(reply: Reply, context: Context) -> Reply:
    """One call in the place of several: their values in one text."""
    for index in targets(reply, context):
        call, tool = reply.calls[index], context.request.tool(reply.calls[index].name)
        beside = [other for other in reply.calls if other.name == call.name]
        if tool is None or len(beside) < 2:
            continue
        arguments = arguments_of(call, tool, context)
        for site in arguments.given():
            found = [dict(leaves(values_of(other))).get(site.path) for other in beside]
            texts = list(dict.fromkeys(value for value in found if isinstance(value, str)))
            values = site.put(", ".join(texts))
            if isinstance(site.value, str) and len(texts) > 1 and arguments.valid(values):
                kept = [other for other in reply.calls if other.name != call.name or other is beside[0]]
                text = written(values, like=call.arguments)
                return replace(reply, calls=[replace(one, arguments=text) if one is beside[0] else one for one in kept])
    raise NotHere("no two calls of a tool differ in a text that could hold both values")


entry(
    "merged_value",
    "The values of several calls that were wanted are folded into one call.",
    source="known from experience; BFCL's parallel categories",
    robust=advice.VALIDATE,
    needs=("several calls", "schema"),
    adapt=lambda function: function,
)(_merged)
