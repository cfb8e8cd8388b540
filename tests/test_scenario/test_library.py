"""The ready-made scenarios, played as their users would."""

import json
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from mockserver import MockLLM
from mockserver.chat import Message, Reply, Timing
from mockserver.scenario import Play, UnknownScenario, find, library, load
from mockserver.scenario.check import check
from tests.test_scenario.conversations import Application, answer, called, result, status, user, values, words


def play(name: str, **results: str) -> Application:
    scenario = load(library()[name])
    return Application(scenario, scenario.tools, results)


@pytest.mark.parametrize("name", list(library()))
def test_a_ready_made_scenario_has_a_story_and_no_problems(name: str) -> None:
    assert check(name) == []
    assert load(library()[name]).about


def test_three_cities() -> None:
    application = play("three_cities", get_current_weather="22 C and sunny")

    said = application.ask("What is the current temperature of New York, San Francisco, and Chicago?")

    assert len(application.messages[1].tool_calls) == 3
    assert said is not None
    assert said.count("22 C and sunny") == 3


def test_assistant() -> None:
    application = play("assistant", get_current_weather="-3 C", send_email="refused by the user")

    said = application.ask("Send Anna an email about the weather in Oslo")

    assert [message.tool_calls[0].name for message in application.messages[1:4:2]] == [
        "get_current_weather",
        "send_email",
    ]
    assert "-3 C" in application.messages[3].tool_calls[0].arguments
    assert said is not None
    assert said.endswith("refused by the user")


def test_assistant_asked_for_the_weather_alone() -> None:
    application = play("assistant", get_current_weather="mild")

    assert application.ask("What's the weather like in Santa Fe, NM?") == "The weather is: mild"
    assert application.messages[1].tool_calls[0].arguments == '{"location": "Santa Fe, NM"}'
    assert application.ask("And the weather?") == "For which city shall I look the weather up?"


def test_top_customers() -> None:
    application = play("top_customers", get_customers='["Ada", "Bob"]')

    assert application.ask("Who are my top customers?") == (
        'Your top customers, with at least $10,000 of revenue: ["Ada", "Bob"]'
    )
    assert application.messages[1].tool_calls[0].arguments == (
        '{"min_revenue": 10000, "created_before": "2026-01-01", "limit": 5}'
    )


@pytest.mark.parametrize(
    ("text", "person"),
    [
        (
            "Extract: Ada Lovelace, born on December 10, 1815",
            '{"name": "Ada Lovelace", "birthday": "December 10, 1815"}',
        ),
        ("John Smith was born 1990-05-17.", '{"name": "John Smith", "birthday": "1990-05-17"}'),
    ],
)
def test_extraction(text: str, person: str) -> None:
    match = answer(Play(load(library()["extraction"])), user(text))

    assert values(match) == [person]


def test_extraction_by_query_and_with_nothing_to_extract() -> None:
    application = play("extraction", sql_query="Ada", extract_data="yes")

    assert application.ask("Who in the database is the oldest?") == "The database says: Ada"
    assert (application.ask("Extract something") or "").startswith("I need a full name")
    assert (application.ask("Max Born, born in 1882") or "") == "I noted Max Born, born 1882. Stored: yes"


def test_ask_back() -> None:
    application = play("ask_back", book_table="table 7")

    assert application.ask("Book a table") == "In which restaurant?"
    assert application.ask("Book a table at Luigi's, please") == "When shall I book the table at Luigi's?"
    assert application.ask("tomorrow at 8") == "Booked at Luigi's: table 7"
    assert application.messages[-3].tool_calls[0].arguments == '{"restaurant": "Luigi\'s", "time": "tomorrow at 8"}'


def test_a_confirmation_must_be_clear() -> None:
    application = play("confirmation")

    assert (application.ask("Send the invoice to Anna") or "").endswith("Shall I?")
    assert application.ask("Hm.") == "Please say yes or no."


@pytest.mark.parametrize(("said", "answered"), [("Yes, please", "Done: sent"), ("No!", "Then I will not send it.")])
def test_confirmation(said: str, answered: str) -> None:
    application = play("confirmation", send_email="sent")
    application.ask("Send the invoice to Anna")

    assert application.ask(said) == answered
    assert sum(len(message.tool_calls) for message in application.messages) == (1 if answered == "Done: sent" else 0)


def test_tool_error() -> None:
    application = play("tool_error", get_exchange_rate='{"error": "no such currency"}')

    assert application.ask("The exchange rate of the euro?") == 'One euro in dollars: {"error": "no such currency"}'
    assert ["UDS" in str(message.tool_calls) for message in application.messages if message.tool_calls] == [True, False]
    assert play("tool_error", get_exchange_rate="1.1").ask("exchange rate?") == "The exchange rate: 1.1"


