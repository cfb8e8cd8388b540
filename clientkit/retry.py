"""When a request is worth sending again, and after how long."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from clientkit.errors import APIError

LONGEST_WAIT = 60.0
"""Seconds. A server that asks for more gets no retry: the caller had better know at once."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
_WORTH_RETRYING = frozenset({408, 409, 429})
# The last says that the server could not read what its own model wrote: another try may go better.
_WORTH_RETRYING_CODES = frozenset({"connection", "timeout", "unreadable_reply", "tool_use_failed"})


@dataclass(frozen=True, slots=True)
class Retry:
    """At most `times` further attempts; how to wait and how to spread the waits can be put in from outside."""

    times: int
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    spread: Callable[[], float] = random.SystemRandom().random

    def pause(self, attempt: int, error: APIError) -> float | None:
        """Seconds to wait before the next attempt after failed attempt number `attempt` (from 0), None to give up."""
        if attempt >= self.times or not _worth_retrying(error):
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= LONGEST_WAIT else None
        pause = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
        return float(pause * (1 - self.spread() / 4))


def _worth_retrying(error: APIError) -> bool:
    if error.should_retry is not None:
        return error.should_retry
    if error.code in _WORTH_RETRYING_CODES:
        return True
    return error.status is not None and (error.status in _WORTH_RETRYING or error.status >= 500)


def should_retry_of(headers: Mapping[str, str]) -> bool | None:
    """What the server says about trying again with `x-should-retry`; None if it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms` first, then `retry-after` as seconds or a date.

    Header names are lower-case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    after = headers.get("retry-after")
    seconds = _number(after)
    return seconds if seconds is not None else _seconds_until(after, headers.get("date"))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(number, 0.0) if number == number else None  # noqa: PLR0124 - only NaN differs from itself


def _seconds_until(moment: str | None, now: str | None) -> float | None:
    until = _timestamp(moment)
    if until is None:
        return None
    # The server's own clock, where it tells it: the two dates are then exact however wrong our clock is.
    server_time = _timestamp(now)
    return max(until - (server_time if server_time is not None else time.time()), 0.0)


def _timestamp(date: str | None) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
