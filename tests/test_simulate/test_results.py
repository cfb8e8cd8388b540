"""What the simulated model says when tool results have come in."""

import json

import pytest

from mockserver.chat import Message, ToolCall, ToolChoice
from tests.test_simulate.conversation import CITIES, TEXT, WEATHER, answered, ask, calls, said_by, tool


def weather(city: str) -> ToolCall:
    return ToolCall("get_current_weather", json.dumps({"location": city}))


def test_the_summary_names_each_city_with_its_values() -> None:
    said = answered(
        CITIES,
        (weather("New York"), '{"location": "New York", "temperature": "21", "unit": "celsius"}'),
        (weather("Chicago"), '{"temperature": 9.5, "windy": true}'),
    )
    text = said_by(ask(said, WEATHER))

    new_york, chicago = text.splitlines()[1:]
    assert "New York" in new_york
    assert "21" in new_york
    assert "celsius" in new_york
    assert "Chicago" in chicago
    assert "9.5" in chicago
    assert "{" not in text


def test_a_plain_text_result_is_said_as_it_is() -> None:
    assert "Sunny, 21 degrees" in said_by(
        ask(answered("Weather in Oslo?", (weather("Oslo"), "Sunny, 21 degrees")), WEATHER)
    )


def test_an_error_is_said_as_an_error() -> None:
    text = said_by(ask(answered("Weather in Oslo?", (weather("Oslo"), '{"error": "station offline"}')), WEATHER))

    assert "could not" in text
    assert "Oslo" in text
    assert "station offline" in text


def test_results_are_summed_up_when_the_tools_are_no_longer_offered() -> None:
    assert "21" in said_by(ask(answered("Weather in Oslo?", (weather("Oslo"), '{"temperature": 21}'))))


def test_results_in_the_old_function_role_count_too() -> None:
    said = [
        Message("user", "Weather in Oslo?"),
        Message("assistant", None, (ToolCall(WEATHER.name, '{"location": "Oslo"}'),)),
        Message("function", '{"temperature": 21}', name=WEATHER.name),
    ]

    assert "21" in said_by(ask(said, WEATHER))


def test_a_flattened_conversation_gets_text() -> None:
    said = [
        Message("user", "Weather in Oslo?"),
        Message("assistant", "Calling tools: get_current_weather(Oslo)"),
        Message("user", "Observation:\n21 degrees in Oslo"),
    ]

    assert "21 degrees in Oslo" in said_by(ask(said, WEATHER))


def test_an_application_that_insists_on_calls_gets_the_answer_through_its_closing_tool() -> None:
    final = tool("final_answer", "Provide the final answer", answer=TEXT)
    said = answered("Weather in Oslo?", (weather("Oslo"), "21 degrees"))

    assert calls(said, WEATHER, final, tool_choice=ToolChoice("required")) == [
        ("final_answer", {"answer": "21 degrees."})
    ]


def test_the_same_call_is_not_made_twice_for_one_question() -> None:
    said = [*answered("Weather in Oslo?", (weather("Oslo"), "21 degrees")), Message("user", "Weather in Oslo?")]

    assert "21 degrees" in said_by(ask(said, WEATHER))


def test_a_new_question_may_make_the_same_call_again() -> None:
    said = [
        *answered("Weather in Oslo?", (weather("Oslo"), "21 degrees")),
        Message("assistant", "21 degrees."),
        Message("user", "What is the weather in Oslo now?"),
    ]

    assert calls(said, WEATHER) == [("get_current_weather", {"location": "Oslo"})]


def test_odd_results_do_not_trouble_it() -> None:
    for text in ("", "null", "[]", "{}", "{broken", "[1, [2, {}]]", '"quoted"', "NaN", "[" * 5000):
        assert said_by(ask(answered("Weather in Oslo?", (weather("Oslo"), text)), WEATHER))


def test_what_the_user_declined_is_said_without_what_was_meant_for_the_model() -> None:
    send = tool("send_email", "Send an email", to=TEXT)
    call = ToolCall("send_email", json.dumps({"to": "bob@example.com"}))
    told = "The user did not agree to this call, so it was not run. Do not repeat it; ask what they would like instead."

    text = said_by(ask(answered("Email bob@example.com", (call, told)), send))

    assert text == "You did not agree to send email (bob@example.com), so nothing was done."


@pytest.mark.parametrize(
    "told", ["The user has 3 cities.", "A user cancelled a subscription.", "User 7 refused 3 offers."]
)
def test_a_result_that_speaks_of_a_user_is_no_refusal_of_theirs(told: str) -> None:
    text = said_by(ask(answered("Weather in Oslo?", (weather("Oslo"), told)), WEATHER))

    assert told.rstrip(".") in text
