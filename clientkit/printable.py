"""Text of unknown origin, made safe and short enough to show to a person."""

from __future__ import annotations

import json
from typing import Any


def printable(text: str, *, lines: bool = False) -> str:
    """The text with everything escaped that could move a cursor, hide words or turn their order round.

    With `lines`, line feeds stay.
    """
    return "".join(
        letter if letter.isprintable() or (lines and letter == "\n") else _escaped(letter) for letter in text
    )


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def shortened(text: str, limit: int = 500) -> str:
    """The text on one line, printable, cut at `limit` characters with a mark that says so."""
    return printable(text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)")


def as_json(value: Any) -> str:
    """The value as JSON text in plain ASCII-safe Unicode; what JSON cannot say is written as Python would."""
    return json.dumps(value, ensure_ascii=False, default=repr)
