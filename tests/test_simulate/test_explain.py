"""What is told of an answer of the simulated model: `mockserver explain`, the journal's `why`; eagerness, invention."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.chat import Tool
from mockserver.cli import main
from mockserver.simulate import Habits, simulate
from tests.test_simulate.conversation import NUMBER, TEXT, WEATHER, WHOLE, ask, calls, tool

TRAIN = {
    "type": "function",
    "function": {
        "name": "find_train",
        "description": "Find trains to a city",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "day": {"type": "string", "format": "date"},
                "rail_card": {"type": "string"},
                "class": {"type": "string", "enum": ["first", "second"], "default": "second"},
            },
            "required": ["city", "day", "rail_card", "class"],
        },
    },
}
BODY = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "The rail card is RC-12."},
        {"role": "user", "content": "Find a train to Bonn tomorrow"},
    ],
    "tools": [TRAIN],
}


def explained(tmp_path: Path, capsys: pytest.CaptureFixture[str], body: Any, *options: str) -> tuple[int, Any]:
    (tmp_path / "request.json").write_text(json.dumps(body), encoding="utf-8")
    code = main(["explain", "--json", str(tmp_path / "request.json"), *options])
    return code, json.loads(capsys.readouterr().out)


def test_each_value_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = explained(tmp_path, capsys, BODY)

    assert (code, found["api"], found["status"], found["match"]) == (0, "chat_completions", 200, "simulated")
    assert [(one["path"], one["evidence"]["kind"], one["evidence"]["text"]) for one in found["values"]] == [
        ("city", "said", "Bonn"),
        ("day", "said", "tomorrow"),
        ("rail_card", "system", "RC-12"),
        ("class", "default", None),
    ]
    place = found["values"][0]["evidence"]
    assert BODY["messages"][place["message"]]["content"][place["start"] : place["end"]] == "Bonn"


def test_each_tool_is_told_with_its_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drop = {"type": "function", "function": {"name": "delete_train", "description": "Delete a train"}}
    _, found = explained(tmp_path, capsys, {**BODY, "tools": [drop, TRAIN]})

    assert [(one["name"], one["called"]) for one in found["tools"]] == [("find_train", True), ("delete_train", False)]
    assert found["tools"][0]["score"] > found["tools"][1]["score"]
    assert "do not ask for that" in found["tools"][1]["why"]


def test_a_scenario_that_does_not_match_is_a_problem_with_near_misses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "trains.yaml"
    scenario.write_text("scenario: trains\nturns:\n  - when: {user_says: bus}\n    text: No.\n", encoding="utf-8")
    code, found = explained(tmp_path, capsys, BODY, str(scenario))

    assert (code, found["reply"], found["match"]) == (1, None, None)
    assert found["near_misses"][0]["scenario"] == "trains"
    assert (found["tools"], found["values"]) == ([], [])


def test_a_scenario_that_matches_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "trains.yaml"
    scenario.write_text("scenario: trains\nturns:\n  - text: At nine.\n", encoding="utf-8")
    code, found = explained(tmp_path, capsys, BODY, str(scenario))

    assert (code, found["match"], found["reply"]["text"]) == (0, "scenario:trains#turn1", "At nine.")


def test_the_api_is_told_by_the_body(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 9,
        "system": "x",
        "messages": [{"role": "user", "content": "Hi"}],
    }

    assert explained(tmp_path, capsys, {"model": "gpt-4o", "input": "Hi"})[1]["api"] == "responses"
    assert explained(tmp_path, capsys, message)[1]["api"] == "messages"


def test_a_refused_request_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = explained(tmp_path, capsys, {"model": "gpt-4o"})

    assert (code, found["status"], found["reply"]) == (1, 400, None)
    assert "messages" in found["error"]["message"]


def test_what_is_not_json_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "request.json").write_text("{", encoding="utf-8")

    assert main(["explain", str(tmp_path / "request.json")]) == 2
    assert "is not JSON" in capsys.readouterr().err


def test_people_read_it_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "request.json").write_text(json.dumps(BODY), encoding="utf-8")

    assert main(["explain", str(tmp_path / "request.json")]) == 0
    assert "city = \"Bonn\": said in message 1, characters 16-20: 'Bonn'" in capsys.readouterr().out


def test_the_journal_has_the_same_evidence() -> None:
    import urllib.request

    with MockLLM() as llm:
        for body in (BODY, {key: BODY[key] for key in ("model", "messages")}):
            sent = urllib.request.Request(
                f"{llm.base_url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
            )
            urllib.request.urlopen(sent).read()
        with urllib.request.urlopen(llm.base_url.removesuffix("/v1") + "/_mock/journal") as answer:
            exchanges = json.loads(answer.read())["exchanges"]

    assert exchanges[0]["why"]["values"][0]["evidence"]["text"] == "Bonn"
    assert exchanges[1]["why"]["values"] == []


def test_an_eager_model_calls_the_likeliest_tool_but_not_in_small_talk() -> None:
    request = "I am off to Oslo."
    habits = Habits(eager=True)

    assert calls(request, WEATHER) == []
    assert [call.name for call in eagerly(request, WEATHER, habits=habits)] == [WEATHER.name]
    assert eagerly("Thanks a lot!", WEATHER, habits=habits) == ()
    assert eagerly("My order never came.", tool("cancel_order", "Cancel an order", order_id=TEXT), habits=habits) == ()


def eagerly(said: str, offered: Tool, habits: Habits) -> Any:
    from mockserver.chat import ChatRequest, Message

    return simulate(ChatRequest("gpt-4o", (Message("user", said),), (offered,)), "seed", habits).calls


def test_what_may_be_made_up_is_chosen() -> None:
    search = tool("search_rooms", "Search rooms", city=TEXT, limit=WHOLE)
    review = tool("add_review", "Add a review of a hotel", hotel=TEXT, stars=WHOLE)
    said = "Search rooms in Graz"

    assert [bool(eagerly(said, search, Habits(invent=one))) for one in ("none", "reading", "all")] == [
        False,
        True,
        True,
    ]
    acts = [
        bool(eagerly("Add a review of the Linde", review, Habits(invent=one))) for one in ("none", "reading", "all")
    ]
    assert acts == [False, False, True]


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("Send an email.", tool("send_email", "Send an email", to=TEXT, body=TEXT)),
        ("Pay my landlord.", tool("pay", "Pay money", iban=TEXT, amount=NUMBER)),
        ("Use bash to tidy up.", tool("bash", "Run a shell command", command=TEXT)),
        ("Write a file with a poem.", tool("write", "Write a file", path=TEXT, content=TEXT)),
    ],
)
def test_what_could_do_harm_is_never_made_up(said: str, offered: Tool) -> None:
    assert eagerly(said, offered, Habits(eager=True, invent="all")) == ()
    assert ask(said, offered).text
