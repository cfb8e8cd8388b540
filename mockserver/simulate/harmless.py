"""Harmless values: what a call is filled with that the application forces and nobody spoke of."""

from collections.abc import Mapping
from typing import Any

NOBODY = "nobody@example.invalid"
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "command": ("true", ""),
    "source": ("", "true"),
    "path": ("unnamed",),
    "email": (NOBODY,),
    "recipient": (NOBODY,),
    "sql": ("SELECT 1", ""),
    "url": ("https://example.invalid/",),
    "phone": ("+10000000000",),
}
_LEAST = frozenset({"money", "count", "duration"})


def harmless(role: str, schema: Mapping[str, Any], kind: str) -> tuple[Any, ...]:
    """The values that do no harm for a role, the best first; empty where any value does none."""
    if kind == "string":
        if schema.get("format") in ("email", "idn-email"):
            return (NOBODY,)
        return _TEXTS.get(role, ())
    if kind in ("integer", "number") and role in _LEAST:
        return (_least(schema, kind == "integer"),)
    return ()


def _least(schema: Mapping[str, Any], whole: bool) -> int | float:
    """The least number that a schema allows; 0 where it sets no limit."""
    low = schema.get("minimum")
    above = schema.get("exclusiveMinimum")
    if above is not None and (low is None or above >= low):
        low = above + 1 if whole else above + 0.01
    least: int | float = 0 if low is None else low
    return int(least) if whole and least == int(least) else least
