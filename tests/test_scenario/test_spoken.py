"""What the user says in a turn: which messages count, and which of them open a scenario."""

import pytest

from mockserver.chat import Message, user_says, user_says_at_opening
from mockserver.scenario import Play, parse
from tests.test_scenario.conversations import answer, asked, called, miss, result, said, user, words

PICTURE = Message(
    "user", None, parts=({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},)
)

TURNS = [
    ((user("Describe this"), PICTURE), "Describe this"),
    ((PICTURE, user("Describe this")), "Describe this"),
    ((user("One."), user("Two.")), "One.\nTwo."),
    ((user("Old."), said("Which?"), user("New.")), "New."),
    ((user("Old."), said("Which?"), PICTURE), None),
    ((user("Old."), called("x"), result("x", "21")), "Old."),
    ((user("Old."), called("x"), result("x", "21"), user("New.")), "Old.\nNew."),
    ((user("First."), said("Yes."), user("Second."), said("Done.")), "Second."),
    ((user("Before."), said("Yes."), Message("system", "Go on.")), "Before."),
    ((Message("system", "Be short."),), None),
    ((), None),
]


@pytest.mark.parametrize(("messages", "text"), TURNS)
def test_the_user_says_what_came_since_the_last_answer(messages: tuple[Message, ...], text: str | None) -> None:
    assert user_says(messages) == text
    assert asked(*messages).request.user_text == (text or "")


def test_at_an_opening_calls_end_what_the_user_said_before() -> None:
    assert user_says_at_opening((user("Old."), called("x"), result("x", "21"), user("New."))) == "New."
    assert user_says_at_opening((user("Old."), PICTURE)) == "Old."


def test_a_condition_and_the_placeholder_see_the_same_text() -> None:
    play = Play(parse('scenario: s\nrules: [{when: {user_says: describe}, text: "You said: {user}"}]'))

    assert words(answer(play, user("Describe this"), PICTURE)) == "You said: Describe this"
    found = miss(play, user("Describe this"), said("Which?"), PICTURE)
    assert found.near[0].failures[0].found == "no text of the user since the model's last answer"


def test_a_picture_behind_the_text_opens_a_scenario_and_one_behind_an_answer_does_not() -> None:
    play = Play(parse("scenario: s\nturns: [{when: {user_says: describe}, text: A cat.}, {text: A dog.}]"))

    assert words(answer(play, user("Describe this"), PICTURE)) == "A cat."
    assert words(answer(play, user("Describe this"), PICTURE, said("A cat."), PICTURE)) == "A dog."
    miss(play, user("Hello"), said("Describe what?"), PICTURE)


def test_what_was_said_before_a_call_does_not_open_a_scenario_anew() -> None:
    play = Play(parse("scenario: s\nturns: [{when: {user_says: weather}, text: Mild.}]"))

    miss(play, user("The weather?"), called("x"), result("x", "21"), user("And now?"))


def test_of_very_many_messages_in_a_row_the_last_may_open_a_scenario_too() -> None:
    play = Play(parse("scenario: s\nturns: [{when: {user_says: {matches: 'bye$'}}, text: Bye.}]"))

    assert words(answer(play, *[user("Hello.")] * 20_000, user("Good bye"))) == "Bye."
