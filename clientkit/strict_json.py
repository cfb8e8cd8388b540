"""JSON read to the letter: nothing twice, nothing that JSON does not have, bounded in size and depth."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 64

# The closing quote is optional, so that an unterminated string is passed over once and not tried again at each quote.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class NotStrictJSON(ValueError):
    """The text is not one strict JSON object; the message says what is wrong and where."""


def parse_object(text: str) -> dict[str, Any]:
    """Parse a JSON object, strictly: never guess.

    Raises:
        NotStrictJSON: The text is not one.
    """
    value = _parse(text)
    if not isinstance(value, dict):
        raise NotStrictJSON(f"it is {_kind(value)}, not an object")
    return value


def parse_array(text: str) -> list[Any]:
    """The JSON array that `text` is, as strictly."""
    value = _parse(text)
    if not isinstance(value, list):
        raise NotStrictJSON(f"it is {_kind(value)}, not an array")
    return value


def _parse(text: str) -> Any:
    check_bounds(text)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise NotStrictJSON(f"{error.msg} at character {error.pos + 1} of {len(text)}") from None
    except UnicodeEncodeError:
        raise NotStrictJSON("it holds half of a surrogate pair, which is not a character") from None
    except NotStrictJSON:
        raise
    except ValueError as error:
        raise NotStrictJSON(str(error)) from None
    return value


def check_bounds(text: str, characters: int = MAX_CHARACTERS) -> None:
    """Check the length and the depth of a text before it is parsed.

    Raises:
        NotStrictJSON: It is too long or nested too deep.
    """
    if len(text) > characters:
        raise NotStrictJSON(f"it is {len(text)} characters long, at most {characters} are read")
    if _depth(text) > MAX_DEPTH:
        raise NotStrictJSON(f"it is nested deeper than {MAX_DEPTH} levels")


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "a string" + (" that itself holds JSON" if value.lstrip().startswith(("{", "[")) else "")
    kinds = {dict: "an object", list: "an array", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise NotStrictJSON(f"the key {json.dumps(twice)} stands there more than once")
    return result


def _no_constant(word: str) -> NoReturn:
    raise NotStrictJSON(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise NotStrictJSON(f"the number {digits[:40]} is too large")
    return number


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def is_object(text: str) -> bool:
    """Whether the text is one complete JSON object."""
    try:
        parse_object(text)
    except NotStrictJSON:
        return False
    return True
