"""The parameters that a fault takes: their defaults, and how the text of a command line or a header is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Read = Callable[[Any], Any]


def text(given: Any) -> str:
    """Any text."""
    return str(given)


def count(given: Any) -> int:
    """A whole number from 0 up."""
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given
    if isinstance(given, str) and given.isascii() and given.isdecimal():
        return int(given)
    raise ValueError("a whole number from 0 up")


def positive(given: Any) -> int:
    """A whole number from 1 up."""
    try:
        found = count(given)
    except ValueError:
        found = 0
    if not found:
        raise ValueError("a whole number from 1 up")
    return found


def share(given: Any) -> float:
    """A part of the whole: a number from 0 to 1, or a percentage."""
    try:
        percent = isinstance(given, str) and given.endswith("%")
        found = float(given[:-1]) / 100 if percent else float(given)
    except (ValueError, TypeError):
        found = -1.0
    if isinstance(given, bool) or not 0 <= found <= 1:
        raise ValueError("a number from 0 to 1, or a percentage like 5%")
    return found


def seconds(given: Any) -> float:
    """A time: a number of seconds, or text with `ms` or `s`."""
    try:
        if isinstance(given, str) and given.endswith("ms"):
            found = float(given[:-2]) / 1000
        else:
            found = float(given.removesuffix("s") if isinstance(given, str) else given)
    except (ValueError, TypeError):
        found = -1.0
    if isinstance(given, bool) or not 0 <= found < float("inf"):
        raise ValueError("a time from 0 up: a number of seconds, or text like 50ms or 2s")
    return found


def flag(given: Any) -> bool:
    """Yes or no."""
    if isinstance(given, bool):
        return given
    if given in ("true", "false"):
        return bool(given == "true")
    raise ValueError("true or false")


def one_of(*choices: str) -> Read:
    """One of a few words."""

    def chosen(given: Any) -> str:
        if given not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return str(given)

    return chosen


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a fault. `read` makes a value of what was written, or raises ValueError("what was expected")."""

    default: Any
    about: str
    read: Read = text
