"""One input does not stop the server: what asks for too much is refused, with place and reason."""

from typing import Any

import pytest

from mockserver import MockLLM, Reply
from mockserver.chat import ChatRequest
from mockserver.scenario import Play, Scenario, Turn
from mockserver.scenario.match_view import MatchView
from tests.test_server.conftest import HELLO, request, said


def asking(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A request that forces a call of a tool whose parameter `note` has this schema."""
    parameters = {"type": "object", "properties": {"note": schema}, "required": ["note"]}
    tool = {"type": "function", "function": {"name": "keep", "parameters": parameters}}
    return {**HELLO, "tools": [tool], "tool_choice": "required", **more}


def test_a_schema_that_asks_for_too_much_is_a_422_that_names_tool_place_and_bound() -> None:
    with MockLLM(fallback="simulate") as llm:
        answer = said(llm.base_url, request(asking({"type": "string", "minLength": 1_000_000}), connection="close"))

    assert (answer.status, answer.error["code"]) == (422, "schema_out_of_bounds")
    assert "the tool 'keep' at $.note: `minLength`: it asks for 1000000 characters" in answer.error["message"]
    assert answer.headers["x-should-retry"] == "false"


def test_many_choices_of_a_long_answer_are_refused() -> None:
    with MockLLM(fallback="simulate") as llm:
        body = asking({"type": "string", "minLength": 90_000}, n=128)
        answer = said(llm.base_url, request(body, connection="close"))

    assert (answer.status, answer.error["code"]) == (422, "schema_out_of_bounds")
    assert "`n`: 128 choices of" in answer.error["message"]


def test_a_fault_that_needs_such_a_value_is_refused_likewise() -> None:
    with MockLLM(fallback="simulate") as llm:
        body = asking({"type": "string", "minLength": 1_000_000})
        answer = said(llm.base_url, request(body, x_mock_fault="call_when_irrelevant", connection="close"))

    assert (answer.status, answer.error["code"]) == (422, "schema_out_of_bounds")


def test_a_turn_that_is_said_a_billion_times_takes_no_more_room_than_one() -> None:
    turns = (Turn(Reply("again"), times=10**9), Turn(Reply("never")))
    play = Play(Scenario("often", order="arrival", turns=turns))

    found = [play.answer(MatchView(ChatRequest("gpt-4o", ()), 1, "session", {})) for _ in range(3)]

    assert [match.label for match in found] == ["scenario:often#turn1"] * 3  # type: ignore[union-attr]  # all answer


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress"])
def test_a_body_packed_in_another_way_is_a_415(encoding: str) -> None:
    with MockLLM(fallback="simulate") as llm:
        answer = said(llm.base_url, request(b"\x28\xb5\x2f\xfd", content_encoding=encoding, connection="close"))

    assert (answer.status, answer.error["code"]) == (415, "unsupported_content_encoding")
    assert f"'{encoding}'" in answer.error["message"]
