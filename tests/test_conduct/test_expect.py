"""Expectations: what holds, what does not, and what is said of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.chat import ApiError, Message, Reply, Tool
from mockserver.conduct import Expect
from mockserver.journal import Exchange, Journal, Truncated
from mockserver.server.expectations import expecting
from tests.test_journal.exchanges import (
    CALLS,
    MILD,
    OSLO,
    PARIS,
    QUESTION,
    WEATHER,
    asked,
    exchange,
    journal,
    result,
    unlike,
)

FIRST = exchange([QUESTION], CALLS)
HEARD = [QUESTION, asked(OSLO, PARIS), result("call_aaa", '{"temperature": 21}'), result("call_bbb", "9 degrees")]
WELL = (FIRST, exchange(HEARD, MILD))
LIMITED = exchange([QUESTION], ApiError(429, "Slow down.", headers={"retry-after": "2"}))
REFUSED = exchange([QUESTION], ApiError(400, "Invalid."), ended="refused")
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz012345"


def expect(*exchanges: Exchange) -> Expect:
    return expecting(lambda: journal(*exchanges))


def failure(expectation: Callable[[], object]) -> str:
    with pytest.raises(AssertionError) as failed:
        expectation()
    return str(failed.value).partition("\n\n")[0]


def test_what_holds_can_be_said_in_one_breath() -> None:
    well = expect(*WELL)

    well.requests(2).requests(1, tool_results=2).at_least(1).at_most(2).never(model="o3")
    well.offered("get_current_weather").answered("get_current_weather").attempts(1)
    well.answered("get_current_weather", {"temperature": 21}, location="Oslo")
    well.answered("get_current_weather", "9 DEGREES", location="Paris")
    well.answered("get_current_weather", lambda given: given["temperature"] > 20, location="Oslo")
    well.every_call_answered().history_kept().no_secrets("Rome").waits_obeyed().no_retry_on_4xx()


WRONG: list[tuple[tuple[Exchange, ...], Callable[[Expect], object], str]] = [
    (WELL, lambda e: e.requests(3), "expected 3 requests, and there were 2: exchanges 1, 2"),
    (WELL, lambda e: e.at_most(1), "expected at most 1 requests, and there were 2: exchanges 1, 2"),
    (
        WELL,
        lambda e: e.requests(1, user_says="Rome", model="o3"),
        "expected 1 request with user_says='Rome', model='o3', and there was none of that kind\n"
        "  hint: the closest is exchange 1: user_says: wanted a text that contains 'Rome', found 'How warm is it in "
        "Oslo and Paris?'; model: wanted 'o3', found 'gpt-4o'",
    ),
    (
        WELL,
        lambda e: e.never(tool_results=2),
        "there must never be a request with tool_results=2, and exchange 2 is one",
    ),
    (
        (exchange([QUESTION], tools=(WEATHER, Tool("send_email"))),),
        lambda e: e.offered("get_current_weather", "book"),
        "exchange 1 offers other tools; missing: book; not expected: send_email",
    ),
    (
        (exchange([QUESTION], tools=()),),
        lambda e: e.offered("book"),
        "no request offers any tools; expected book",
    ),
    (
        WELL,
        lambda e: e.answered("get_current_weather", location="Rome"),
        'no call of get_current_weather with {"location": "Rome"} was made; the calls are: call_1 '
        'get_current_weather({"location": "Oslo"}), call_2 get_current_weather({"location": "Paris"})',
    ),
    (
        WELL,
        lambda e: e.answered("get_current_weather", "22", location="Oslo"),
        'call_1 get_current_weather({"location": "Oslo"}) was answered with {"temperature": 21}; expected "22"',
    ),
    (
        (FIRST,),
        lambda e: e.answered("get_current_weather", location="Oslo"),
        'call_1 get_current_weather({"location": "Oslo"}) was not answered; expected anything',
    ),
    (
        (LIMITED, LIMITED, FIRST),
        lambda e: e.attempts(2),
        "the request of exchange 1 was made 3 times, expected 2 times",
    ),
    (
        (LIMITED._replace(started=1.0), FIRST._replace(started=2.0)),
        lambda e: e.waits_obeyed(),
        "exchange 2 came 0.90 s after exchange 1, which said to wait 2 s",
    ),
    (
        (REFUSED, REFUSED),
        lambda e: e.no_retry_on_4xx(),
        "exchange 2 asks again what exchange 1 refused with 400\n"
        "  hint: the same request gets the same refusal; only 408, 409, 429 and 5xx are worth a retry",
    ),
    (
        (FIRST, exchange([Message("user", "How cold is it?"), *HEARD[1:]])),
        lambda e: e.history_kept(),
        "exchange 2 does not repeat the conversation of exchange 1: messages[0] (user) was 'How warm is it in Oslo "
        "and Paris?', is now 'How cold is it?'",
    ),
    (
        (FIRST, exchange([QUESTION, Message("user", "Well?")])),
        lambda e: e.history_kept(),
        "exchange 2 does not repeat the conversation of exchange 1: the model's reply is left out",
    ),
    (
        (FIRST, exchange([QUESTION, asked(PARIS, unlike(OSLO, "call_ccc"))])),
        lambda e: e.history_kept(),
        "exchange 2 does not repeat the conversation of exchange 1: messages[1] (assistant) does not hold the calls "
        "as the model made them",
    ),
    (
        (FIRST, exchange([*HEARD, Message("user", f"My key is {KEY}.")])),
        lambda e: e.no_secrets(),
        "messages[4] (user) of exchange 2 holds a secret: sk-p…",
    ),
    (
        (exchange([Message("user", "The word is swordfish.")]),),
        lambda e: e.no_secrets("swordfish"),
        "messages[0] (user) of exchange 1 holds a secret: s…",
    ),
    (
        (FIRST, exchange(HEARD[:3])),
        lambda e: e.every_call_answered(),
        'exchange 2 goes on without the result of call_2 get_current_weather({"location": "Paris"}), made in '
        "exchange 1\n  the real API refuses that with 400: an assistant message with 'tool_calls' must be followed by "
        "tool messages responding to each 'tool_call_id'\n"
        "  hint: a tool that failed is answered too: send the text of its error as the result",
    ),
]


@pytest.mark.parametrize(("exchanges", "expectation", "said"), WRONG)
def test_what_does_not_hold_is_told(
    exchanges: tuple[Exchange, ...], expectation: Callable[[Expect], object], said: str
) -> None:
    assert failure(lambda: expectation(expect(*exchanges))) == said


LOST = """\
exchange 2 goes on without the result of call_2 get_current_weather({"location": "Paris"}), made in exchange 1
  the real API refuses that with 400: an assistant message with 'tool_calls' must be followed by tool messages \
