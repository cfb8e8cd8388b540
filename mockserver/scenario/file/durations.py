"""Times and shares as scenario files write them: `200ms`, `1.5s`, `10%`, or plain numbers."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.chat import Timing
from mockserver.scenario.error_messages import described

LONGEST_SECONDS = 86_400
"""The longest wait (`first_token`, `gap`, the gaps of a recording): a day."""

LATEST_SECONDS = 31_536_000
"""The latest `retry_after`: in a year."""

SLOWEST, FASTEST = 0.001, 1_000_000
"""`tokens_per_second`."""

_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s)")
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def seconds(value: Any) -> float:
    """A number of seconds, or a text with `ms` or `s`.

    Raises:
        ValueError: it is neither, or longer than `LONGEST_SECONDS`.
    """
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found:
        number = float(found[1]) / (1000 if found[2] == "ms" else 1)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        number = value
    else:
        raise ValueError(f"expected a number of seconds or a text such as 200ms or 1.5s, found {described(value)}")
    if number > LONGEST_SECONDS:
        raise ValueError(f"expected a time of at most {LONGEST_SECONDS} seconds, found {described(value)}")
    return float(number)


def share(value: Any) -> float:
    """A number from 0 to 1, or a text with `%`.

    Raises:
        ValueError: it is neither, or more than the whole.
    """
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
    if isinstance(value, str) and (found := _SHARE.fullmatch(value)):
        number = float(found[1]) / 100
    if not 0 <= number <= 1:
        raise ValueError(f"expected a share such as 10%, or a number from 0 to 1, found {described(value)}")
    return number


def timing(given: Mapping[str, Any]) -> Timing:
    """The timing that a file gives; tokens per second are written as the gap between two of them."""
    rate = given.get("tokens_per_second")
    gap = 1 / rate if rate else seconds(given.get("gap", 0))
    return Timing(seconds(given.get("first_token", 0)), gap, share(given.get("jitter", 0)))
