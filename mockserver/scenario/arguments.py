"""Arguments of calls as text: with blanks after commas and colons, as Python writes JSON, or compact."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Written(NamedTuple):
    """The values that a text of arguments holds, and whether it is written without blanks."""

    values: dict[str, Any]
    compact: bool


def as_text(values: Mapping[str, Any], *, compact: bool = False) -> str:
    """The arguments as a model would write them: `{"a": 1}`, or compact `{"a":1}`."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":") if compact else None)


def read_back(text: str) -> Written | None:
    """What the text holds, when exactly the same text can be made of it again; None for any other text."""
    try:
        values = json.loads(text, parse_constant=_no_json)
        if not isinstance(values, dict):
            return None
        form = next((compact for compact in (False, True) if as_text(values, compact=compact) == text), None)
    except (ValueError, RecursionError):
        return None
    return Written(values, form) if form is not None else None


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
