"""What comes up by itself: refused requests and calls not answered as they must be, and what is none of these."""

from dataclasses import replace

import pytest

from mockserver.chat import ApiError, Message, Reply, Tool, ToolCall, ToolChoice
from mockserver.conduct import broken_links, refusals
from mockserver.journal import Exchange
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
HEARD = [QUESTION, asked(OSLO, PARIS)]
BOTH = [*HEARD, result("call_aaa"), result("call_bbb")]


def links(*exchanges: Exchange) -> list[str]:
    return [finding.what for finding in broken_links(journal(*exchanges).conversations)]


def refused(error: ApiError) -> list[str]:
    shown = journal(exchange([QUESTION], error, ended="refused")).conversations
    return [finding.kind for finding in refusals(shown)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ApiError(422, "", "mock_error", code="unscripted_request"), "unscripted"),
        (ApiError(422, "", "mock_error", code="recording_miss"), "unscripted"),
        (ApiError(422, "", "mock_error", code="unknown_scenario"), "unscripted"),
        (ApiError(422, "", "mock_error", code="script_conflict"), "conflict"),
        (ApiError(422, "", "mock_error", code="placeholder_unresolved"), "conflict"),
        (ApiError(400, "Invalid 'temperature'."), "protocol"),
        (ApiError(404, "The model does not exist"), "protocol"),
        (ApiError(413, "Too large"), "protocol"),
    ],
)
def test_a_refusal_is_of_one_kind(error: ApiError, kind: str) -> None:
    assert refused(error) == [kind]


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_wrong_key_and_too_many_requests_break_no_protocol(status: int) -> None:
    assert refused(ApiError(status, "No.")) == []


def test_a_scripted_error_is_no_refusal() -> None:
    scripted = journal(exchange([QUESTION], ApiError(400, "As scripted.")))

    assert [*refusals(scripted.conversations)] == []


def test_calls_answered_in_any_order_are_well() -> None:
    assert links(FIRST, exchange([*HEARD, result("call_bbb"), result("call_aaa")], MILD)) == []


def test_calls_answered_under_ids_of_the_client_are_well() -> None:
    own = [QUESTION, asked(unlike(OSLO, "x1"), unlike(PARIS, "x2")), result("x1"), result("x2")]

    assert links(FIRST, exchange(own)) == []


def test_calls_told_in_words_are_well_as_clients_do_that_flatten_a_conversation() -> None:
    told = [QUESTION, Message("assistant", "Calling get_current_weather"), Message("user", "Observation: 21")]

    assert links(FIRST, exchange(told)) == []


def test_calls_of_a_reply_that_was_asked_for_again_are_well() -> None:
    again = exchange([QUESTION], MILD)

    assert links(FIRST, again) == []


def test_calls_that_were_not_heard_are_well() -> None:
    assert links(exchange([QUESTION], CALLS, ended="client_gone")) == []


def test_a_call_after_a_fault_is_a_matter_of_conduct() -> None:
    assert links(exchange([QUESTION], CALLS, faults=("unknown_param",))) == []


def test_a_missing_result_is_told_once() -> None:
    refusing = exchange([*HEARD, result("call_aaa")], ApiError(400, "no"), ended="refused")

    assert links(FIRST, refusing) == []
    assert len(links(FIRST, exchange([*HEARD, result("call_aaa")]), exchange([*BOTH, Message("user", "Go on.")]))) == 1


def test_a_result_that_answers_twice_or_nothing_is_told() -> None:
    amiss = exchange([*BOTH, result("call_bbb"), result("call_of_old")])

    assert links(FIRST, amiss) == [
        "exchange 2 answers call_2 twice",
        "exchange 2 answers 'call_of_old', which the model did not ask for there",
    ]


NAMED = ToolChoice("required", ("get_current_weather",), named=True)


@pytest.mark.parametrize("choice", [NAMED, ToolChoice("required"), ToolChoice("required", ("get_current_weather",))])
def test_a_conversation_may_end_in_a_call_that_the_request_forced(choice: ToolChoice) -> None:
    assert links(exchange([QUESTION], CALLS, tool_choice=choice)) == []
    assert len(links(exchange([QUESTION], CALLS))) == 1


@pytest.mark.parametrize(
    "tool",
    [
        Tool("final_result"),
        Tool("final_result_Weather"),
        Tool("answer", "The weather. The final response which ends this conversation"),
    ],
)
def test_a_conversation_may_end_in_the_call_of_an_output_tool(tool: Tool) -> None:
    out = Reply(calls=(ToolCall(tool.name, "{}", "call_out"),))

    assert links(exchange([QUESTION], out, tools=(WEATHER, tool))) == []
    assert len(links(exchange([QUESTION], Reply(calls=(*out.calls, OSLO)), tools=(WEATHER, tool)))) == 1


def test_a_forced_call_that_the_conversation_passes_over_is_told() -> None:
    forced = exchange([QUESTION], CALLS, tool_choice=NAMED)
    passed_over = exchange([QUESTION, Message("user", "Go on.")])

    assert len(links(forced, passed_over)) == 1


def by_name(name: str | None, content: str = "21") -> Message:
    return Message("tool", content, name=name)


NAMELESS = asked(replace(OSLO, id=None), replace(PARIS, id=None))


@pytest.mark.parametrize("name", ["get_current_weather", None])
def test_without_ids_results_answer_by_name_and_order(name: str | None) -> None:
    assert links(FIRST, exchange([QUESTION, NAMELESS, by_name(name), by_name(name)])) == []
    assert links(FIRST, exchange([*HEARD, by_name(name), by_name(name)])) == []
    assert links(FIRST, exchange([QUESTION, NAMELESS, result("x1"), result("x2")])) == []


def test_without_ids_too_few_and_too_many_results_are_told() -> None:
    few = exchange([QUESTION, NAMELESS, by_name("get_current_weather")])
    many = exchange(
        [QUESTION, NAMELESS, *(by_name("get_current_weather", f"{n}") for n in range(3)), by_name("send_email")]
    )

    assert len(links(FIRST, few)) == 1
    assert links(FIRST, many) == [
        "exchange 2 answers get_current_weather twice",
        "exchange 2 answers send_email, which the model did not ask for there",
    ]
