"""A spot: the place in the arguments for which a value is being invented, and the randomness that is its own."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from mockserver.simulate.schema import JsonSchema

Below = Callable[[JsonSchema, str, str, str, Mapping[str, Any]], Any]
"""Invents a value below a spot: its schema, name, step of the JSON path, what sets its seed apart, what is given."""


class Spot(NamedTuple):
    """Where a value goes: the name it goes by, how deep it lies, which attempt this is, its JSON path."""

    name: str
    depth: int
    attempt: int
    seed: str
    chance: Random
    place: str = "$"
