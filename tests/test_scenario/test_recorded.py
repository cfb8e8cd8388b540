"""Recorded turns: each answers the one request that it was the answer to."""

from dataclasses import replace

import pytest

from mockserver.chat import ChatRequest, Message, Reply, call
from mockserver.redaction import Sanitiser
from mockserver.scenario import Match, MatchView, Miss, Play, Recording, Scenario, Turn

KEY = "key-of-the-client-1234"


def question(text: str) -> ChatRequest:
    return ChatRequest("gpt-4o", (Message("system", "Be brief."), Message("user", text)))


def play(*exchanges: tuple[str, str], personal: bool = False, sanitiser: Sanitiser | None = None) -> Play:
    turns = tuple(Turn(Reply(said), heard=question(text)) for text, said in exchanges)
    return Play(Scenario("weather", turns=turns, recording=Recording(personal=personal)), sanitiser=sanitiser)


def answer(recording: Play, text: str, session: str = "") -> str | None:
    found = recording.answer(MatchView(question(text), session=session))
    return found.say.text if isinstance(found, Match) and isinstance(found.say, Reply) else None


def test_a_request_gets_the_answer_that_it_got() -> None:
    recording = play(("Oslo?", "Cold."), ("Paris?", "Mild."))

    found = recording.answer(MatchView(question("Paris?")))

    assert isinstance(found, Match)
    assert (found.say, found.label) == (Reply("Mild."), "recording:weather#turn2")


def test_equal_requests_get_their_answers_in_order_and_the_last_again() -> None:
    recording = play(("Roll.", "Three."), ("Oslo?", "Cold."), ("Roll.", "Six."))

    assert [answer(recording, "Roll.") for _ in range(4)] == ["Three.", "Six.", "Six.", "Six."]


def test_every_session_has_its_own_place_in_the_line() -> None:
    recording = play(("Roll.", "Three."), ("Roll.", "Six."))

    assert [answer(recording, "Roll.", session) for session in "abab"] == ["Three.", "Three.", "Six.", "Six."]


def test_what_was_not_asked_for_is_known() -> None:
    recording = play(("Oslo?", "Cold."), ("Paris?", "Mild."))
    answer(recording, "Paris?")

    assert [turn.say for turn in recording.unplayed()] == [Reply("Cold.")]


def test_braces_in_recorded_words_are_no_placeholders() -> None:
    assert answer(play(("How?", "Write {user} or {result.x}.")), "How?") == "Write {user} or {result.x}."


def test_a_recorded_reply_contradicts_nothing() -> None:
    said = Reply(calls=[call("never_offered", arguments='{"broken')])
    recording = Play(Scenario("odd", turns=(Turn(said, heard=question("Go.")),), recording=Recording()))

    found = recording.answer(MatchView(question("Go.")))

    assert isinstance(found, Match)
    assert found.contradiction is None


def test_a_miss_says_where_the_nearest_exchange_differs() -> None:
    missed = play(("Oslo?", "Cold."), ("What about Paris?", "Mild.")).answer(MatchView(question("What about Rome?")))

    assert isinstance(missed, Miss)
    assert missed.nearest is not None
    assert missed.nearest.what == "turn 1"
    assert [(at.path, at.recorded, at.asked) for at in missed.nearest.differences] == [
        ("messages[1].content", "Oslo?", "What about Rome?")
    ]


def test_the_secret_that_was_taken_out_is_taken_out_of_requests_too() -> None:
    sanitiser = Sanitiser(["correct horse"])

    assert answer(play(("It is <secret>.", "Noted."), sanitiser=sanitiser), "It is correct horse.") == "Noted."


@pytest.mark.parametrize("headers", [{"authorization": f"Bearer {KEY}"}, {"api-key": KEY}])
def test_the_clients_own_key_may_stand_in_a_prompt(headers: dict[str, str]) -> None:
    recording = play(("My key is <secret>.", "Keep it."))

    found = recording.answer(MatchView(question(f"My key is {KEY}."), headers=headers))

    assert isinstance(found, Match)


def test_a_secret_that_is_not_recognised_is_said_to_be_one() -> None:
    missed = play(("It is <secret>.", "Noted.")).answer(MatchView(question("It is correct horse.")))

    assert isinstance(missed, Miss)
    assert missed.nearest is not None
    assert [difference.hides_a_secret for difference in missed.nearest.differences] == [True]


def test_personal_data_are_told_apart_and_not_compared() -> None:
    recording = play(("Write to a@x.org, then b@x.org.", "Done."), personal=True)

    assert answer(recording, "Write to ann@y.com, then bob@y.com.") == "Done."
    assert answer(recording, "Write to ann@y.com, then ann@y.com.") is None


def test_ids_of_calls_are_drawn_anew_for_each_answer() -> None:
    said = Reply(calls=[replace(call("look_up"), id="call_1"), replace(call("look_up"), id="call_2")])
    recording = Play(Scenario("ids", turns=(Turn(said, heard=question("Go.")),), recording=Recording()))

    found = recording.answer(MatchView(question("Go.")))

    assert isinstance(found, Match)
    assert isinstance(found.say, Reply)
    assert [each.id for each in found.say.calls] == [None, None]
