"""How long it takes to find who answers: among many rules, and in a long conversation."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall, call
from mockserver.scenario import Match, MatchView, Play, Rule, Scenario, Turn, When, as_say

ROUNDS = 5
REQUESTS = 2_000
SYSTEM = Message("system", "You are a helpful assistant that can access external functions.")


def among_rules() -> Iterator[tuple[str, float]]:
    """Seconds for one request, every one another: with texts alone, and when every third rule is a pattern."""
    for kinds, what in ((2, "texts"), (3, "texts and patterns")):
        for count in (10, 1_000, 10_000):
            rules = tuple(Rule(Reply(f"Order {n} is on its way."), _condition(n, n % kinds)) for n in range(count))
            questions = [f"What is the status of order number {n % count} today?" for n in range(REQUESTS)]
            yield f"among {count:,} rules ({what})", _seconds(Play(Scenario("orders", rules=rules)), questions)


def in_a_conversation() -> Iterator[tuple[str, float]]:
    """Seconds for one request that brings so many messages along."""
    turns = (
        Turn(as_say(call("get_current_weather", location="Oslo")), When.of(user_says="temperature")),
        Turn(Reply("Cold."), When.of(tool_results=1)),
    )
    for count in (4, 2_000):
        play = Play(Scenario("weather", turns=turns))
        yield f"in a conversation of {count:,} messages", _seconds(play, ["The temperature?"] * 200, _talk(count))


def _condition(number: int, kind: int) -> When:
    text = f"order number {number} "
    whole = {"equals": f"What is the status of {text}today?"}
    return When.of(user_says=(text, whole, {"matches": rf"(?i)status of {text}(?P<day>\w+)"})[kind])


def _talk(count: int) -> tuple[Message, ...]:
    round_of_four = (
        Message("user", "The temperature?"),
        Message("assistant", None, (ToolCall("get_current_weather", "{}", "call_1"),)),
        Message("tool", "1", tool_call_id="call_1"),
        Message("assistant", "Cold."),
    )
    return round_of_four * (count // 4)


def _seconds(play: Play, questions: list[str], before: tuple[Message, ...] = ()) -> float:
    tools = (Tool("get_current_weather"),)
    requests = [ChatRequest("gpt-4o", (SYSTEM, *before, Message("user", text)), tools) for text in questions]
    rounds = []
    for _ in range(ROUNDS):
        asked = [MatchView(replace(request)) for request in requests]
        begun = time.perf_counter()
        found = [play.answer(each) for each in asked]
        rounds.append((time.perf_counter() - begun) / len(asked))
        assert all(isinstance(each, Match) for each in found)
    return statistics.median(rounds)
