"""Errors of scenario files (`file:line:column: message`), and how messages show values and suggest names."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from mockserver.errors import MockServerError
from mockserver.redaction.secret_patterns import redacted_text

_LONGEST = 160
_TAIL = 40


@dataclass(frozen=True, slots=True)
class ScenarioError:
    """One mistake, or with `warning` something that is likely to be one. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.message}"


class ScenarioErrors(MockServerError, ValueError):
    """A scenario file has mistakes; `errors` are all of them, in the order of the file."""

    def __init__(self, errors: Iterable[ScenarioError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


class UnknownScenario(MockServerError, FileNotFoundError):
    """Neither a file, nor a folder, nor the name of a ready-made scenario."""


class Undumpable(MockServerError, TypeError):
    """A scenario holds a function, which a file cannot."""


@lru_cache(maxsize=256)
def quoted(text: str) -> str:
    """A text in quotes, shortened in the middle; what looks like a secret is taken out before."""
    masked = redacted_text(text)
    if len(masked) > _LONGEST:
        masked = f"{masked[: _LONGEST - _TAIL]} … {masked[-_TAIL:]}"
    return f"'{masked}'"


def described(value: Any) -> str:
    """What kind of value this is, with the value itself when it is short: "the number 42"."""
    if isinstance(value, bool | None):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if not isinstance(value, dict | list):
        return f"a Python {type(value).__name__}"
    kind = "object" if isinstance(value, dict) else "list"
    return ("an " if kind == "object" else "a ") + kind if value else f"an empty {kind}"


def listed(names: Iterable[str], last: str = "or") -> str:
    """`a`, `b` or `c`."""
    *before, end = [f"`{name}`" for name in names]
    return f"{', '.join(before)} {last} {end}" if before else end


def nearest(name: str, known: Iterable[str]) -> str:
    """ " Did you mean `…`?", or nothing when no known name is near."""
    near = get_close_matches(name, list(known), 1)
    return f" Did you mean `{near[0]}`?" if near else ""
