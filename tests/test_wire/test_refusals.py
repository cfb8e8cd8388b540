"""Every refusal in the API's own words: text, param, and code."""

import pytest

from mockserver.chat import ApiError
from mockserver.wire import Refused, read
from tests.refusals import HI, MODERN, ROWS, tool
from tests.requests import body, result


def refusal(raw: bytes) -> ApiError:
    with pytest.raises(Refused) as refused:
        read(raw)
    return refused.value.error


@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_request_is_refused_in_the_words_of_the_api(row: str) -> None:
    raw, message, param, code = ROWS[row]

    error = refusal(raw)

    assert (error.status, error.type) == (400, "invalid_request_error")
    assert (error.message, error.param, error.code) == (message, param, code)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (body(model=..., messages=...), "model"),
        (body(messages=..., foo=1), "messages"),
        (body(foo=1, n=0), "foo"),
        (body(n=0, stop=[], temperature=9), "'n'"),
        (body(stop=[], temperature=9), "'stop'"),
        (body(temperature=9, messages=[*HI, result("a")]), "'temperature'"),
        (body(tools=[], messages=[*HI, result("a")]), "'tools'"),
    ],
)
def test_the_first_mistake_in_the_order_of_the_api_is_the_one_told(first: bytes, second: str) -> None:
    assert second in refusal(first).message


@pytest.mark.parametrize(
    "raw",
    [
        body(model=MODERN, messages=[{"role": "user", "content": None}, {"role": "assistant"}]),
        body(model=MODERN, parallel_tool_calls=False),
        body(model=MODERN, tools=tool(name="get.weather", description="x" * 2000)),
        body(model=MODERN, max_completion_tokens=100),
    ],
)
def test_newer_models_take_what_older_ones_refuse(raw: bytes) -> None:
    assert read(raw).request.model == MODERN
