"""What an application did after a fault, told from its next request."""

import pytest

from mockserver.chat import ApiError, Message, Reply
from mockserver.conduct import conduct
from mockserver.conduct.verdicts import reads_as_error
from mockserver.journal import Exchange
from tests.test_journal.exchanges import CALLS, OSLO, PARIS, QUESTION, asked, exchange, journal, result, unlike

FAULTED = exchange([QUESTION], CALLS, faults=("unknown_param",))
LIMITED = exchange([QUESTION], ApiError(429, "Slow down."), faults=("http_status",), ended="fault:http_status")
HEARD = [QUESTION, asked(OSLO, PARIS)]


def verdict(*exchanges: Exchange) -> tuple[str, str]:
    found = conduct(journal(*exchanges).conversations)[0]
    return found.verdict, found.evidence


@pytest.mark.parametrize(
    "text",
    [
        '{"error": "unit must be celsius or fahrenheit"}',
        "ValidationError: 1 validation error for get_current_weather",
        '{"status": "failed"}',
        "The argument humidity is not allowed.",
        '{"ok": false}',
        '"Unknown tool"',
    ],
)
def test_a_result_that_tells_of_an_error_is_a_report(text: str) -> None:
    following = exchange([*HEARD, result("call_aaa"), result("call_bbb", text)])

    assert verdict(FAULTED, following) == ("reported", f"exchange 2: call_2 → '{text}'")


@pytest.mark.parametrize("text", ["21 degrees", '{"temperature": 21, "error": null}', '{"expected": 20}', "", "[1, 2]"])
def test_an_ordinary_result_tells_of_no_error(text: str) -> None:
    assert not reads_as_error(text)


def test_a_call_that_was_run_got_an_ordinary_result() -> None:
    following = exchange([*HEARD, result("call_aaa"), result("call_bbb")])

    assert verdict(FAULTED, following) == ("ran_it", "exchange 2: call_1 → '21'")


def test_only_the_call_that_is_wrong_counts_where_one_is_named() -> None:
    wrong = Reply(calls=(OSLO, unlike(PARIS, "call_bbb")))
    marked = Reply(calls=(wrong.calls[0], type(PARIS)(PARIS.name, PARIS.arguments, "call_bbb", fault="unknown_param")))
    following = exchange([*HEARD, result("call_aaa", "invalid location"), result("call_bbb", "9")])

    assert verdict(FAULTED._replace(read_reply=lambda: marked), following)[0] == "ran_it"


def test_a_new_question_of_the_user_comes_from_asking() -> None:
    following = exchange([QUESTION, Message("user", "Only Oslo, please.")])

    assert verdict(FAULTED, following) == ("asked_user", "exchange 2: user 'Only Oslo, please.'")


def test_an_error_told_in_the_users_name_is_a_report() -> None:
    following = exchange([*HEARD, Message("user", "Invalid arguments: humidity is not allowed. Try again.")])

    assert verdict(FAULTED, following)[0] == "reported"


def test_the_same_request_again_is_a_retry() -> None:
    assert verdict(LIMITED, exchange([QUESTION], CALLS)) == ("retried", "exchange 2 asks the same")


def test_too_many_retries_are_no_end() -> None:
    assert verdict(*[LIMITED] * 8) == ("looped", "the same request came 7 times more")


def test_the_same_fault_round_after_round_is_no_end_either() -> None:
    messages, exchanges = [QUESTION], []
    for number in range(7):
        made = unlike(OSLO, f"call_{number}")
        exchanges.append(exchange(messages, Reply(calls=(made,)), faults=("unknown_function",)))
        messages = [*messages, asked(made), result(f"call_{number}", "unknown tool")]

    assert verdict(*exchanges) == ("looped", "the same fault came back in 7 rounds")


def test_a_reply_left_out_of_the_conversation_was_dropped() -> None:
    following = exchange([QUESTION, Message("system", "Be brief.")])

    assert verdict(FAULTED, following) == ("dropped", "exchange 2 goes on without the reply")


def test_one_call_without_a_result_was_dropped() -> None:
    refused = exchange([*HEARD, result("call_aaa")], ApiError(400, "no"), ended="refused")

    assert verdict(FAULTED, refused) == ("dropped", "exchange 2 has no result for call_2; refused with HTTP 400: no")


def test_the_same_question_anew_dropped_what_came_before() -> None:
    anew = exchange([Message("system", "Be careful."), QUESTION])

    assert verdict(FAULTED, anew) == ("dropped", "exchange 2 begins anew")


def test_nothing_more_is_silence() -> None:
    other = exchange([Message("user", "Something else")])

    assert verdict(FAULTED, other) == ("silent", "no request came after it")


def test_without_a_fault_there_is_no_verdict() -> None:
    assert conduct(journal(exchange([QUESTION], CALLS)).conversations) == []


def test_a_verdict_reads_as_a_sentence() -> None:
    [found] = conduct(journal(LIMITED, exchange([QUESTION], CALLS)).conversations)

    assert str(found) == "exchange 1, http_status: retried the same (exchange 2 asks the same)"
