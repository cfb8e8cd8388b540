"""Whose turn it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import Message, Reply, Tool, ToolChoice, call
from mockserver.scenario import (
    Match,
    MatchView,
    Play,
    Rule,
    Scenario,
    Turn,
    UnresolvedPlaceholder,
    When,
    answer_from,
    as_say,
    refuse,
)
from mockserver.scenario.scenario_model import Order
from tests.test_scenario.conversations import (
    Application,
    answer,
    asked,
    called,
    miss,
    result,
    said,
    status,
    user,
    words,
)

TEMPERATURE = When.of(user_says="temperature")
CALL = Turn(as_say(call("get_current_weather", location="Oslo")), TEMPERATURE)
SUMMARY = Turn(Reply("Cold."), When.of(tool_results=1))
WEATHER = Scenario("weather", turns=(CALL, SUMMARY))
ASKED_TWICE = (user("Temperature?"), called("a"), result("a", "1"), said("Cold."), user("The temperature of Rome?"))


def script(*turns: object, order: Order = "conversation", rules: tuple[Rule, ...] = ()) -> Play:
    made = tuple(turn if isinstance(turn, Turn) else Turn(as_say(turn)) for turn in turns)
    return Play(Scenario("s", order=order, turns=made, rules=rules))


def test_the_first_turn_answers_the_question_and_the_second_the_results() -> None:
    play = Play(WEATHER)

    assert answer(play, user("The temperature of Oslo?")).label == "scenario:weather#turn1"
    assert answer(play, user("The temperature of Oslo?"), called("a"), result("a", "1")).label.endswith("#turn2")


def test_a_retry_gets_the_same_turn() -> None:
    play = Play(WEATHER)

    first, retried = (answer(play, user("temperature"), attempt=attempt) for attempt in (1, 2))

    assert first == retried


def test_a_question_asked_anew_starts_anew() -> None:
    assert answer(Play(WEATHER), *ASKED_TWICE).label == "scenario:weather#turn1"


def test_a_follow_up_goes_on() -> None:
    play = script(
        Turn(Reply("Hello."), When.of(user_says="hi")), Turn(Reply("It is Oslo."), When.of(user_says="which"))
    )

    assert words(answer(play, user("Hi"), said("Hello."), user("Which city?"))) == "It is Oslo."


def test_without_a_condition_a_scenario_opens_at_the_first_user_message_only() -> None:
    play = script("one")

    assert words(answer(play, Message("system", "Be short."), user("a"))) == "one"
    assert miss(play, user("a"), said("one"), user("b")).near


def test_only_user_messages_open_a_scenario() -> None:
    missed = miss(script("one"), Message("system", "temperature"))

    assert missed.near[0].failures[0].found == "no user message"


def test_a_condition_without_text_is_judged_at_the_opening() -> None:
    play = script(Turn(Reply("one"), When.of(turn=1)), "two")

    assert words(answer(play, user("a"), said("one"), user("b"))) == "two"


def test_a_conversation_that_opened_stays_open_when_the_application_changes_its_options() -> None:
    forced = Turn(as_say(call("get_current_weather")), When.of(tool_choice="required", tools=["get_current_weather"]))
    later = (user("a"), called("a"), result("a", "1"))

    assert answer(script(forced), user("a"), tool_choice=ToolChoice("required")).label.endswith("#turn1")
    assert words(answer(script(forced, "two"), *later, tools=())) == "two"


def test_a_turn_that_is_played_several_times_takes_as_many_places() -> None:
    play = script(Turn(Reply("again"), times=2), "last")

    assert words(answer(play, user("a"), said("again"), user("b"))) == "again"
    assert words(answer(play, user("a"), said("again"), user("b"), said("again"), user("c"))) == "last"


def test_an_error_holds_its_place_for_the_first_attempt() -> None:
    play = script(refuse(429), call("get_current_weather"), "done")

    assert status(answer(play, user("a"), attempt=1)) == 429
    assert answer(play, user("a"), attempt=2).label.endswith("#turn2")
    assert words(answer(play, user("a"), called("x"), result("x", "1"))) == "done"


def test_errors_one_after_the_other_hold_their_places_in_turn() -> None:
    play = script(Turn(refuse(429), times=2), refuse(500), "done")

    assert [status(answer(play, user("a"), attempt=attempt)) for attempt in (1, 2, 3)] == [429, 429, 500]
    assert words(answer(play, user("a"), attempt=4)) == "done"


def test_an_error_at_the_end_is_passed_over_as_well() -> None:
    play = script("hello", refuse(500))

    assert status(answer(play, user("a"), said("hello"), user("b"))) == 500
    assert miss(play, user("a"), said("hello"), user("b"), attempt=2).near


def test_rules_answer_what_no_turn_does() -> None:
    play = Play(Scenario("s", turns=WEATHER.turns, rules=(Rule(Reply("Welcome."), When.of(user_says="thanks")),)))

    assert answer(play, user("Thanks!")).label == "scenario:s#rule1"


def test_a_rule_with_calls_does_not_answer_a_tool_result() -> None:
    rule = Rule(as_say(call("get_current_weather")), When())

    missed = miss(script(rules=(rule,)), user("a"), called("x"), result("x", "1"))

    assert missed.near[0].failures[0].condition == "tool_results"


def test_a_rule_with_calls_that_names_tool_results_does() -> None:
    rule = Rule(as_say(call("get_current_weather")), When.of(tool_results=1))

    assert answer(script(rules=(rule,)), user("a"), called("x"), result("x", "1")).label.endswith("#rule1")


def test_a_rule_is_used_so_many_times_in_each_session() -> None:
    play = script(rules=(Rule(Reply("once"), When(), times=1),))

    answer(play, user("a"), session="one")

    assert miss(play, user("b"), session="one").near[0].failures[0].condition == "times"
    assert words(answer(play, user("b"), session="two")) == "once"


def test_a_scenario_for_other_models_keeps_silent() -> None:
    play = Play(Scenario("s", model="o1*", turns=(Turn(Reply("x")),)))

    assert words(answer(play, user("a"), model="o1-mini")) == "x"
    assert miss(play, user("a")).near[0].failures[0].condition == "model"


def test_scenarios_answer_in_the_order_of_loading_and_others_are_noted() -> None:
    plays = [Play(Scenario(name, turns=(Turn(Reply(name)),))) for name in ("first", "second")]

    found = answer_from(plays, asked(user("a")))

    assert isinstance(found, Match)
    assert (found.label, found.others) == ("scenario:first#turn1", ("scenario:second#turn1",))
    assert plays[1].unplayed()


def test_by_arrival_the_next_request_gets_the_next_turn() -> None:
    play = script("one", Turn(Reply("two"), times=2), "three", order="arrival")

    assert [words(answer(play, user("a"))) for _ in range(4)] == ["one", "two", "two", "three"]
    assert miss(play, user("a")).near[0].failures[0].condition == "turn"


def test_a_turn_that_is_given_back_is_the_next_again() -> None:
    play = Play(Scenario("s", turns=(Turn(Reply("One.")), Turn(Reply("Two."))), order="arrival"))
    first = answer(play, user("Hello"))
    assert first.undo is not None
    first.undo()

    assert [words(answer(play, user("Hello"))) for _ in range(2)] == ["One.", "Two."]


def test_by_arrival_each_session_starts_at_the_first_turn() -> None:
    play = script("one", "two", order="arrival")

    assert [words(answer(play, user("a"), session=name)) for name in "abab"] == ["one", "one", "two", "two"]


def test_by_arrival_a_condition_that_does_not_hold_is_told_and_uses_nothing_up() -> None:
    play = script(Turn(Reply("one"), When.of(user_says="temperature")), order="arrival")

    missed = miss(play, user("hello"))

    assert missed.near[0].what == "turn 1"
    assert words(answer(play, user("temperature"))) == "one"


def test_turns_that_nobody_asked_for_are_known() -> None:
    play = script("one", "two", order="arrival")

    answer(play, user("a"))

    assert [turn.say for turn in play.unplayed()] == [Reply("two")]


def test_after_a_reset_everything_is_as_at_the_start() -> None:
    play = script("one", order="arrival")
    answer(play, user("a"))

    play.reset()

    assert len(play.unplayed()) == 1
    assert words(answer(play, user("a"))) == "one"


def test_turns_can_be_appended_while_playing() -> None:
    play = script("one", order="arrival")
    answer(play, user("a"))

    play.append(turns=[Turn(Reply("two"))], rules=[Rule(Reply("rule"), When())])

    assert [words(answer(play, user("a"))) for _ in range(2)] == ["two", "rule"]


def test_a_reply_uses_the_name_under_which_the_tool_is_offered() -> None:
    offered = (Tool("weather-get_current_weather"),)

    match = answer(Play(WEATHER), user("temperature"), tools=offered)

    assert isinstance(match.say, Reply)
    assert match.say.calls[0].name == "weather-get_current_weather"


def test_a_label_is_ascii() -> None:
    play = Play(Scenario("Zürich", turns=(Turn(Reply("x")),)))

    assert answer(play, user("a")).label == "scenario:Z%C3%BCrich#turn1"


def test_a_conversation_of_two_thousand_messages_finds_its_turn() -> None:
    long = [message for _ in range(500) for message in ASKED_TWICE[:4]]

    assert answer(Play(WEATHER), *long, user("temperature")).label.endswith("#turn1")


@given(st.lists(st.integers(0, 99), min_size=100, max_size=300))
def test_interleaved_conversations_each_get_their_own_turns(order: list[int]) -> None:
    play = Play(Scenario("s", turns=tuple(Turn(Reply(f"reply {n}")) for n in range(10))))
    talks: dict[int, list[Message]] = {number: [] for number in range(100)}

    for number in order:
        talk = talks[number]
        position = len(talk) // 2
        if position == 10:
            continue
        talk.append(user(f"question {number}"))
        once, again = (words(answer(play, *talk, attempt=attempt)) for attempt in (1, 2))
        assert once == again == f"reply {position}"
        talk.append(said(once))


@pytest.mark.parametrize("question", ["The temperature of Oslo?", "TEMPERATURE"])
def test_an_application_is_taken_through_the_scenario(question: str) -> None:
    application = Application(WEATHER)

    assert application.ask(question) == "Cold."
    assert application.labels == ["scenario:weather#turn1", "scenario:weather#turn2"]


def test_the_same_request_with_another_header_gets_what_that_header_says() -> None:
    when = When.of(header={"x-city": {"matches": "(?P<city>.+)"}})
    play = Play(Scenario("s", rules=(Rule(Reply("{capture.city}"), when),)))
    request = asked(user("Where am I?")).request

    said = [play.answer(MatchView(request, headers={"x-city": city})) for city in ("Oslo", "Rome", "Oslo")]

    assert [match.say for match in said if isinstance(match, Match)] == [Reply("Oslo"), Reply("Rome"), Reply("Oslo")]


def system(text: str) -> Message:
    return Message("system", text)


TRIAGE, BILLING = system("You are the triage agent."), system("You are the billing agent.")
HANDOFF = (user("My bill is wrong."), called("a", name="hand_off"), result("a", "done"))


def test_another_agent_takes_over_where_a_later_turn_names_its_instructions() -> None:
    play = script(
        Turn(as_say(call("hand_off")), When.of(system_says="triage")),
        Turn(Reply("Which bill?"), When.of(system_says="billing")),
        Turn(Reply("Corrected.")),
    )
    tools = {"tools": (Tool("hand_off"),)}

    assert words(answer(play, BILLING, *HANDOFF, **tools)) == "Which bill?"
    assert words(answer(play, BILLING, *HANDOFF, said("Which bill?"), user("May."), **tools)) == "Corrected."
    assert isinstance(miss(play, TRIAGE, *HANDOFF, **tools).near, tuple)


def test_tools_and_model_of_the_opening_give_way_to_those_of_a_later_turn() -> None:
    play = script(
        Turn(as_say(call("hand_off")), When.of(tools=["hand_off"], model="small*")),
        Turn(Reply("Which bill?"), When.of(tools=["refund"], model="large*")),
    )

    found = answer(play, *HANDOFF, tools=(Tool("refund"),), model="large-1")

    assert words(found) == "Which bill?"


def test_instructions_of_the_opening_hold_while_no_turn_names_others() -> None:
    play = script(Turn(as_say(call("hand_off")), When.of(system_says="triage")), Turn(Reply("Which bill?")))

    missed = miss(play, BILLING, *HANDOFF, tools=(Tool("hand_off"),))

    assert [failure.condition for failure in missed.near[0].failures] == ["system_says"]


ORDERED = Turn(Reply("Noted."), When.of(user_says={"matches": r"order (?P<number>\d+)"}))
STATUS = Rule(Reply("Order {capture.number}."), When.of(user_says="which"))


def test_a_rule_knows_what_the_turns_before_it_caught() -> None:
    play = script(ORDERED, rules=(STATUS,))
    talk = (user("order 17"), said("Noted."))

    assert words(answer(play, *talk, user("which?"))) == "Order 17."
    assert words(answer(play, *talk, user("which?"), said("Order 17."), user("which one?"))) == "Order 17."
    assert words(answer(play, *talk, user("order 18"), said("Noted."), user("which?"))) == "Order 18."


def test_a_rule_knows_what_arrived_before_it_caught() -> None:
    play = script(ORDERED, order="arrival", rules=(STATUS,))
    answer(play, user("order 17"))

    assert words(answer(play, user("which?"))) == "Order 17."


def test_a_rule_has_no_captures_of_turns_that_were_never_played() -> None:
    with pytest.raises(UnresolvedPlaceholder):
        script(ORDERED, rules=(STATUS,)).answer(asked(user("a"), said("b"), user("which?")))


def test_own_captures_of_a_rule_win() -> None:
    own = Rule(Reply("Order {capture.number}."), When.of(user_says={"matches": r"which (?P<number>\w+)"}))

    assert (
        words(answer(script(ORDERED, rules=(own,)), user("order 17"), said("Noted."), user("which one")))
        == "Order one."
    )


BRANCH = Turn.either_of(
    Turn(
        Reply("Approved, {capture.who}."), When.of(tool_results={"get_current_weather": {"matches": "yes, (?P<who>A)"}})
    ),
    Turn(as_say(call("get_current_weather", location="Rome")), When.of(tool_results={"get_current_weather": "more"})),
    Turn(Reply("Denied.")),
)
CHECKED = (user("Check it."), called("a"))


def checking(*more: Turn, order: Order = "conversation") -> Play:
    return script(Turn(as_say(call("get_current_weather", location="Oslo"))), BRANCH, *more, order=order)


@pytest.mark.parametrize(
    ("content", "label", "text"),
    [
        ("yes, A", "scenario:s#turn2.1", "Approved, A."),
        ("more", "scenario:s#turn2.2", None),
        ("no", "scenario:s#turn2.3", "Denied."),
    ],
)
def test_the_first_alternative_that_holds_is_said(content: str, label: str, text: str | None) -> None:
    found = answer(checking(), *CHECKED, result("a", content))

    assert (found.label, words(found)) == (label, text)


def test_alternatives_are_one_place_and_their_captures_last() -> None:
    play = checking(Turn(Reply("Bye, {capture.who}.")))
    talk = (*CHECKED, result("a", "yes, A"), said("Approved, A."), user("Thanks"))

    assert words(answer(play, *talk)) == "Bye, A."
    assert answer(play, *talk).label == "scenario:s#turn3"


def test_alternatives_by_arrival_are_one_place() -> None:
    play = checking(order="arrival")

    assert words(answer(play, user("Check it."))) is None
    assert answer(play, *CHECKED, result("a", "no")).label == "scenario:s#turn2.3"
    assert [(label, played) for label, _, played in play.parts()] == [
        ("scenario:s#turn1", True),
        ("scenario:s#turn2.1", False),
        ("scenario:s#turn2.2", False),
        ("scenario:s#turn2.3", True),
    ]
    assert play.unplayed() == ()


def test_a_scenario_opens_where_an_alternative_of_its_first_turn_holds() -> None:
    play = script(
        Turn.either_of(
            Turn(Reply("Sunny."), When.of(user_says="weather")), Turn(Reply("Noon."), When.of(user_says="time"))
        ),
        Turn(Reply("Anything else?")),
    )

    assert words(answer(play, user("hi"), said("Hello."), user("The time?"))) == "Noon."
    assert (
        words(answer(play, user("hi"), said("Hello."), user("The time?"), said("Noon."), user("ok")))
        == "Anything else?"
    )


def test_where_no_alternative_holds_the_nearest_is_told() -> None:
    whens = [When.of(user_says="a", stream=True), When.of(user_says="b")]
    play = script(Turn(Reply("hi")), Turn.either_of(*(Turn(Reply("x"), when) for when in whens)))

    missed = miss(play, user("Hello"), said("hi"), user("c"))

    assert [(near.what, [failure.condition for failure in near.failures]) for near in missed.near] == [
        ("turn 2", ["either[1].user_says"])
    ]
