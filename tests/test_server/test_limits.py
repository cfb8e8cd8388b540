"""Rate limits: buckets that a clock of the test's own refills, and the 429 that the official client reads."""

import pytest
from openai import OpenAI, RateLimitError

from mockserver import MockLLM
from mockserver.server.access import Access
from mockserver.server.rate_limits import UNLIMITED, OverLimit, RateLimits, duration

HELLO = [{"role": "user", "content": "Hello"}]


class Clock:
    """A clock that stands still until it is told how much time has passed."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"),
        (0.059, "59ms"),
        (0.0001, "1ms"),
        (8.64, "8.64s"),
        (90, "1m30s"),
        (3725.5, "1h2m5.5s"),
        (59.9999, "1m0s"),
    ],
)
def test_a_span_of_time_is_written_as_the_api_writes_it(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_what_is_taken_flows_back() -> None:
    clock = Clock()
    limits = RateLimits(Access(requests_per_minute=60, tokens_per_minute=6000), clock)

    first = limits.take("key", "gpt-4o", 1000)
    clock.now += 0.5
    second = limits.take("key", "gpt-4o", 0)

    assert first["x-ratelimit-remaining-requests"] == "59"
    assert first["x-ratelimit-reset-requests"] == "1s"
    assert (first["x-ratelimit-remaining-tokens"], first["x-ratelimit-reset-tokens"]) == ("5000", "10s")
    assert (second["x-ratelimit-remaining-tokens"], second["x-ratelimit-reset-tokens"]) == ("5050", "9.5s")


def test_an_empty_bucket_of_requests_says_when_to_come_again() -> None:
    clock = Clock()
    limits = RateLimits(Access(requests_per_minute=2), clock)
    for _ in range(2):
        limits.take("key", "gpt-4o", 10)

    with pytest.raises(OverLimit) as refused:
        limits.take("key", "gpt-4o", 10)

    error = refused.value.error
    assert (error.status, error.type, error.code) == (429, "requests", "rate_limit_exceeded")
    assert error.message == (
        "Rate limit reached for gpt-4o in organization org-mock on requests per min (RPM): Limit 2, Used 2, "
        "Requested 1. Please try again in 30s. Visit https://platform.openai.com/account/rate-limits to learn more."
    )
    assert error.headers == {"retry-after-ms": "30000", "retry-after": "30"}
    assert refused.value.limits["x-ratelimit-remaining-requests"] == "0"
    clock.now += 30
    assert limits.take("key", "gpt-4o", 10)["x-ratelimit-remaining-requests"] == "0"


def test_too_few_tokens_refuse_a_request_that_takes_nothing_then() -> None:
    limits = RateLimits(Access(requests_per_minute=10, tokens_per_minute=100), Clock())
    limits.take("key", "gpt-4o", 90)

    with pytest.raises(OverLimit, match=r"on tokens per min \(TPM\): Limit 100, Used 90, Requested 20") as refused:
        limits.take("key", "gpt-4o", 20)

    assert refused.value.error.type == "tokens"
    assert refused.value.error.headers == {"retry-after-ms": "6000", "retry-after": "6"}
    assert limits.take("key", "gpt-4o", 10)["x-ratelimit-remaining-requests"] == "8"


def test_a_request_that_no_waiting_helps_says_so() -> None:
    limits = RateLimits(Access(tokens_per_minute=100), Clock())

    with pytest.raises(OverLimit, match="Request too large for gpt-4o") as refused:
        limits.take("key", "gpt-4o", 101)

    assert "retry-after" not in refused.value.error.headers


def test_each_key_has_buckets_of_its_own_and_a_reset_fills_them() -> None:
    limits = RateLimits(Access(requests_per_minute=1), Clock())
    limits.take("one", "gpt-4o", 1)
    limits.take("other", "gpt-4o", 1)
    limits.reset()

    assert limits.take("one", "gpt-4o", 1)["x-ratelimit-remaining-requests"] == "0"


def test_without_limits_nothing_is_counted() -> None:
    assert not RateLimits(Access(), Clock())
    assert UNLIMITED["x-ratelimit-remaining-requests"] == UNLIMITED["x-ratelimit-limit-requests"]


def test_the_official_client_raises_a_rate_limit_error_and_the_journal_knows_it_was_on_purpose() -> None:
    with MockLLM(rpm=1) as llm, OpenAI(base_url=llm.base_url, api_key="k", max_retries=0) as client:
        client.chat.completions.create(model="gpt-4o", messages=HELLO)  # type: ignore[arg-type]  # plain dicts
        with pytest.raises(RateLimitError) as raised:
            client.chat.completions.create(model="gpt-4o", messages=HELLO)  # type: ignore[arg-type]  # plain dicts
        llm.verify()

    assert raised.value.code == "rate_limit_exceeded"
    assert 0 < int(raised.value.response.headers["retry-after-ms"]) <= 60_000
    assert llm.journal[1].ended == "complete"
