"""Gives a value the type that its schema wants, where the text has only one possible meaning."""

from __future__ import annotations

import re
from typing import Any

from clientkit.strict_json import NotStrictJSON, parse_object

_WORDS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,6}", re.ASCII)


def coerced(text: Any, types: list[str]) -> Any:
    """The value of one of the types that the text stands for. Raises ValueError if there is none or a doubt."""
    if not isinstance(text, str) or "string" in types:
        raise ValueError("only text that may not be text has another meaning")
    if "boolean" in types and text in _WORDS:
        return _WORDS[text]
    if {"integer", "number"} & set(types) and _INTEGER.fullmatch(text) and text != "-0":
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "object" in types:
        return _object(text)
    raise ValueError("the text stands for no value of these types")


def _object(text: str) -> dict[str, Any]:
    try:
        return parse_object(text)
    except NotStrictJSON as error:
        raise ValueError(str(error)) from None
