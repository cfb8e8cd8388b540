"""When a condition holds, and what is said when it does not."""

from typing import Any

import pytest

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolChoice
from mockserver.scenario import ConditionFailed, Failure, Rule, Turn, Undumpable, When, dump
from mockserver.scenario.play import Miss, Play
from mockserver.scenario.scenario_model import Scenario
from tests.test_scenario.conversations import answer, asked, called, miss, result, said, user, words

TALK = (
    Message("system", "Be short."),
    Message("developer", "Speak English."),
    user("The weather in Oslo?"),
    said("Let me see."),
    user("  Thanks, STRASSE!  "),
)
RESULTS = (user("a"), called("x", "y"), result("x", '{"temperature": 22}'), result("y", "sunny"))

HOLDING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"user_says": "thanks"}, {}),
    ({"user_says": "straße"}, {}),
    ({"user_says": {"equals": "Thanks, STRASSE!"}}, {}),
    ({"user_says": {"matches": "^ +Thanks"}}, {}),
    ({"user_says": {"not": "weather"}}, {}),
    ({"user_says": {"contains": "thanks", "not": {"equals": "thanks"}}}, {}),
    ({"system_says": "english"}, {}),
    ({"assistant_said": "let me see"}, {}),
    ({"turn": 2}, {}),
    ({"model": "gpt-4*"}, {}),
    ({"tools": ["get_current_weather"]}, {}),
    ({"tools": ["get_current_weather"]}, {"tools": (Tool("weather-get_current_weather"),)}),
    ({"tool_choice": "auto"}, {}),
    ({"tool_choice": "f"}, {"tool_choice": ToolChoice("required", ("f",), named=True)}),
    ({"stream": True}, {"stream": True}),
    ({"header": {"X-Agent": "planner"}}, {"headers": {"x-agent": "the planner"}}),
    ({"any": [{"user_says": "weather"}, {"turn": 2}]}, {}),
    ({"not": {"user_says": "weather"}}, {}),
]


@pytest.mark.parametrize(("when", "more"), HOLDING, ids=str)
def test_a_condition_holds(when: dict[str, Any], more: dict[str, Any]) -> None:
    assert When.of(**when).failures(asked(*TALK, **more)) == ()


FAILING: list[tuple[dict[str, Any], dict[str, Any], Failure]] = [
    (
        {"user_says": "weather"},
        {},
        Failure("user_says", "a text that contains 'weather'", "'  Thanks, STRASSE!  '"),
    ),
    (
        {"user_says": {"equals": "thanks, strasse!"}},
        {},
        Failure("user_says", "a text that equals 'thanks, strasse!'", "'  Thanks, STRASSE!  '"),
    ),
    ({"system_says": "french"}, {}, Failure("system_says", "a text that contains 'french'", "'Speak English.'")),
    ({"assistant_said": "bye"}, {}, Failure("assistant_said", "a text that contains 'bye'", "'Let me see.'")),
    ({"tool_results": 1}, {}, Failure("tool_results", "1 tool results", "0")),
    (
        {"tool_results": {"f": "x"}},
        {},
        Failure("tool_results.f", "a text that contains 'x'", "no result of `f` since the model spoke last"),
    ),
    ({"tools": ["f"]}, {}, Failure("tools", "`f` offered", "`get_current_weather`")),
    ({"tools": ["weather"]}, {}, Failure("tools", "`weather` offered", "`get_current_weather`")),
    ({"tools": ["f"]}, {"tools": ()}, Failure("tools", "`f` offered", "no tools")),
    ({"model": "GPT*"}, {}, Failure("model", "'GPT*'", "'gpt-4o'")),
    ({"tool_choice": "none"}, {}, Failure("tool_choice", "`none`", "`auto`")),
    ({"stream": True}, {}, Failure("stream", "true", "false")),
    ({"turn": 1}, {}, Failure("turn", "1", "2")),
    ({"header": {"x-a": "b"}}, {}, Failure("header.x-a", "a value that contains 'b'", "no such header")),
    ({"any": [{"turn": 1}, {"stream": True}]}, {}, Failure("any", "one of (turn 1; stream True)", "none of them")),
    ({"not": {"user_says": "thanks"}}, {}, Failure("not", "not (user_says contains 'thanks')", "all of it holds")),
]


