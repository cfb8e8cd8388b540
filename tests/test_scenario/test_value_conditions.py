"""Conditions on values in JSON, on numbers, and on calls that were made before."""

from typing import Any

import pytest

from mockserver.chat import Message, Reply, ToolCall, call
from mockserver.scenario import Failure, Play, Rule, Scenario, Turn, When, as_say, dump, parse
from tests.test_scenario.conversations import answer, asked, called, miss, result, said, user, words

ORDER = (
    '{"approved": true, "owner": {"city": "Oslo", "full name": "A"}, "balance": -3.5, "n": 1, "lines": [{"sku": "x1"}]}'
)
RESULT = (user("a"), called("x", name="order"), result("x", ORDER))


def holds(conditions: dict[str, Any], *messages: Message) -> bool:
    return When.of(**conditions).holds(asked(*(messages or RESULT)))


@pytest.mark.parametrize(
    "has",
    [
        {"approved": True, "owner.city": "Oslo", "balance": {"below": 0}},
        {"n": 1.0},
        {"n": {"at_least": 1, "at_most": 1}},
        {"lines.0.sku": {"matches": "^x[0-9]$"}},
        {"lines": [{"sku": "x1"}]},
        {'owner."full name"': "A"},
        {"owner.city": {"contains": "OSL", "not": "Bergen"}},
        {"n": {"equals": "1"}},
    ],
)
def test_values_are_there(has: dict[str, Any]) -> None:
    assert holds({"tool_results": {"order": {"has": has}}})


@pytest.mark.parametrize(
    ("has", "found"),
    [
        ({"approved": 1}, "`approved` is true"),
        ({"approved": "true"}, "`approved` is true"),
        ({"owner.city": "oslo"}, "`owner.city` is 'Oslo'"),
        ({"n": 1, "balance": {"above": -3.5}}, "`balance` is -3.5"),
        ({"approved": {"above": 0}}, "`approved` is true"),
        ({"owner.city.zip": 1}, f"no `owner.city.zip` in '{ORDER}'"),
        ({"lines.1": 1}, f"no `lines.1` in '{ORDER}'"),
    ],
)
def test_a_near_miss_says_which_value_was_there(has: dict[str, Any], found: str) -> None:
    (failure,) = When.of(tool_results={"order": {"has": has}}).failures(asked(*RESULT))

    assert failure.found == found


def test_what_is_not_json_does_not_hold_and_the_near_miss_says_so() -> None:
    when = When.of(tool_results={"order": {"has": {"n": 1}}})

    assert when.failures(asked(user("a"), called("x", name="order"), result("x", "n is 1"))) == (
        Failure("tool_results.order", "a text that has `n` = 1", "'n is 1', which is not JSON"),
    )


def test_patterns_on_values_capture() -> None:
    when = When.of(tool_results={"order": {"has": {"owner.city": {"matches": "(?P<city>.+)"}}}})
    play = Play(Scenario("s", rules=(Rule(Reply("In {capture.city}."), when),)))

    assert words(answer(play, *RESULT)) == "In Oslo."


@pytest.mark.parametrize(
    ("conditions", "holding"),
    [
        ({"turn": {"at_least": 2}}, True),
        ({"turn": {"below": 2}}, False),
        ({"tool_results": {"at_least": 1, "below": 2}}, True),
        ({"tool_results": {"above": 1}}, False),
        ({"tool_results": ["order"]}, True),
        ({"tool_results": ["order", "refund"]}, False),
    ],
)
def test_numbers_have_bounds_and_tools_are_named(conditions: dict[str, Any], holding: bool) -> None:
    assert holds(conditions) is holding


def test_a_result_that_is_missing_is_told() -> None:
    assert When.of(tool_results=["refund"]).failures(asked(*RESULT)) == (
        Failure("tool_results.refund", "a result of `refund`", "no result of `refund` since the model spoke last"),
    )


PAID = Message("assistant", None, (ToolCall("shop-pay", '{"amount": 5, "to": "A"}', "p"),))


@pytest.mark.parametrize(
    ("wanted", "holding"),
    [
        ("pay", True),
        ({"pay": {"amount": 5.0}}, True),
        ({"pay": {"amount": 6}}, False),
        ({"pay": {"amount": 5, "note": None}}, False),
        ({"pay": {}, "refund": {}}, False),
        ("refund", False),
    ],
)
def test_a_rule_knows_the_calls_since_the_last_question(wanted: Any, holding: bool) -> None:
    assert holds({"called": wanted}, user("a"), PAID, result("p", "ok")) is holding
    assert not holds({"called": wanted}, user("a"), PAID, result("p", "ok"), said("Paid."), user("b"))


def test_a_call_that_was_not_made_is_told_with_those_that_were() -> None:
    view = asked(user("a"), PAID, result("p", "ok"))

    assert When.of(called={"pay": {"amount": 6}}).failures(view)[0] == Failure(
        "called.pay", 'a call of `pay` with {"amount": 6}', """'shop-pay({"amount": 5, "to": "A"})'"""
    )
    assert When.of(called="refund").failures(view)[0].found == "calls of `shop-pay`"


def test_a_turn_knows_the_calls_since_the_opening() -> None:
    opening = Turn(as_say(call("pay", amount=5)), When.of(user_says="buy"))
    turns = (opening, Turn(Reply("Paid.")), Turn(Reply("Again?"), When.of(called={"pay": {"amount": 5}})))
    earlier = (user("buy"), PAID, result("p", "ok"), said("Paid."))
    play = Play(Scenario("s", turns=turns))

    assert words(answer(play, *earlier, user("buy once more please"), called("q"), result("q", "1"))) == "Paid."
    assert words(answer(play, *earlier, user("and now?"))) == "Again?"
    assert miss(play, user("buy"), called("q"), result("q", "1"), said("Paid."), user("and now?")).near


def test_the_new_conditions_are_written_and_read_again() -> None:
    when = When.of(
        user_says={"has": {"a": {"contains": "x"}, "b": {"at_least": 1}, "c": [1, None]}},
        tool_results=["order"],
        turn={"below": 3},
        called={"pay": {"amount": 5}},
    )
    scenario = Scenario(
        "s", rules=(Rule(Reply("a"), when), Rule(Reply("b"), When.of(called="pay", tool_results={"above": 0})))
    )

    assert parse(dump(scenario)) == scenario
