"""How values are shown to people in messages: quoted, shortened, secrets masked."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from mockserver.redaction.shapes import without_shapes

_LONGEST = 160
_TAIL = 40


@lru_cache(maxsize=256)
def quoted(text: str) -> str:
    """A text in quotes, shortened in the middle; what looks like a secret is taken out before."""
    masked = without_shapes(text)
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
