"""What placeholders become."""

import pytest

from mockserver.chat import Message, Reply, Tool, ToolCall, call
from mockserver.scenario import Play, Rule, Scenario, Turn, UnresolvedPlaceholder, When, as_say
from tests.test_scenario.conversations import answer, asked, called, result, said, user, values, words

RESULTS = (user("a"), called("x", "y"), result("y", "second"), result("x", '{"temperature": 22, "days": [1, 2]}'))


def rule(text: str) -> Play:
    return Play(Scenario("s", rules=(Rule(Reply(text), When()),)))


def calling(**arguments: object) -> Play:
    return Play(Scenario("s", rules=(Rule(as_say(call("f", arguments)), When.of(tool_results=2)),)))


@pytest.mark.parametrize(
    ("text", "said_text"),
    [
        ("You said {user}.", "You said a."),
        ("{model}", "gpt-4o"),
        ("{result.get_current_weather.0.temperature} C", "22 C"),
        ("{result.get_current_weather.0.days.1}", "2"),
        ("{result.get_current_weather.0.days}", "[1, 2]"),
        ("{result.get_current_weather.0}", '{"temperature": 22, "days": [1, 2]}'),
        ("{result.get_current_weather.1}", "second"),
        ("{{user}} and {{anything}}", "{user} and {anything}"),
        ('{"json": {}} { user } {3} {', '{"json": {}} { user } {3} {'),
    ],
)
def test_a_text_is_filled_in(text: str, said_text: str) -> None:
    assert words(answer(rule(text), *RESULTS)) == said_text


def test_system_messages_are_joined() -> None:
    talk = (Message("system", "one"), Message("developer", "two"), user("a"))

    assert words(answer(rule("{system}"), *talk)) == "one\ntwo"


def test_a_placeholder_that_is_a_whole_value_keeps_its_type() -> None:
    play = calling(t="{result.get_current_weather.0.temperature}", nested=["{result.get_current_weather.0}", "{user}!"])

    assert values(answer(play, *RESULTS)) == ['{"t": 22, "nested": [{"temperature": 22, "days": [1, 2]}, "a!"]}']


def test_raw_arguments_are_left_alone() -> None:
    say = Reply(calls=(call("f", arguments='{"a": "{user}"'),))

    match = answer(Play(Scenario("s", rules=(Rule(say, When()),))), user("a"))

    assert values(match) == ['{"a": "{user}"']


def test_results_come_in_the_order_of_the_calls_whatever_the_ids() -> None:
    """Real clients put ids of their own in; a result belongs to the call of its own block."""
    talk = (*RESULTS, called("x"), result("x", "third"))

    assert words(answer(rule("{result.get_current_weather.2}"), *talk)) == "third"


def test_legacy_function_results_are_found_by_name() -> None:
    talk = (user("a"), called(""), Message("function", "sunny", name="get_current_weather"))

    assert words(answer(rule("{result.get_current_weather.0}"), *talk)) == "sunny"


def test_escaped_letters_of_a_result_are_read() -> None:
    talk = (user("a"), called("x"), result("x", '{"city": "Z\\u00fcrich"}'))

    assert words(answer(rule("{result.get_current_weather.0}"), *talk)) == '{"city": "Zürich"}'


def test_a_turn_sees_the_results_since_its_opening_and_a_rule_those_since_the_last_question() -> None:
    talk = (user("a"), called("x"), result("x", "1"), said("So."), user("b"))
    turns = (
        Turn(as_say(call("get_current_weather"))),
        Turn(Reply("So.")),
        Turn(Reply("{result.get_current_weather.0}")),
    )

    assert words(answer(Play(Scenario("s", turns=turns)), *talk)) == "1"
    with pytest.raises(UnresolvedPlaceholder):
        rule("{result.get_current_weather.0}").answer(asked(*talk))


def test_captures_of_earlier_turns_hold_for_the_rest_of_the_conversation() -> None:
    first = Turn(Reply("Which day?"), When.of(user_says={"matches": r"to (?P<city>\w+)"}))
    second = Turn(Reply("Done."), When.of(user_says={"matches": r"on (?P<day>\w+)"}))
    play = Play(Scenario("s", turns=(first, second, Turn(Reply("{capture.city}, {capture.day}")))))

    talk = (user("Fly to Oslo"), said("Which day?"), user("on Monday"), said("Done."), user("Where to?"))

    assert words(answer(play, *talk)) == "Oslo, Monday"


