"""The third way: something goes wrong on purpose, in every way that fits the tools."""

import pytest

from mockserver import call
from travel_desk.agent import ask
from travel_desk.tools import Desk


@pytest.mark.faults("args_schema", "unknown_function", "truncated_json")
def test_a_wrong_call_is_told_to_the_model_and_never_run(mock_llm):
    mock_llm.script(call("book_flight", to="Tokyo", seats=2), "It did not work.")
    desk = Desk(confirm=lambda call: True)

    ask("Book me a flight to Tokyo, for two", desk)

    assert desk.bookings == []
    assert [found.verdict for found in mock_llm.conduct] == ["reported"]
