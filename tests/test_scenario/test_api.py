"""A scenario, a turn or a rule may be for one API alone, and a conversation is the same in every API."""

from dataclasses import replace

from mockserver.chat import Message
from mockserver.scenario import Match, MatchView, Play, dump, parse
from mockserver.wire.identity import conversation_digest
from tests.test_scenario.conversations import asked, user

FILE = """
scenario: two ways
api: messages
turns:
  - text: Good morning.
"""
RULE = """
rules:
  - when: {api: responses}
    text: By Responses.
  - text: By any API.
"""


def test_a_scenario_is_for_one_api() -> None:
    play = Play(parse(FILE, "two.yaml"))
    here = asked(user("Hello"))
    here.request = replace(here.request, api="messages")

    assert isinstance(play.answer(here), Match)
    (miss,) = play.near(asked(user("Hello")))
    assert miss.failures[0].condition == "api"


def test_a_rule_is_for_one_api() -> None:
    play = Play(parse(RULE, "rule.yaml"))
    there = asked(user("Hello"))
    there.request = replace(there.request, api="responses")

    assert answer_label(play, there) == "scenario:rule#rule1"
    assert answer_label(play, asked(user("Hello"))) == "scenario:rule#rule2"


def answer_label(play: Play, request: MatchView) -> str:
    found = play.answer(request)
    assert isinstance(found, Match)
    return found.label


def test_the_api_comes_back_from_a_dump() -> None:
    for text in (FILE, RULE):
        scenario = parse(text, "two.yaml")
        assert replace(parse(dump(scenario), "two.yaml"), place=None) == replace(scenario, place=None)


def test_what_is_said_follows_from_the_words_alone() -> None:
    request = asked(user("Hello")).request
    same = replace(request, api="gemini", stream=True, options={"temperature": 1})
    other = replace(request, messages=(Message("user", "Goodbye"),))

    assert conversation_digest(request) == conversation_digest(same)
    assert conversation_digest(request) != conversation_digest(other)
