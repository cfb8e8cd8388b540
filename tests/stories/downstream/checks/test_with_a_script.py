"""The first way: what the model says stands in the test."""

from mockserver import call, refuse
from travel_desk.agent import ask
from travel_desk.tools import Desk


def test_nothing_is_booked_without_a_yes(mock_llm):
    mock_llm.script(call("book_flight", to="Tokyo"), "Then I shall not book it.")
    desk = Desk(confirm=lambda call: False)

    assert ask("Book me a flight to Tokyo", desk) == "Then I shall not book it."
    assert desk.bookings == []


def test_a_busy_model_is_asked_again(mock_llm):
    mock_llm.script(refuse(429, retry_after=0), "Good morning.")

    assert ask("Hello") == "Good morning."
    mock_llm.expect.attempts(2).waits_obeyed()


def test_results_come_back_together(mock_llm):
    mock_llm.script([call("get_current_weather", location=city) for city in ("Oslo", "Paris")], "Paris is warmer.")

    ask("Which is warmer, Oslo or Paris?")

    with mock_llm.expect as expect:
        expect.requests(2)
        expect.offered("get_current_weather", "book_flight")
        expect.answered("get_current_weather", {"temperature": 4}, location="Oslo")
        expect.every_call_answered()
        expect.history_kept()
