"""When to try again, and after how long."""

from __future__ import annotations

import pytest

from clientkit import APIError
from clientkit.retry import LONGEST_WAIT, Retry, retry_after_of, should_retry_of

RETRY = Retry(2, spread=lambda: 0.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:10 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 10.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_of(headers) == seconds


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert RETRY.pause(0, APIError("x", status=status)) == 0.5


@pytest.mark.parametrize("status", [307, 400, 401, 404, 422])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    assert RETRY.pause(0, APIError("x", status=status)) is None


@pytest.mark.parametrize(("status", "told", "pause"), [(400, "true", 0.5), (500, "false", None), (500, "perhaps", 0.5)])
def test_the_server_has_the_last_word_on_trying_again(status: int, told: str, pause: float | None) -> None:
    error = APIError("x", status=status, should_retry=should_retry_of({"x-should-retry": told}))

    assert RETRY.pause(0, error) == pause


def test_pauses_double_and_attempts_end() -> None:
    error = APIError("x", code="connection")

    assert [RETRY.pause(attempt, error) for attempt in range(3)] == [0.5, 1.0, None]


def test_pauses_are_spread_so_that_clients_do_not_come_back_together() -> None:
    assert Retry(2, spread=lambda: 1.0).pause(0, APIError("x", status=500)) == 0.375


def test_a_server_that_asks_for_too_long_gets_no_retry() -> None:
    assert RETRY.pause(0, APIError("x", status=429, retry_after=LONGEST_WAIT)) == LONGEST_WAIT
    assert RETRY.pause(0, APIError("x", status=429, retry_after=LONGEST_WAIT + 1)) is None


def test_an_answer_that_nobody_can_read_is_a_failure_like_another() -> None:
    assert RETRY.pause(0, APIError("x", status=200, code="unreadable_reply")) == 0.5
    assert RETRY.pause(0, APIError("x", status=400, code="tool_use_failed")) == 0.5
    assert RETRY.pause(0, APIError("x", status=200, code="unreadable_reply", should_retry=False)) is None
