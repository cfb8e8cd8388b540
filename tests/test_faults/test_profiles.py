"""Profiles and rates: faults happen as often as they say, to the same requests under the same seed."""

import json
import subprocess
import sys
from collections import Counter
from math import sqrt
from urllib.request import Request, urlopen

import pytest

from mockserver import MockLLM
from mockserver.chat import ChatRequest, Message, Reply, Tool, ToolCall
from mockserver.faults import PROFILES, SchedulePoint, Sources, UnknownProfile, inject, parse, profile
from mockserver.faults.profiles import Situation
from mockserver.scenario import ScenarioErrors
from mockserver.scenario import parse as parse_scenario
from mockserver.simulate.invent import invent
from mockserver.wire.identity import content_seed
from tests.test_simulate.schemas import TEXT, taking

REQUESTS = 10_000
UNIT = {"type": "string", "enum": ["celsius", "fahrenheit"]}
WEATHER = Tool("get_current_weather", parameters=taking(["location", "unit"], location=TEXT, unit=UNIT))
CLOCK = Tool("get_time", parameters=taking(place=TEXT))
CALLS = tuple(
    ToolCall(WEATHER.name, json.dumps({"location": place, "unit": "celsius"})) for place in ("Reykjavik", "Lagos")
)


def asked(*tools: Tool) -> ChatRequest:
    return ChatRequest("gpt-4o", (Message("user", "How warm is it there?"),), tools)


def struck(sources: Sources, reply: Reply, request: ChatRequest, number: int, seed: str = "7") -> tuple[str, ...]:
    """The faults of the nth different request under a seed."""
    moment = SchedulePoint(1, 1, content_seed(seed, b"%d" % number))
    return inject(reply, request, sources, moment, invent)[1].names


def within_three_sigma(counted: int, rate: float) -> bool:
    return abs(counted - REQUESTS * rate) <= 3 * sqrt(REQUESTS * rate * (1 - rate))


def rates_of(name: str, calls: int, tools: int, strict: bool = False) -> dict[str, float]:
    return PROFILES[name].rates(Situation(tools > 1, calls, strict))


@pytest.mark.parametrize(("name", "calls"), [("small_8b_2024", 2), ("frontier_2024", 1), ("small_1b_2024", 2)])
def test_a_profile_breaks_as_many_replies_as_it_says(name: str, calls: int) -> None:
    reply, request, sources = Reply(calls=CALLS[:calls]), asked(WEATHER, CLOCK), Sources(profile=profile(name))

    counted = Counter(found for number in range(REQUESTS) for found in struck(sources, reply, request, number))

    expected = rates_of(name, calls, 2)
    assert {
        fault: counted[fault] for fault, rate in expected.items() if not within_three_sigma(counted[fault], rate)
    } == {}
    assert counted.keys() <= expected.keys()


def test_the_same_seed_breaks_the_same_requests_in_any_order() -> None:
    reply, request = Reply(calls=CALLS), asked(WEATHER, CLOCK)
    sources = Sources(profile=profile("small_1b_2024"))

    there = {number: struck(sources, reply, request, number) for number in range(500)}
    back = {number: struck(sources, reply, request, number) for number in reversed(range(500))}
    elsewhere = {number: struck(sources, reply, request, number, "8") for number in range(500)}

    assert there == back
    assert there != elsewhere


def test_rates_of_one_stage_share_a_draw_and_each_happens_as_often_as_it_says() -> None:
    sources = Sources(server=parse("unknown_param:rate=0.3; misnamed_param:rate=0.3; enum_violation:rate=0.3"))

    counted = Counter(
        found for number in range(REQUESTS) for found in struck(sources, Reply(calls=CALLS), asked(WEATHER), number)
    )

    assert all(within_three_sigma(counted[name], 0.3) for name in ("unknown_param", "misnamed_param", "enum_violation"))


def test_a_strict_tool_keeps_its_types_and_names() -> None:
    loose, strict = rates_of("small_8b_2024", 1, 1), rates_of("small_8b_2024", 1, 1, strict=True)

    assert loose.keys() - strict.keys() == {
        *("truncated_json", "missing_closing_brace", "string_as_number"),
        *("enum_violation", "unknown_param", "misnamed_param"),
    }


def test_the_serial_reasoner_makes_one_call_a_turn() -> None:
    assert rates_of("serial_reasoner", 2, 1) == {"sequential_instead_of_parallel": 1.0}


def test_the_rates_of_an_outcome_add_up_to_what_was_published() -> None:
    assert round(sum(rates_of("gpt35_2024", 1, 1).values()), 6) == 0.053
    assert round(sum(rates_of("small_1b_2024", 2, 2).values()), 6) == 0.85


def test_every_profile_says_where_it_comes_from() -> None:
    assert len(PROFILES) == 11
    assert all("BFCL" in one.source and "our own derivation" in one.source for one in PROFILES.values())


def test_an_unknown_profile_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UnknownProfile, match="Did you mean 'serial_reasoner'"):
        profile("serial_reasonr")


ASKED = {
    "model": "o3",
    "messages": [{"role": "user", "content": "Weather in Oslo, Paris and Rome?"}],
    "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": taking(city=TEXT)}}],
}
PROFILED = """
scenario: one at a time
profile: serial_reasoner
turns:
  - calls: [{call: get_weather, with: {city: Oslo}}, {call: get_weather, with: {city: Paris}}]
"""


JSON = {"content-type": "application/json"}


def calls_made(llm: MockLLM) -> int:
    request = Request(f"{llm.base_url}/chat/completions", json.dumps(ASKED).encode(), JSON)
    with urlopen(request) as response:
        assert response.headers["x-mock-fault"] == "sequential_instead_of_parallel"
        return len(json.load(response)["choices"][0]["message"]["tool_calls"])


def test_a_profile_is_chosen_from_python() -> None:
    with MockLLM(profile="serial_reasoner") as llm:
        assert calls_made(llm) == 1


def test_a_profile_goes_with_any_provider() -> None:
    with MockLLM(profile="serial_reasoner", provider="aimlapi") as llm:
        assert calls_made(llm) == 1


def test_a_profile_is_chosen_in_a_scenario() -> None:
    with MockLLM(scenario=parse_scenario(PROFILED)) as llm:
        assert calls_made(llm) == 1


def test_the_command_line_and_check_report_an_unknown_profile() -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--profile", "frontier"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "No profile is called 'frontier'" in ran.stderr
    with pytest.raises(ScenarioErrors, match="profile: No profile is called 'serial'"):
        parse_scenario(PROFILED.replace("serial_reasoner", "serial"))
