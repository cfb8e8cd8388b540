"""Every refusal in the API's own words: text, param, and code."""

from itertools import pairwise
from typing import Any

import pytest

from mockserver.chat import ApiError
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.refusal import Refused
from tests.refusals import HI, MODERN, ROWS, tool
from tests.requests import body, result


def refusal(raw: bytes) -> ApiError:
    with pytest.raises(Refused) as refused:
        parse(raw)
    return refused.value.error


@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_request_is_refused_in_the_words_of_the_api(row: str) -> None:
    raw, message, param, code = ROWS[row]

    error = refusal(raw)

    assert (error.status, error.type) == (400, "invalid_request_error")
    assert (error.message, error.param, error.code) == (message, param, code)


WRONG: dict[str, Any] = {"n": 0, "stop": [], "messages": [7], "metadata": "x", "response_format": {"type": "xml"}}
ORDER = [
    "messages", "functions", "tools", "parallel_tool_calls", "max_completion_tokens", "n", "temperature", "top_p",
    "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "user", "seed", "safety_identifier",
    "prompt_cache_key", "prompt_cache_retention", "service_tier", "stream", "store", "metadata", "verbosity",
]  # fmt: skip
AFTER = [("n", "stop"), ("stop", "temperature"), ("prompt_cache_options", "prompt_cache_key"), ("max_tokens", "store"),
         ("stop", "stream_options"), ("n", "moderation"), ("metadata", "prediction")]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), [*pairwise(ORDER), *AFTER])
def test_of_two_fields_the_earlier_in_the_order_of_the_api_is_told(first: str, second: str) -> None:
    wrong = {key: WRONG.get(key, {"wrong": "type"}) for key in (second, first)}

    assert (refusal(body(**wrong)).param or "").partition("[")[0].partition(".")[0] == first


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (body(model=..., messages=...), "model"),
        (body(model=..., foo=1), "model"),
        (body(messages=..., foo=1), "messages"),
        (body(foo=1, n=0, messages=[]), "foo"),
        (body(messages=[{"role": "user"}, {"role": "user", "content": 7}]), "'messages[1].content'"),
        (body(messages=[{"role": "user"}, {"role": "robot", "content": "x"}]), "'robot'"),
        (body(messages=[*HI, {"role": "assistant", "content": 7, "tool_calls": []}]), "'messages[1].content'"),
        (body(temperature=9, messages=[{"role": "user"}]), "'temperature'"),
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
        body(model=MODERN, messages=[{"role": "user", "content": []}, {"role": "developer"}]),
    ],
)
def test_newer_models_take_what_older_ones_refuse(raw: bytes) -> None:
    assert parse(raw).request.model == MODERN
