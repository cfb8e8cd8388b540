"""Numbers that a schema allows and that suit what they stand for."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from mockserver.simulate.schema_repair import JsonSchema

Below = Callable[[JsonSchema, str, str, str, Mapping[str, Any]], Any]
"""Invents a value below a position: its schema, name, step of the JSON path, seed suffix, and what is given."""


class Position(NamedTuple):
    """Where a value goes: the name it goes by, how deep it lies, which attempt this is, its JSON path."""

    name: str
    depth: int
    attempt: int
    seed: str
    chance: Random
    place: str = "$"


_USUAL: Mapping[str, tuple[int, int]] = {
    "year": (2015, 2025),
    "count": (1, 10), "duration": (1, 14), "percent": (1, 20), "money": (20, 900), "age": (21, 64),
    "latitude": (-60, 60), "longitude": (-150, 150), "id": (1000, 9999), "": (1, 100),
}  # fmt: skip
_VAST = 10**9
"""Of a step that is greater, zero is the multiple to take."""


def number(schema: Mapping[str, Any], position: Position, role: str, whole: bool) -> int | float:
    """A number within a schema's limits, near what is usual for its role where the limits leave that open."""
    chance = position.chance
    low, high = _limits(schema, whole)
    usual_low, usual_high = _usual(role, position.name)
    if low is None and high is None:
        low, high = Decimal(usual_low), Decimal(usual_high)
    elif low is None and high is not None:
        low = min(Decimal(usual_low), high - 1 if whole else high - abs(high) / 2 - 1)
    elif low is not None and high is None:
        high = max(Decimal(usual_high), low + 10)
    assert low is not None
    assert high is not None
    if usual_low < high and usual_high > low:
        low, high = max(low, Decimal(usual_low)), min(high, Decimal(usual_high))
    step = schema.get("multipleOf")
    if step is not None:
        return _multiple(Fraction(str(step)), (low, high), _limits(schema, whole), chance, whole)
    if whole:
        first, last = math.ceil(low), math.floor(high)
        return chance.randint(first, max(first, last))
    drawn = float(low) + chance.random() * float(high - low)
    if not math.isfinite(drawn):
        return math.ceil(low)
    rounded = round(drawn, 2)
    return rounded if low <= Decimal(str(rounded)) <= high else drawn


def _usual(role: str, name: str) -> tuple[int, int]:
    lowered = name.casefold()
    for word in ("latitude", "longitude", "age"):
        if lowered == word or lowered == word[:3]:
            return _USUAL[word]
    return _USUAL.get(role, _USUAL[""])


def _limits(schema: Mapping[str, Any], whole: bool) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest number allowed; an exclusive limit is moved inwards by the smallest sensible step."""
    nudge = Decimal(1) if whole else Decimal("0.01")
    lows = [Decimal(str(schema["minimum"]))] if "minimum" in schema else []
    highs = [Decimal(str(schema["maximum"]))] if "maximum" in schema else []
    if "exclusiveMinimum" in schema:
        edge = Decimal(str(schema["exclusiveMinimum"]))
        lows.append(math.floor(edge) + nudge if whole else edge + nudge)
    if "exclusiveMaximum" in schema:
        edge = Decimal(str(schema["exclusiveMaximum"]))
        highs.append(math.ceil(edge) - nudge if whole else edge - nudge)
    low = max(lows) if lows else None
    high = min(highs) if highs else None
    if low is not None and high is not None and low > high and not whole:
        middle = (
            Decimal(str(schema.get("exclusiveMinimum", low))) + Decimal(str(schema.get("exclusiveMaximum", high)))
        ) / 2
        return middle, middle
    return low, high


def _multiple(
    step: Fraction,
    usual: tuple[Decimal, Decimal],
    limits: tuple[Decimal | None, Decimal | None],
    chance: Random,
    whole: bool,
) -> int | float:
    """A multiple of the step that is usual, or else the nearest one that the limits allow."""
    if whole:
        step = Fraction(step.numerator)  # the whole multiples of p/q are those of p
    first, last = math.ceil(Fraction(usual[0]) / step), math.floor(Fraction(usual[1]) / step)
    if first > last:
        least, most = (Fraction(limit) if limit is not None else None for limit in limits)
        first = 1 if step < _VAST else 0
        first = first if most is None else min(first, math.floor(most / step))
        first = last = first if least is None else max(first, math.ceil(least / step))
    value = step * chance.randint(first, last)
    return int(value) if value.denominator == 1 else float(value)