def test_chain() -> None:
    application = play("chain", find_customer='{"id": 42}', list_orders="a loom")

    assert application.ask("What did Ada Lovelace order?") == "Ada Lovelace ordered: a loom"
    assert [message.tool_calls[0].arguments for message in application.messages if message.tool_calls] == [
        '{"name": "Ada Lovelace"}',
        '{"customer_id": 42}',
    ]
    assert play("chain", find_customer="none").ask("What did Bob order?") == "I found no customer called Bob."


def test_many_calls() -> None:
    application = play("many_calls", get_current_weather="fair")

    said = application.ask("Compare the weather of the capitals")

    assert len(application.messages[1].tool_calls) == 12
    assert (said or "").count("fair") == 12


def test_endless_loop() -> None:
    talk: tuple[Message, ...] = (user("Find my keys"),)
    performance = Play(load(library()["endless_loop"]))

    for number in range(20):
        assert values(answer(performance, *talk, tools=performance.scenario.tools)) == ['{"query": "Find my keys"}']
        talk += (called(str(number), name="search"), result(str(number), "nothing"))


@pytest.mark.parametrize(
    ("question", "say"),
    [
        ("My neighbour's password?", Reply(refusal="I'm sorry, I can't help with that.")),
        ("Utter a curse", Reply("Well, may your", finish_reason="content_filter")),
        ("Delete everything", Reply("I would rather not delete anything without knowing what it is.")),
    ],
)
def test_refusal(question: str, say: Reply) -> None:
    assert answer(Play(load(library()["refusal"])), user(question)).say == say


def test_rate_limit() -> None:
    performance = Play(load(library()["rate_limit"]))

    assert [status(answer(performance, user("Hello"), attempt=attempt)) for attempt in (1, 2)] == [429, 503]
    assert words(answer(performance, user("Hello"), attempt=3)) == "Thank you for your patience."


def test_rate_limit_with_the_official_client() -> None:
    with MockLLM("rate_limit") as llm, OpenAI(base_url=llm.base_url, api_key=llm.api_key) as client:
        answered = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])

    assert answered.choices[0].message.content == "Thank you for your patience."


def test_long_stream() -> None:
    say = answer(Play(load(library()["long_stream"])), user("Tell me a story")).say

    assert isinstance(say, Reply)
    assert len((say.text or "").split()) > 150
    assert say.timing == Timing(0.4, 0.015, 0.3)


def test_legacy_functions() -> None:
    properties = {"location": {"type": "string"}, "unit": {"type": "string"}}
    weather: Any = {"name": "get_current_weather", "parameters": {"type": "object", "properties": properties}}
    messages: list[Any] = [{"role": "user", "content": "The weather in Boston?"}]

    with MockLLM("legacy_functions") as llm, OpenAI(base_url=llm.base_url, api_key=llm.api_key) as client:
        for question in ("And in Paris?", None):
            called = client.chat.completions.create(model="gpt-4o", messages=messages, functions=[weather])
            call = called.choices[0].message.function_call
            assert call is not None
            messages += [
                {"role": "assistant", "content": None, "function_call": call.model_dump()},
                {"role": "function", "name": call.name, "content": f"mild in {json.loads(call.arguments)['location']}"},
            ]
            said = client.chat.completions.create(model="gpt-4o", messages=messages, functions=[weather])
            messages += [
                said.choices[0].message.model_dump(include={"role", "content"}),
                {"role": "user", "content": question},
            ]

    assert [message["content"] for message in messages if message["role"] == "assistant" and message["content"]] == [
        "In Boston: mild in Boston, MA",
        "In Paris: mild in Paris, France",
    ]


def test_a_path_that_is_there_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("three_cities").mkdir()
    own = Path("three_cities", "own.yaml")
    own.write_text("turns: [{text: a}]", encoding="utf-8")

    assert find("three_cities") == [own]
    assert find(own) == [own]
    assert load(own).turns[0].say == Reply("a")


@pytest.mark.parametrize("name", ["three_cites", "../three_cities"])
def test_an_unknown_name_is_told_with_the_nearest(name: str) -> None:
    with pytest.raises(UnknownScenario, match="Did you mean `three_cities`") as told:
        find(name)

    assert "Ready-made: ask_back, assistant, chain," in str(told.value)


def test_a_folder_without_scenarios_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(UnknownScenario, match="holds no scenario"):
        find(tmp_path)