def test_by_arrival_captures_are_kept_in_the_session() -> None:
    first = Turn(Reply("ok"), When.of(user_says={"matches": r"to (?P<city>\w+)"}))
    play = Play(Scenario("s", order="arrival", turns=(first, Turn(Reply("{capture.city}")))))

    answer(play, user("to Oslo"))

    assert words(answer(play, user("anything"))) == "Oslo"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("{result.f.0}", "Tool results in this conversation: get_current_weather: 2."),
        ("{result.get_current_weather.2}", "Tool results in this conversation: get_current_weather: 2."),
        (
            "{result.get_current_weather.0.temp}",
            "Where `temp` should be, the result is an object with the keys temperature, days.",
        ),
        ("{result.get_current_weather.1.t}", "Where `t` should be, the result is the text 'second'."),
        ("{capture.city}", "Captured so far: nothing."),
        ("{system}", "Nothing was said by a system message."),
    ],
)
def test_what_is_not_there_is_told_with_what_is(text: str, known: str) -> None:
    with pytest.raises(UnresolvedPlaceholder) as told:
        rule(text).answer(asked(*RESULTS))

    assert str(told.value).endswith(f" {known}")
    assert str(told.value).startswith("scenario:s#rule1: ")


@pytest.mark.parametrize("text", ["{city}", "{result.f}", "{result.f.x}", "{user.name}", "{capture}", "{result}"])
def test_a_placeholder_that_can_never_have_a_value_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="placeholder"):
        Turn(Reply(text))


def test_the_input_of_a_custom_tool_is_filled_in_as_text() -> None:
    play = Play(Scenario("s", rules=(Rule(Reply(calls=(ToolCall("f", "run {user}", kind="custom"),)), When()),)))

    assert values(answer(play, user('"now"'), tools=(Tool("f", kind="custom"),))) == ['run "now"']


ORDER = Tool(
    "order",
    "",
    {
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "note": {"type": "string"},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
            "options": {"type": "object", "additionalProperties": {"type": ["boolean", "null"]}},
            "anything": {},
        },
        "$defs": {"line": {"allOf": [{"properties": {"quantity": {"type": "number"}}}]}},
    },
)


def ordered(say: str, **arguments: object) -> list[str]:
    turn = Turn(as_say(call("order", arguments)), When.of(user_says={"matches": "order (?P<it>.+)"}))
    return values(answer(Play(Scenario("s", turns=(turn,))), user(f"order {say}"), tools=(ORDER,)))


@pytest.mark.parametrize(
    ("say", "arguments", "sent"),
    [
        ("18", {"count": "{capture.it}"}, '{"count": 18}'),
        ("18", {"note": "{capture.it}"}, '{"note": "18"}'),
        ("18", {"either": "{capture.it}"}, '{"either": "18"}'),
        ("18", {"anything": "{capture.it}"}, '{"anything": "18"}'),
        ("2.5", {"lines": [{"quantity": "{capture.it}"}]}, '{"lines": [{"quantity": 2.5}]}'),
        ("true", {"options": {"express": "{capture.it}"}}, '{"options": {"express": true}}'),
        ('[{"quantity": 1}]', {"lines": "{capture.it}"}, '{"lines": [{"quantity": 1}]}'),
    ],
)
def test_a_placeholder_takes_the_type_of_its_parameter(say: str, arguments: dict[str, object], sent: str) -> None:
    assert ordered(say, **arguments) == [sent]


@pytest.mark.parametrize(("say", "found"), [("eighteen", '"eighteen"'), ("1.5", "1.5"), ("NaN", '"NaN"')])
def test_a_text_that_the_parameter_does_not_take_is_an_error(say: str, found: str) -> None:
    with pytest.raises(UnresolvedPlaceholder) as error:
        ordered(say, count="{capture.it}")

    expected = f'{{capture.it}} does not fit the parameter `count` of `order`: {found} is not of type "integer"'
    assert expected in str(error.value)


def test_a_tool_result_stays_text_where_the_parameter_takes_text() -> None:
    talk = (user("a"), called("x"), result("x", "21"))
    turn = Rule(as_say(call("order", note="{result.get_current_weather.0}")), When.of(tool_results=1))

    assert values(answer(Play(Scenario("s", rules=(turn,))), *talk, tools=(ORDER,))) == ['{"note": "21"}']
