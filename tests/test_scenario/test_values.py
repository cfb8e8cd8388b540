"""What Python users may write."""

from typing import Any

import pytest

from mockserver.chat import Reply, call
from mockserver.scenario import Turn, as_say, refuse

ONE, TWO = call("f", a=1), call("g")


@pytest.mark.parametrize(
    ("value", "say"),
    [
        ("hi", Reply("hi")),
        (ONE, Reply(calls=(ONE,))),
        ([ONE, TWO], Reply(calls=(ONE, TWO))),
        (Reply("x"), Reply("x")),
        (refuse(500), refuse(500)),
        (str.upper, str.upper),
    ],
)
def test_what_can_be_a_turn(value: Any, say: Any) -> None:
    assert as_say(value) == say


@pytest.mark.parametrize("value", [None, 5, [], ["a"], {"text": "a"}, Reply, [ONE, "a"]], ids=repr)
def test_what_cannot_be_a_turn_is_refused_with_what_can(value: Any) -> None:
    with pytest.raises(TypeError, match="a turn is a text, a call, a list of calls"):
        as_say(value)


def test_a_refusal_has_the_words_of_the_api() -> None:
    error = refuse(429, retry_after=0)

    assert (error.type, error.code, error.headers) == ("requests", "rate_limit_exceeded", {"retry-after": "0"})
    assert refuse(429, code="insufficient_quota").type == "insufficient_quota"
    assert refuse(502, message="away").message == "away"
    assert refuse(409).message == "Conflict"
    assert refuse(599).type == "server_error"


def test_a_success_is_no_refusal() -> None:
    with pytest.raises(ValueError, match="200 is not the status of an error"):
        refuse(200)


def test_a_turn_is_played_at_least_once() -> None:
    with pytest.raises(ValueError, match="times=0"):
        Turn(Reply("a"), times=0)
