"""What the stories share: the document's conversation and a running mock."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import MockLLM

collect_ignore = ["downstream"]  # a project of its own, run by the story about it

CITIES = ("New York", "San Francisco", "Chicago")
TEMPERATURES = {"New York": 21, "San Francisco": 17, "Chicago": 13}
SYSTEM = "You are a helpful assistant that can access external functions."
QUESTION = "What is the current temperature of New York, San Francisco, and Chicago?"


@pytest.fixture
def llm() -> Iterator[MockLLM]:
    with MockLLM() as running:
        yield running


@pytest.fixture
def asked() -> dict[str, Any]:
    """The arguments of the document's request."""
    properties = {
        "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
    }
    function = {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {"type": "object", "properties": properties},
    }
    return {
        "model": "gpt-4o",
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": "auto",
    }


def get_current_weather(location: str, unit: str = "celsius") -> str:
    """The application's local function."""
    city = next(city for city in CITIES if city in location)
    return json.dumps({"location": location, "temperature": TEMPERATURES[city], "unit": unit})


def locations(calls: Any) -> list[str]:
    """The city that each call asks for, in order."""
    asked_for = [json.loads(call.function.arguments)["location"] for call in calls]
    return [next(city for city in CITIES if city in location) for location in asked_for]


def with_results(messages: list[Any], calls: Any) -> list[Any]:
    """The conversation after the application ran the calls."""
    said = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in calls
        ],
    }
    results = [
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": get_current_weather(**json.loads(call.function.arguments)),
        }
        for call in calls
    ]
    return [*messages, said, *results]
