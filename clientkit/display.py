"""Text of unknown origin, made safe and short enough to show to a person."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

# Letters that Python calls printable although they show nothing: fillers, joiners, selectors of a glyph's form.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0e\U000e0100-\U000e01ef]")
_EMOJI_SELECTOR = "\ufe0f"
_STACKED_MARKS = re.compile("(?<=[\u0300-\u036f\u20d0-\u20ff]{2})[\u0300-\u036f\u20d0-\u20ff]+")
_WORD = re.compile(r"""[^\s"'(),;:<>\[\]{}=]+""")
_ASCII_LETTER = re.compile("[A-Za-z]")
_SCRIPTS_WITH_TWINS = frozenset({"ARMENIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "DESERET", "GREEK", "LISU"})


def printable(text: str, *, lines: bool = False) -> str:
    """Escape everything in a text that could move a cursor, hide words or turn their order round.

    Print a model's text through it: raw control characters can repaint the terminal. With `lines`, line feeds stay.
    """
    return "".join(letter if _is_visible(letter) or (lines and letter == "\n") else _escape(letter) for letter in text)


def mark_lookalikes(text: str) -> str:
    """Escape, beyond what `printable` does, letters that pass for others, such as a Cyrillic one in a Latin address."""
    text = printable(text).replace(_EMOJI_SELECTOR, _escape(_EMOJI_SELECTOR))
    text = _STACKED_MARKS.sub(lambda match: "".join(map(_escape, match[0])), text)
    return text if text.isascii() else _WORD.sub(lambda match: _without_twins(match[0]), text)


def shorten(text: str, limit: int = 500) -> str:
    """The text on one line, printable, cut at `limit` characters with a mark that says so."""
    return printable(text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)")


def as_json(value: Any) -> str:
    """The value as JSON text in plain Unicode; what JSON cannot express is written as Python would."""
    return json.dumps(value, ensure_ascii=False, default=repr)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_width(letter) for letter in text)


def fit_columns(text: str, width: int) -> str:
    """The text cut so that it takes at most `width` columns."""
    if columns(text) <= width:
        return text
    room, kept = width - 1, []
    for letter in text:
        room -= _width(letter)
        if room < 0:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _is_visible(letter: str) -> bool:
    return letter.isprintable() and not _BLANK.match(letter)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def _without_twins(word: str) -> str:
    """Escape the look-alikes of a word that holds Latin letters or is an address; other words are just foreign."""
    mixed = _ASCII_LETTER.search(word) is not None or "@" in word
    return "".join(_escape(letter) if _passes_for_latin(letter, mixed=mixed) else letter for letter in word)


def _passes_for_latin(letter: str, *, mixed: bool) -> bool:
    if letter.isascii() or not letter.isalpha():
        return False
    if unicodedata.normalize("NFKC", letter).isascii():
        return True  # full-width and mathematical letters
    script = unicodedata.name(letter, "").partition(" ")[0]
    return mixed and (script in _SCRIPTS_WITH_TWINS or "\u0250" <= letter <= "\u02af" or letter in "\u0131\u0237")
