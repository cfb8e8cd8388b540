"""Argument faults against the schema: values outside an enum, a range, a length, a format or a pattern."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.faults import advice
from mockserver.faults.argument_values import Arguments, Values, breaking
from mockserver.faults.fault import MOST_CHARACTERS, Promises
from mockserver.faults.locations import Site, is_of
from mockserver.faults.register import Register
from mockserver.faults.vocabulary import OTHER_CHOICES, SYNONYMS, WRONG_FORMATS

entry = Register(
    "args_schema",
    "reply",
    needs=("call", "schema"),
    promises=Promises(validates="broken"),
    robust=advice.VALIDATE,
)


@entry(
    "enum_violation",
    "A value is none of those that the enum allows.",
    source="reported of GPT-4o and Claude 3.5 (second-hand)",
    adapt=breaking("enum"),
)
def enum_violation(arguments: Arguments) -> Iterator[Values]:
    """A plausible stranger: `kelvin` beside celsius and fahrenheit."""
    for site, choices in _choices(arguments):
        others = [other for known, other in OTHER_CHOICES if known in choices]
        numbers = [max(choice for choice in choices if is_of(choice, "number")) + 1] if _numeric(choices) else []
        yield from (site.put(other) for other in (*others, *numbers, "other", "unknown", "default"))


@entry(
    "enum_wrong_case",
    "A value of the enum is written with other capitals.",
    source="known from experience",
    robust=f"{advice.VALIDATE} Fold the case only where that leaves one value.",
    adapt=breaking("enum of words"),
)
def enum_wrong_case(arguments: Arguments) -> Iterator[Values]:
    """The value that was meant, or one of the others."""
    for site, choices in _choices(arguments):
        meant = [site.value] if site.value in choices else choices
        for choice in meant:
            if isinstance(choice, str):
                yield from (site.put(form(choice)) for form in (str.title, str.upper, str.lower, str.swapcase))


@entry(
    "enum_synonym",
    "A word that means a value of the enum is given in its place.",
    source="known from experience",
    adapt=breaking("enum of words"),
)
def enum_synonym(arguments: Arguments) -> Iterator[Values]:
    """`C` or `metric` for `celsius`; an abbreviation where no synonym is known."""
    for site, choices in _choices(arguments):
        meant = [site.value] if site.value in choices else choices
        for choice in meant:
            if isinstance(choice, str):
                known = SYNONYMS.get(choice.casefold(), ())
                yield from (site.put(word) for word in (*known, choice[:3], choice[:1].upper(), f"{choice}s"))


@entry(
    "const_violation",
    "A value differs from the only one that the schema allows.",
    source="known from experience",
    adapt=breaking("const"),
)
def const_violation(arguments: Arguments) -> Iterator[Values]:
    """A near one."""
    for site in arguments.sites():
        if "const" in site.schema:
            yield from (site.put(other) for other in _near(site.schema["const"]))


@entry(
    "wrong_union_branch",
    "Branches of `anyOf` or `oneOf` are mixed, so that the value fits none of them.",
    source="known from experience",
    adapt=breaking("union"),
)
def wrong_union_branch(arguments: Arguments) -> Iterator[Values]:
    """Keys of one branch beside those of another; for plain values one that no branch allows."""
    for site in arguments.sites():
        branches = site.schema.get("anyOf") or site.schema.get("oneOf")
        if not branches:
            continue
        value = arguments.value_at(site)
        for branch in branches:
            other = arguments.another(replace(site, schema=branch if isinstance(branch, dict) else {}))
            if isinstance(value, dict) and isinstance(other, dict) and value.keys() != other.keys():
                yield site.put({**value, **{key: other[key] for key in other if key not in value}})
                common = {key: entry for key, entry in value.items() if key in other}
                yield site.put({**other, **common})
        plain: list[Any] = ["", -1, "other", 0.5, True, [], {}]
        yield from (site.put(one) for one in plain)


@entry(
    "out_of_range",
    "A number is below the minimum, above the maximum, or no multiple of what it should be.",
    source="API-Bank: invalid input parameters, 8 % of errors",
    adapt=breaking("number with limits"),
)
def out_of_range(arguments: Arguments) -> Iterator[Values]:
    """Just outside, or far."""
    steps = {"maximum": 1, "exclusiveMaximum": 1, "minimum": -1, "exclusiveMinimum": -1}
    for site in arguments.sites():
        limits = [(key, site.schema[key]) for key in steps if isinstance(site.schema.get(key), int | float)]
        arguments.context.chance.shuffle(limits)
        for key, limit in limits:
            nearest = (0,) if key.startswith("exclusive") else ()
            yield from (site.put(limit + steps[key] * far) for far in (1, 23, *nearest))
        if isinstance(site.schema.get("multipleOf"), int | float) and is_of(arguments.value_at(site), "number"):
            value, multiple = arguments.value_at(site), site.schema["multipleOf"]
            yield from (site.put(value + multiple / part) for part in (2, 3) if multiple != 1 or part != 1)
            yield site.put(value + 1)


@entry(
    "length_violation",
    "A text is shorter or longer than allowed.",
    source="known from experience",
    adapt=breaking("text with a limited length"),
)
def length_violation(arguments: Arguments) -> Iterator[Values]:
    """One character off."""
    for site in arguments.sites():
        value = arguments.value_at(site) if {"minLength", "maxLength"} & site.schema.keys() else None
        if isinstance(value, str):
            least, most = site.schema.get("minLength", 0), site.schema.get("maxLength")
            if most is not None and most < MOST_CHARACTERS:
                yield site.put((value or "x") + "x" * (int(most) + 1 - len(value or "x")))
            if least:
                yield site.put(value[: int(least) - 1])


@entry(
    "items_violation",
    "A list has too few, too many or repeated entries.",
    source="known from experience",
    adapt=breaking("list with limits"),
)
def items_violation(arguments: Arguments) -> Iterator[Values]:
    """One entry off, or one twice."""
    for site in arguments.sites():
        value = arguments.value_at(site) if {"minItems", "maxItems", "uniqueItems"} & site.schema.keys() else None
        if isinstance(value, list):
            least, most = site.schema.get("minItems", 0), site.schema.get("maxItems")
            if least:
                yield site.put(value[: int(least) - 1])
            if value and most is not None and most < MOST_CHARACTERS // 100:
                yield site.put((value * (int(most) + 1))[: int(most) + 1])
            if value and site.schema.get("uniqueItems") is True:
                yield site.put([*value, value[0]])


@entry(
    "format_violation",
    "A date, time, address or id is not written in the format that the schema names.",
    source="API-Bank names illegal date formats (second-hand)",
    adapt=breaking("format"),
)
def format_violation(arguments: Arguments) -> Iterator[Values]:
    """`tomorrow` or `03/04/25` for a date."""
    for site in arguments.sites():
        if isinstance(site.schema.get("format"), str):
            wrong = list(WRONG_FORMATS.get(site.schema["format"], ("not applicable",)))
            arguments.context.chance.shuffle(wrong)
            yield from (site.put(text) for text in wrong)


@entry(
    "pattern_violation",
    "A text does not match the pattern: a name is given for a code.",
    source="API-Bank: the company's name for its ticker (second-hand)",
    adapt=breaking("pattern"),
)
def pattern_violation(arguments: Arguments) -> Iterator[Values]:
    """Spelled out, in other capitals, with something around."""
    for site in arguments.sites():
        if isinstance(site.schema.get("pattern"), str):
            value = arguments.value_at(site)
            meant = value if isinstance(value, str) else "code"
            near = [meant.lower(), meant.upper(), f" {meant}", f"{meant} (?)", "Paris CDG", "n/a", "", meant[:-1]]
            yield from (site.put(text) for text in near)


def _choices(arguments: Arguments) -> Iterator[tuple[Site, list[Any]]]:
    for site in arguments.sites():
        choices = site.schema.get("enum")
        if isinstance(choices, list) and choices:
            yield site, choices


def _numeric(choices: list[Any]) -> bool:
    return any(is_of(choice, "number") for choice in choices)


def _near(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    if isinstance(value, str):
        return [f"{value}_v2", value.upper(), "other"]
    return ["other"]
