"""Rate limits: one bucket of requests and one of tokens for each API key, refilled as time goes by."""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mockserver.chat import ApiError
from mockserver.server.access import Access
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.refusal import Refused

Clock = Callable[[], float]
"""Seconds that only ever grow, such as `time.monotonic`."""

REMEMBERED_KEYS = 10_000
_MINUTE = 60.0
_NO_LIMIT = {"requests": 10_000, "tokens": 30_000_000}
_ORGANIZATION = "org-mock"
_UNITS = {"requests": "requests per min (RPM)", "tokens": "tokens per min (TPM)"}
_MORE = "Visit https://platform.openai.com/account/rate-limits to learn more."


class OverLimit(Refused):
    """More was asked for than is left; `limits` are the headers that say how much is."""

    def __init__(self, error: ApiError, limits: Mapping[str, str]) -> None:
        super().__init__(error)
        self.limits = limits


def tokens_at_most(parsed: ParsedRequest) -> int:
    """What a request may cost: its prompt, and as many tokens as it lets the model write."""
    options = parsed.request.options
    asked = options.get("max_completion_tokens", options.get("max_tokens", 0))
    return parsed.prompt_tokens + (asked if isinstance(asked, int) and asked > 0 else 0)


@dataclass(slots=True)
class Bucket:
    """So many a minute: full at the start, refilled at an even pace."""

    limit: int
    held: float
    seen: float

    def refill(self, now: float) -> None:
        """What flowed in since it was looked at last."""
        self.held = min(float(self.limit), self.held + (now - self.seen) * self.limit / _MINUTE)
        self.seen = now

    @property
    def seconds_to_full(self) -> float:
        """How long until nothing is missing."""
        return self.seconds_to(self.limit)

    def seconds_to(self, amount: float) -> float:
        """How long until so much is there."""
        return max(0.0, (amount - self.held) * _MINUTE / self.limit)


class RateLimits:
    """The buckets of every key, of the limits that were set."""

    def __init__(self, access: Access, clock: Clock) -> None:
        limits = {"requests": access.requests_per_minute, "tokens": access.tokens_per_minute}
        self._limits = {unit: limit for unit, limit in limits.items() if limit is not None}
        self._clock = clock
        self._keys: OrderedDict[str, dict[str, Bucket]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._limits)

    def reset(self) -> None:
        """All buckets are full again."""
        self._keys.clear()

    def take(self, key: str, model: str, tokens: int) -> Mapping[str, str]:
        """Take one request and so many tokens; the headers that say what is left.

        Raises:
            OverLimit: there is not so much left; nothing was taken.
        """
        now = self._clock()
        buckets = self._buckets(key, now)
        wanted = {"requests": 1, "tokens": tokens}
        for unit, bucket in buckets.items():
            bucket.refill(now)
            if bucket.held < wanted[unit]:
                raise OverLimit(_refusal(unit, bucket, wanted[unit], model), limit_headers(buckets))
        for unit, bucket in buckets.items():
            bucket.held -= wanted[unit]
        return limit_headers(buckets)

    def _buckets(self, key: str, now: float) -> dict[str, Bucket]:
        found = self._keys.pop(key, None) or {
            unit: Bucket(limit, float(limit), now) for unit, limit in self._limits.items()
        }
        self._keys[key] = found
        if len(self._keys) > REMEMBERED_KEYS:
            self._keys.popitem(last=False)
        return found


def limit_headers(buckets: Mapping[str, Bucket]) -> dict[str, str]:
    """The `x-ratelimit-` headers; a limit that was not set is a large one that stays full."""
    found = {}
    for unit, usual in _NO_LIMIT.items():
        bucket = buckets.get(unit) or Bucket(usual, float(usual), 0.0)
        found[f"x-ratelimit-limit-{unit}"] = str(bucket.limit)
        found[f"x-ratelimit-remaining-{unit}"] = str(math.floor(bucket.held))
        found[f"x-ratelimit-reset-{unit}"] = duration(bucket.seconds_to_full)
    return found


def duration(seconds: float) -> str:
    """A span of time as the API writes it: `59ms`, `8.64s`, `1m30s`, `2h0m5s`."""
    milliseconds = math.ceil(round(seconds * 1000, 3))
    if milliseconds < 1000:
        return f"{milliseconds}ms" if milliseconds else "0s"
    minutes, rest = divmod(milliseconds, 60_000)
    if not minutes:
        return f"{rest / 1000:g}s"
    hours, minutes = divmod(minutes, 60)
    return f"{f'{hours}h' if hours else ''}{minutes}m{rest / 1000:g}s"


def _refusal(unit: str, bucket: Bucket, wanted: int, model: str) -> ApiError:
    if wanted > bucket.limit:
        message = f"Request too large for {model} in organization {_ORGANIZATION} on {_UNITS[unit]}: "
        message += f"Limit {bucket.limit}, Requested {wanted}. The input or output tokens must be reduced in order to "
        return ApiError(429, f"{message}run successfully. {_MORE}", unit, code="rate_limit_exceeded")
    seconds = bucket.seconds_to(wanted)
    milliseconds = math.ceil(round(seconds * 1000, 3))
    used = bucket.limit - math.floor(bucket.held)
    message = f"Rate limit reached for {model} in organization {_ORGANIZATION} on {_UNITS[unit]}: "
    message += (
        f"Limit {bucket.limit}, Used {used}, Requested {wanted}. Please try again in {duration(seconds)}. {_MORE}"
    )
    wait = {"retry-after-ms": str(milliseconds), "retry-after": str(math.ceil(milliseconds / 1000))}
    return ApiError(429, message, unit, code="rate_limit_exceeded", headers=wait)


UNLIMITED: Mapping[str, str] = MappingProxyType(limit_headers({}))
"""What is said where nothing is limited."""
