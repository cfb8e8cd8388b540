"""From a recording to a script: rules that say just what was recorded, and more."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import ApiError, ChatRequest, Message, Reply, Tool, ToolCall, call
from mockserver.recording.compare import meaning
from mockserver.recording.generalise import generalise
from mockserver.recording.ordering import ordered_scenario
from mockserver.scenario import Match, MatchView, Play, Recording, Scenario, Turn, dump, parse

WEATHER = Tool("get_weather", "", {"type": "object", "properties": {"city": {"type": "string"}}})


def conversation(
    city: str, temperature: Any, question: str = "How warm is it in {}?", answer: str = "In {}: {} C."
) -> list[Turn]:
    """A question, a call, its result, and the answer."""
    user = Message("user", question.format(city))
    made = Reply(calls=[ToolCall("get_weather", json.dumps({"city": city}), "call_1")])
    history = (user, Message("assistant", None, tuple(made.calls)))
    result = Message("tool", json.dumps({"temperature": temperature}), tool_call_id="call_1")
    asked = ChatRequest("m", (user,), (WEATHER,))
    answered = ChatRequest("m", (*history, result), (WEATHER,))
    return [Turn(made, heard=asked), Turn(Reply(answer.format(city, temperature)), heard=answered)]


def recording(*turns: Turn) -> Scenario:
    return ordered_scenario("weather", Recording(), turns)


def said(scenario: Scenario, turn: Turn) -> Any:
    assert turn.heard is not None
    found = Play(scenario).answer(MatchView(turn.heard))
    return meaning(found.say) if isinstance(found, Match) else None


def test_what_question_and_call_share_becomes_a_capture() -> None:
    made = generalise(recording(*conversation("Oslo", 7))).scenario

    assert dump(made) == (
        "scenario: weather\n"
        "rules:\n"
        "  - name: how-warm-is-it-in\n"
        "    when: {user_says: {matches: '(?s)^How warm is it in (?P<city>.+)\\?$'}, tool_results: 0}\n"
        "    calls:\n"
        "      - call: get_weather\n"
        '        with: {city: "{capture.city}"}\n'
        "  - name: results\n"
        "    when: {user_says: {matches: '(?s)^How warm is it in (?P<city>.+)\\?$'}, tool_results: 1}\n"
        '    text: "In {capture.city}: {result.get_weather.0.temperature} C."\n'
    )


def test_the_script_answers_what_was_never_recorded() -> None:
    made = generalise(recording(*conversation("Oslo", 7))).scenario

    for turn in conversation("Rome", 23):
        assert said(made, turn) == meaning(turn.say)


def test_conversations_of_one_form_become_one_rule() -> None:
    turns = [turn for city, warmth in (("Oslo", 7), ("Paris", 14), ("Rome", 23)) for turn in conversation(city, warmth)]

    assert len(generalise(recording(*turns)).scenario.rules) == 2


def test_what_cannot_be_told_from_the_question_stays_word_for_word() -> None:
    turns = [*conversation("Oslo", 7), *conversation("Rome", 7, answer="Warm for {} at {}, they say.")]
    found = generalise(recording(*turns))

    assert all(said(found.scenario, turn) == meaning(turn.say) for turn in recording(*turns).turns)
    assert any("word for word" in note for note in found.notes)


def test_several_answers_to_one_request_stay_as_they_were_recorded() -> None:
    heard = ChatRequest("m", (Message("user", "Roll."),))
    found = generalise(recording(Turn(Reply("Three."), heard=heard), Turn(Reply("Six."), heard=heard)))

    assert len(found.scenario.turns) == 2
    assert found.notes[0] == "roll: stays as it was recorded, as the same request has several answers"


def test_errors_and_calls_that_fit_no_tool_are_kept() -> None:
    wrong = ChatRequest("m", (Message("user", "Wrong."),), (WEATHER,))
    turns = [
        Turn(ApiError(429, "Slow down.", "requests", code="slow"), heard=ChatRequest("m", (Message("user", "Fast."),))),
        Turn(Reply(calls=[call("no_such_tool", arguments="{broken")]), heard=wrong),
    ]
    found = generalise(recording(*turns)).scenario

    assert [said(found, turn) for turn in turns] == [meaning(turn.say) for turn in turns]


words = st.text("abc de{}.?", min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(conversation, words, st.integers(0, 3) | words, st.just("{} now"), st.sampled_from(["{} {}", "{1}"])),
        min_size=1,
        max_size=3,
    )
)
def test_every_recorded_exchange_is_reproduced(conversations: list[list[Turn]]) -> None:
    recorded = recording(*(turn for turns in conversations for turn in turns))

    made = parse(dump(generalise(recorded).scenario))

    play = Play(made)
    for turn in recorded.turns:
        assert turn.heard is not None
        found = play.answer(MatchView(turn.heard))
        assert isinstance(found, Match)
        assert meaning(found.say) == meaning(turn.say)