@pytest.mark.parametrize(("when", "more", "failure"), FAILING, ids=str)
def test_a_condition_that_fails_says_what_was_there(
    when: dict[str, Any], more: dict[str, Any], failure: Failure
) -> None:
    assert When.of(**when).failures(asked(*TALK, **more)) == (failure,)


def test_results_are_those_since_the_model_spoke_last() -> None:
    assert not When.of(tool_results=2).failures(asked(*RESULTS))
    assert not When.of(tool_results=0).failures(asked(*RESULTS, said("ok"), user("b")))


def test_some_result_of_the_tool_must_fit() -> None:
    assert not When.of(tool_results={"get_current_weather": "SUNNY"}).failures(asked(*RESULTS))
    assert When.of(tool_results={"get_current_weather": "rain"}).failures(asked(*RESULTS))


def test_a_secret_is_never_told() -> None:
    headers = {"authorization": "Bearer abcdefgh", "x-other": "sk-abcdefghijkl"}

    failures = When.of(header={"authorization": "x", "x-other": "y"}).failures(asked(user("a"), headers=headers))

    assert [failure.found for failure in failures] == ["(a secret, not shown)", "'<secret>'"]


def test_an_unknown_condition_is_refused_with_the_nearest() -> None:
    with pytest.raises(TypeError, match="Did you mean `user_says`"):
        When.of(user_say="x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"turn": "1"},
        {"user_says": 3},
        {"user_says": {"like": "x"}},
        {"tools": "f"},
        {"stream": 1},
        {"any": []},
        {"header": "x"},
    ],
    ids=str,
)
def test_a_condition_of_the_wrong_kind_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"when.{next(iter(wrong))}: "):
        When.of(**wrong)


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "(", "a{2000}"])
def test_a_pattern_that_cannot_be_searched_in_linear_time_is_refused(
    pattern: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="cannot be used"):
        When.of(user_says={"matches": pattern})
    assert capfd.readouterr().err == ""


def test_the_nearest_misses_come_first() -> None:
    rules = [Rule(Reply("x"), When.of(user_says="weather", turn=9, stream=True)), Rule(Reply("y"), When.of(turn=9))]

    missed: Miss = miss(Play(Scenario("s", rules=tuple(rules * 9))), *TALK)

    assert [near.what for near in missed.near] == ["rule 2", "rule 4", "rule 6", "rule 8", "rule 10"]


def test_a_condition_may_be_a_function_of_the_request() -> None:
    play = Play(Scenario("s", rules=(Rule(Reply("Long."), When.of(lambda request: len(request.messages) > 3)),)))

    assert words(answer(play, *TALK)) == "Long."
    assert miss(play, user("a")).near[0].failures == (
        Failure("when", "a request for which `<lambda>` says yes", "it says no"),
    )


def test_a_condition_that_raises_an_exception_is_told() -> None:
    def about_oslo(request: ChatRequest) -> bool:
        raise KeyError("city")

    with pytest.raises(ConditionFailed, match="the condition `about_oslo` raised KeyError: 'city'"):
        answer(Play(Scenario("s", turns=(Turn(Reply("x"), When.of(about_oslo)),))), user("a"))


def test_a_condition_that_would_have_to_be_awaited_is_refused() -> None:
    async def later(request: ChatRequest) -> bool:
        return True

    with pytest.raises(TypeError, match="`later` cannot be a condition: it would have to be awaited"):
        When.of(later)


@pytest.mark.parametrize("rule", [Rule(lambda request: "a", When()), Rule(Reply("a"), When.of(lambda request: True))])
def test_a_function_cannot_be_dumped(rule: Rule) -> None:
    with pytest.raises(Undumpable, match="is a function, and no file can hold one"):
        dump(Scenario("s", rules=(rule,)))


def test_of_many_rules_no_more_are_looked_at_than_can_be_nearer() -> None:
    asked_of: list[int] = []

    def rule(number: int) -> Rule:
        return Rule(Reply("x"), When.of(lambda request: asked_of.append(number)))

    missed = miss(Play(Scenario("s", rules=tuple(rule(number) for number in range(100)))), user("a"))
    asked_of.clear()

    assert [near.what for near in missed.near] == ["rule 1", "rule 2", "rule 3", "rule 4", "rule 5"]
    assert max(asked_of) == 4
