"""The second way: what the model says stands in a file."""

import pytest

from travel_desk.agent import ask


@pytest.mark.scenario("warmest_city.yaml")
def test_the_warmest_city_is_found(mock_llm):
    assert ask("Which is the warmest of Oslo, Paris and Tokyo?") == "Tokyo, with 19 degrees."
