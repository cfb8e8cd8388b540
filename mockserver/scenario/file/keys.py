"""What each key of a scenario file means: for editors, and for the reference in the docs."""

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class Key(NamedTuple):
    """A key: what it may hold, what holds without it, and what it means."""

    name: str
    holds: str
    default: str
    means: str


@lru_cache(maxsize=1)
def keys() -> dict[str, dict[str, Key]]:
    """The keys by the object that holds them, in the order in which people look for them."""
    text = files(__package__).joinpath("keys.txt").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n# ")[1:]:
        holder, *lines = part.strip().splitlines()
        found[holder] = {key.name: key for key in (Key(*line.split(" | ")) for line in lines)}
    return found
