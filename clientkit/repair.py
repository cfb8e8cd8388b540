"""Reads arguments out of broken JSON where only punctuation is wrong: not a word may be lost, added or cut short."""

from __future__ import annotations

import json
import re
from typing import Any

from clientkit.strict_json import NotStrictJSON, check_bounds, parse_object

MAX_REPAIRED = 100_000
"""Characters of a text that is repaired; a longer one is not worth the time that it could take."""

_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*+(?P<closed>")?|[{}]', re.DOTALL)
_ENDS_OF_VALUES = ('"', "'", "]", "}", "”", "’")  # a number or a word at the end may be cut short
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_WORD = re.compile(r"[A-Za-z0-9]+")
_OTHER_SPELLINGS = {"none": "null"}


def require_repair() -> None:
    """Check that the package that repairs JSON is installed.

    Raises:
        ImportError: It is not; the message says what to install.
    """
    try:
        import json_repair  # noqa: F401 - only whether it is there
    except ImportError:
        raise ImportError("repair=True needs json-repair: pip install 'toolcall-mockserver[repair]'") from None


def repair_object(text: str) -> dict[str, Any]:
    """The JSON object that the text was meant to be.

    Code fences and words around the object are left out, missing brackets, quotes and commas are set. A text that
    breaks off inside a value, or holds several objects or the same key twice, is not repaired.

    Raises:
        NotStrictJSON: It is not certain what was meant.
    """
    import json_repair

    check_bounds(text, MAX_REPAIRED)
    meant = _object_in(text)
    try:
        value = json_repair.loads(meant, strict=True, skip_json_loads=True)
        repaired = json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        raise NotStrictJSON("it cannot be repaired") from None
    if _words(repaired) != _words(meant):
        raise NotStrictJSON("a repair would change more than its punctuation")
    return parse_object(repaired)


def _object_in(text: str) -> str:
    """From the first brace to the one that closes it, or to the end of the last value if none does."""
    start = text.find("{")
    if start < 0:
        raise NotStrictJSON("it holds no object")
    depth, end = 0, None
    for match in _STRING_OR_BRACE.finditer(text, start):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif not match["closed"]:
            raise NotStrictJSON("it breaks off inside a value")
        if depth == 0:
            end = match.end()
            break
    if end is None:
        return _until_last_value(text[start:])
    if "{" in text[end:]:
        raise NotStrictJSON("it holds more than one object")
    return text[start:end]


def _until_last_value(text: str) -> str:
    text = text.rstrip().removesuffix("```").rstrip()
    if not text.endswith(_ENDS_OF_VALUES):
        raise NotStrictJSON("it breaks off inside a value")
    return text


def _words(text: str) -> list[str]:
    words = _WORD.findall(_ESCAPE.sub(" ", text))
    return [_OTHER_SPELLINGS.get(word.lower(), word.lower()) for word in words]
