"""JSON text ⇄ values: fast where the text is ordinary, complete where it is odd."""

import json
from typing import Any, NoReturn

import orjson


class NotJson(ValueError):
    """The bytes are not one JSON text."""


def decode(body: bytes | str) -> Any:
    """Read JSON; what the fast reader refuses (a lone surrogate, a byte order mark) is read again by the full one.

    Raises:
        NotJson: it is not JSON by RFC 8259; NaN and Infinity are not JSON either.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        text = body if isinstance(body, str) else body.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def is_too_deep(value: Any) -> bool:
    """Whether a value is nested deeper than what can be written again: 254 levels."""
    try:
        orjson.dumps(value)
    except TypeError:
        level, depth = [value], 0
        while level and depth <= DEEPEST:
            inner = [list(each.values()) if isinstance(each, dict) else each for each in level]
            level = [each for entries in inner for each in entries if isinstance(each, dict | list)]
            depth += 1
        return bool(level)
    return False


DEEPEST = 254


def encode(value: Any) -> bytes:
    """Write JSON, compact and in UTF-8; text that UTF-8 cannot hold (lone surrogates) is written as escapes."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def canonical(value: Any) -> bytes:
    """JSON with sorted keys: equal values give equal bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
