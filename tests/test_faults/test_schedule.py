"""When a fault happens and what it strikes; which of several happens."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall, ToolChoice, call
from mockserver.faults import DueFault, Injection, NotApplicable, NotProducible, SchedulePoint, Sources, inject, parse
from mockserver.scenario import conflict
from mockserver.simulate.invent import invent
from tests.test_simulate.schemas import TEXT, WHOLE, taking

WEATHER = Tool("get_weather", parameters=taking(place=TEXT, days=WHOLE))
CLOCK = Tool("get_time", parameters=taking(place=TEXT))
REQUEST = ChatRequest("gpt-4o", (Message("user", "Weather in Paris and Rome, and the time?"),), (WEATHER, CLOCK))
REPLY = Reply(
    calls=[
        call("get_weather", place="Paris", days=1),
        call("get_weather", place="Rome", days=2),
        call("get_time", place="Oslo"),
    ]
)


def told(sources: Sources, *, reply: Reply = REPLY, request: ChatRequest = REQUEST, **moment: Any) -> tuple[Reply, Any]:
    """What is said and what struck."""
    when = replace(SchedulePoint(1, 1, "0"), **moment)
    said, injection = inject(reply, request, sources, when, invent)
    assert isinstance(said, Reply)
    return said, injection.names


def injection(*due: DueFault) -> Injection:
    return Injection(due=due, request=REQUEST, seed="0", invent=invent)


def struck(reply: Reply) -> list[int]:
    """Which calls are not as they were."""
    return [number for number, (old, new) in enumerate(zip(REPLY.calls, reply.calls, strict=True), 1) if old != new]


@pytest.mark.parametrize("call_number", [1, 2, 3])
def test_a_call_is_picked_by_its_number(call_number: int) -> None:
    said, _ = told(Sources(f"unknown_param:call={call_number}"))

    assert struck(said) == [call_number]


def test_a_call_is_picked_by_its_tool() -> None:
    assert {tuple(struck(told(Sources("unknown_param:tool=get_time"), seed=f"{n}")[0])) for n in range(20)} == {(3,)}


def test_without_a_target_exactly_one_call_is_changed_and_the_seed_picks_it() -> None:
    found = [struck(told(Sources("unknown_param"), seed=f"{seed}")[0]) for seed in range(40)]

    assert {tuple(one) for one in found} == {(1,), (2,), (3,)}
    assert found == [struck(told(Sources("unknown_param"), seed=f"{seed}")[0]) for seed in range(40)]


def test_a_parameter_is_picked_by_its_name() -> None:
    found = [told(Sources("missing_required:parameter=days"), seed=f"{seed}")[0] for seed in range(20)]

    assert all("days" not in reply.calls[struck(reply)[0] - 1].arguments for reply in found)


def test_a_nested_parameter_is_picked_by_its_path() -> None:
    lines = {"type": "array", "items": taking(sku=TEXT, count=WHOLE)}
    tool = Tool("order", parameters=taking(lines=lines, count=WHOLE))
    reply = Reply(calls=[call("order", lines=[{"sku": "a", "count": 1}, {"sku": "b", "count": 2}], count=3)])

    said, _ = told(
        Sources("number_as_string:parameter=lines.1.count"), reply=reply, request=replace(REQUEST, tools=(tool,))
    )

    assert json.loads(said.calls[0].arguments) == {
        "lines": [{"sku": "a", "count": 1}, {"sku": "b", "count": "2"}],
        "count": 3,
    }


@pytest.mark.parametrize(("attempt", "expected"), [(1, True), (2, True), (3, False)])
def test_the_first_attempts(attempt: int, expected: bool) -> None:
    assert bool(told(Sources("unknown_param:attempts=2"), attempt=attempt)[1]) is expected


@pytest.mark.parametrize(("turn", "expected"), [(1, False), (2, True), (3, False)])
def test_a_turn(turn: int, expected: bool) -> None:
    assert bool(told(Sources("unknown_param:turn=2"), turn=turn)[1]) is expected


def test_attempts_of_a_request_are_broken_in_the_same_place() -> None:
    assert told(Sources("unknown_param"), attempt=1) == told(Sources("unknown_param"), attempt=2)


def test_faults_of_different_stages_compose() -> None:
    said, names = told(Sources("truncated_json:call=1; functions_prefix:call=1; number_as_string:call=1"))

    assert names == ("number_as_string", "functions_prefix", "truncated_json")
    assert said.calls[0].name == "functions.get_weather"
    assert said.calls[1:] == REPLY.calls[1:]


def test_two_faults_of_one_stage_are_an_error_unless_they_change_different_calls() -> None:
    said, _ = told(Sources("unknown_param:call=1; number_as_string:call=2"))

    assert struck(said) == [1, 2]
    with pytest.raises(NotApplicable, match="'unknown_param' already acts on the same part"):
        told(Sources("unknown_param; number_as_string"))


def test_the_more_specific_source_wins() -> None:
    sources = Sources("unknown_param", "number_as_string", parse("misnamed_param"), parse("missing_required"))

    assert told(sources)[1] == ("unknown_param",)
    assert told(sources._replace(request=None))[1] == ("number_as_string",)
    assert told(sources._replace(request=None, turn=None))[1] == ("misnamed_param",)


def test_a_call_names_its_own_fault() -> None:
    calls = [*REPLY.calls[:2], replace(REPLY.calls[2], fault="unknown_param")]

    assert struck(told(Sources(), reply=Reply(calls=calls))[0]) == [3]


def test_a_call_that_names_its_fault_is_the_only_one_changed_in_that_stage() -> None:
    calls = [replace(REPLY.calls[0], fault="number_as_string"), *REPLY.calls[1:]]

    said, names = told(Sources(server=parse("unknown_param; truncated_json:call=2")), reply=Reply(calls=calls))

    assert names == ("number_as_string", "truncated_json")
    assert struck(said) == [1, 2]


def test_a_call_marked_as_written_is_labelled_and_unchanged() -> None:
    wrong = Reply(calls=[ToolCall("get_weather", '{"place": 7}', fault="as_written")])

    assert told(Sources(), reply=wrong) == (wrong, ("as_written",))


def test_a_standing_fault_without_a_suitable_parameter_is_an_error_and_a_rate_is_not() -> None:
    with pytest.raises(NotApplicable, match="there is no enum in the parameters of get_weather"):
        told(Sources(server=parse("enum_violation:tool=get_weather")))

    assert told(Sources(server=parse("enum_violation:rate=1")))[1] == ()


@pytest.mark.parametrize(
    ("reply", "choice", "fault"),
    [
        (REPLY, ToolChoice("none"), "tool_choice_ignored"),
        (Reply("I know it."), ToolChoice("required"), "tool_choice_ignored"),
        (Reply(calls=REPLY.calls[2:]), ToolChoice("required", ("get_weather",), named=True), "tool_choice_ignored"),
    ],
)
def test_a_reply_may_disobey_tool_choice_on_purpose(reply: Reply, choice: ToolChoice, fault: str) -> None:
    request = replace(REQUEST, tool_choice=choice)

    assert conflict(reply, request) is not None
    assert conflict(reply, request, fault) is None
    assert told(Sources(turn=fault), reply=reply, request=request) == (reply, (fault,))


def test_a_reply_may_make_parallel_calls_on_purpose() -> None:
    request = replace(REQUEST, parallel_tool_calls=False)

    assert conflict(REPLY, request) is not None
    assert conflict(REPLY, request, "parallel_despite_disabled") is None
    assert told(Sources(turn="parallel_despite_disabled"), request=request)[0] == REPLY


def test_an_impossible_fault_requested_by_name_says_why() -> None:
    (known,) = parse("unknown_param")
    impossible = replace(known, fault=replace(known.fault, impossible="it has never been seen."))

    with pytest.raises(NotProducible, match=r"can't be produced: it has never been seen\."):
        injection(DueFault(impossible)).apply(REPLY, "reply")
    assert injection(DueFault(impossible, if_possible=True)).apply(REPLY, "reply")[0] == REPLY


@pytest.mark.parametrize(
    "fault", ["repeat_loop", "stale_value", "retry_same_error", "unknown_param:tool=get_date", "unknown_param:call=9"]
)
def test_a_standing_fault_waits_for_an_answer_that_can_show_it(fault: str) -> None:
    assert told(Sources(server=parse(fault)))[1] == ()
    with pytest.raises(NotApplicable):
        told(Sources(fault))


def test_a_loop_begins_when_there_is_something_to_repeat() -> None:
    past = (Message("assistant", None, (replace(REPLY.calls[0], id="a"),)), Message("tool", "mild", tool_call_id="a"))
    later = replace(REQUEST, messages=(*REQUEST.messages, *past))

    said, names = told(Sources(server=parse("repeat_loop")), reply=Reply("It is mild."), request=later)

    assert (said.calls, names) == (REPLY.calls[:1], ("repeat_loop",))