responding to each 'tool_call_id'
  hint: a tool that failed is answered too: send the text of its error as the result

▸ exchange 1 · script#turn1
    user       How warm is it in Oslo and Paris?
    model      call_1 get_current_weather({"location": "Oslo"})
               call_2 get_current_weather({"location": "Paris"})
▸ exchange 2 · script#turn1
    tool       call_1 → {"temperature": 21}
    model      Mild in both.
               results: call_1 ✓  call_2 ✗ missing
  exchange 3: 1 message, user 'Thanks.' → 'You are welcome.'"""


def test_a_failure_shows_the_conversation_with_the_place_in_full() -> None:
    thanks = [*HEARD[:3], Message("assistant", "Mild in both."), Message("user", "Thanks.")]
    third = exchange([*thanks[:-1], Message("system", "Be kind."), thanks[-1]], Reply("You are welcome."))

    with pytest.raises(AssertionError) as failed:
        expect(FIRST, exchange(HEARD[:3]), third).every_call_answered()

    assert str(failed.value) == LOST


def test_within_a_with_all_failures_come_together() -> None:
    def three() -> None:
        with expect(*WELL) as gathered:
            gathered.requests(1)
            gathered.requests(2)
            gathered.never(model="gpt-4o", turn=1)
            gathered.answered("book")

    assert failure(three).splitlines()[:4] == [
        "3 things are wrong",
        "1. expected 1 request, and there were 2: exchanges 1, 2",
        "2. there must never be a request with model='gpt-4o', turn=1, and exchange 1 is one",
        '3. no call of book was made; the calls are: call_1 get_current_weather({"location": "Oslo"}), call_2 '
        'get_current_weather({"location": "Paris"})',
    ]


def test_a_failure_has_at_most_60_lines() -> None:
    many = [exchange([Message("user", f"Line {number}\n" * 9)], ApiError(400, "no\n" * 50)) for number in range(90)]

    with pytest.raises(AssertionError) as failed:
        expect(*many).never(turn=1)

    lines = str(failed.value).splitlines()
    assert len(lines) == 60
    assert [line for line in lines if "lines left out" in line]


def test_a_test_that_fails_by_itself_within_a_with_keeps_its_failure() -> None:
    def failing() -> None:
        with expect(*WELL) as gathered:
            gathered.requests(1)
            raise KeyError("its own")

    with pytest.raises(KeyError):
        failing()


def test_a_journal_that_dropped_something_gets_no_verdict() -> None:
    full = Journal(entries=1)
    for made in WELL:
        full.add(made)

    with pytest.raises(Truncated):
        expecting(lambda: full).never(model="o3")


def test_an_expectation_may_come_true_in_time() -> None:
    growing: Iterator[Journal] = iter([journal(), journal(FIRST), journal(*WELL)])

    expecting(lambda: next(growing)).within(60).requests(2)


def test_an_expectation_that_does_not_come_true_in_time_fails() -> None:
    assert failure(lambda: expect(*WELL).within(0.03).requests(3)).startswith("expected 3 requests")


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ({"user_say": "x"}, r"unknown condition `user_say`. Did you mean `user_says`\?"),
        ({"header": {"a": "b"}}, "the journal keeps no headers"),
    ],
)
def test_a_wrong_condition_is_told(when: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        expect(*WELL).requests(1, **when)


def test_a_date_to_come_again_counts_too() -> None:
    dated = exchange([QUESTION], ApiError(503, "Later.", headers={"retry-after": "Thu, 01 Jan 1970 00:00:10 GMT"}))

    assert failure(lambda: expect(dated, FIRST).waits_obeyed()).endswith("which said to wait 8.9 s")


def test_milliseconds_to_wait_count_first() -> None:
    soon = exchange([QUESTION], ApiError(429, "Soon.", headers={"retry-after": "60", "retry-after-ms": "5"}))

    expect(soon, FIRST).waits_obeyed()
