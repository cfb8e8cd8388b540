"""The ready-made scenarios, played as their users would."""

from pathlib import Path

import pytest

from mockserver.chat import Reply
from mockserver.scenario import Play, UnknownScenario, find, library, load
from mockserver.scenario.check import check
from tests.test_scenario.conversations import Application, answer, user, values


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

    assert "Ready-made: assistant, extraction," in str(told.value)


def test_a_folder_without_scenarios_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(UnknownScenario, match="holds no scenario"):
        find(tmp_path)
