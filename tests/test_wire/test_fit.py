"""What of a reply the model gets to say: stop sequences and limits of tokens."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Reply, Tool, ToolCall, ToolChoice, call
from mockserver.wire.tokens import Estimate, completion_tokens
from mockserver.wire.truncation import NamedFinish, apply_limits
from tests.replies import question, replies


def fit(reply: Reply, **options: Any) -> Reply:
    return apply_limits(reply, replace(question(), options=options))


@pytest.mark.parametrize(("stop", "said"), [("two", "one "), (["three", "two"], "one "), ("four", "one two three")])
def test_a_text_ends_before_the_first_stop_sequence(stop: Any, said: str) -> None:
    reply = fit(Reply("one two three"), stop=stop)

    assert (reply.text, reply.finish_reason) == (said, None)


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_longer_text_is_cut_with_finish_length(limit: str) -> None:
    reply = fit(Reply("one two three four"), **{limit: 2})

    assert ((reply.text or "").rstrip(), reply.finish_reason) == ("one two", "length")


def test_a_text_that_fits_is_left_as_it_is() -> None:
    assert fit(Reply("one two"), max_tokens=2) == Reply("one two")


def test_a_refusal_is_cut_too() -> None:
    reply = fit(Reply(refusal="None of that."), max_tokens=1)

    assert (reply.refusal, reply.finish_reason) == ("None", "length")


def test_arguments_are_cut_where_the_tokens_end_and_later_calls_are_not_made() -> None:
    calls = [call("weather", city=city) for city in ("Oslo", "Paris")]

    reply = fit(Reply(calls=calls), max_tokens=8)

    assert [made.arguments for made in reply.calls] == ['{"city":']
    assert reply.finish_reason == "length"


def test_a_finish_reason_of_the_reply_itself_stays() -> None:
    assert fit(Reply("one two three", finish_reason="stop"), max_tokens=1).finish_reason == "stop"


@given(replies, st.integers(1, 40))
def test_what_is_said_never_costs_more_than_the_limit(reply: Reply, most: int) -> None:
    said = fit(reply, max_completion_tokens=most)

    spent = completion_tokens(said, Estimate())
    opened = 4 + Estimate().count(said.calls[0].name) if said.calls else 0
    assert spent <= most + opened


def test_a_call_of_a_custom_tool_is_marked_as_one() -> None:
    asked = replace(question(), tools=(Tool("grep", kind="custom"),))

    assert apply_limits(Reply(calls=[call("grep", arguments="x+")]), asked).calls == (
        ToolCall("grep", "x+", kind="custom"),
    )


OSLO = call("get_current_weather", location="Oslo")
NAMED = replace(question(), tool_choice=ToolChoice("required", (OSLO.name,), named=True))


@pytest.mark.parametrize(
    ("reply", "asked", "named", "finish"),
    [
        (Reply(calls=[OSLO]), NAMED, None, None),
        (Reply(calls=[OSLO]), NAMED, "stop", "stop"),
        (Reply(calls=[OSLO]), NAMED, "tool_calls", "tool_calls"),
        (Reply(calls=[OSLO]), replace(NAMED, legacy=True), "stop", "stop"),
        (Reply(calls=[OSLO]), replace(NAMED, legacy=True), "tool_calls", "function_call"),
        (Reply(calls=[OSLO]), question(), "stop", None),
        (Reply(calls=[OSLO], finish_reason="length"), NAMED, "stop", "length"),
        (Reply("Cold."), NAMED, "tool_calls", None),
        (Reply(calls=[OSLO]), replace(NAMED, options={"max_tokens": 8}), "stop", "length"),
    ],
)
def test_how_a_call_of_the_named_function_finishes_can_be_chosen(
    reply: Reply, asked: ChatRequest, named: NamedFinish | None, finish: str | None
) -> None:
    assert apply_limits(reply, asked, named).finish_reason == finish
