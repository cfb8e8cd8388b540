"""The demonstration, `python -m clientkit [BASE_URL] [--model NAME]`: an application that shows the four steps.

Three cities, a local weather function, and what is sent and received on the way.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO
from zlib import crc32

from clientkit.answer import Answer
from clientkit.chat import Chat
from clientkit.conversation import converse
from clientkit.display import printable, shorten
from clientkit.errors import ClientKitError
from clientkit.tools import tool

SYSTEM = (
    "You are a helpful assistant that can access external functions. The responses from these function calls will be "
    "appended to this dialogue. Please provide responses based on the information from these function calls."
)
QUESTION = "What is the current temperature of New York, San Francisco, and Chicago?"
DEFAULT_SERVER = "http://127.0.0.1:8080/v1"

# Degrees Celsius and the sky, where a real application would ask a weather service.
_WEATHER = {"new york": (22, "sunny"), "san francisco": (16, "foggy"), "chicago": (19, "windy")}
_SKIES = ("sunny", "cloudy", "rainy", "windy")
_WIDTH = 100
_ABOUT = "A complete application: three cities, a local weather function, and the four steps of function calling shown."


@tool
def get_current_weather(location: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict[str, Any]:
    """Get the current weather in a given location

    Args:
        location: The city and state, e.g. San Francisco, CA
    """
    city = location.split(",", maxsplit=1)[0].strip().casefold()
    number = crc32(city.encode())
    celsius, sky = _WEATHER.get(city, (5 + number % 25, _SKIES[number % len(_SKIES)]))
    degrees = celsius if unit == "celsius" else round(celsius * 9 / 5 + 32)
    return {"location": location, "temperature": degrees, "unit": unit, "sky": sky}


async def run(chat: Chat, out: TextIO) -> Answer:
    """Holds the conversation and shows it step by step. Raises what `converse` raises."""
    question = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    _show(out, "Step 1. Ask the model, and tell it which function it may call.")
    _show_text(out, "question", QUESTION)
    _show_text(out, "function", _signature())
    answer = await converse(chat, question, tools=[get_current_weather])
    _show_calls(out, answer.transcript[len(question) :])
    _show(out, "Step 4. The model has the results and sums them up.")
    _show_text(out, "answer", answer.text or answer.refusal or "")
    out.flush()
    return answer


def _signature() -> str:
    properties = get_current_weather.parameters["properties"]
    parameters = [
        f"{name}: {' or '.join(schema['enum']) if 'enum' in schema else schema['type']}"
        for name, schema in properties.items()
    ]
    return f"{get_current_weather.name}({', '.join(parameters)})"


def _show_calls(out: TextIO, messages: Iterable[Mapping[str, Any]]) -> None:
    messages = list(messages)
    if not any(message.get("tool_calls") for message in messages):
        _show(out, "Steps 2 and 3 fall away: the model answered without calling the function.")
    running = False
    for message in messages:
        if calls := message.get("tool_calls"):
            many = "one call" if len(calls) == 1 else f"{len(calls)} calls at once"
            _show(out, f"Step 2. The model does not answer yet. It asks for {many}.")
            for call in calls:
                function = call["function"]
                _show_text(out, shorten(call["id"], 40), f"{function['name']} {shorten(function['arguments'], 400)}")
        elif message["role"] == "tool":
            if not running:
                _show(
                    out,
                    "Step 3. This program checks the arguments, runs the function, and tells the model the results.",
                )
            _show_text(out, shorten(message["tool_call_id"], 40), _result(message["content"]))
        running = message["role"] == "tool"


def _result(content: str) -> str:
    """A result in a few words, anything unexpected as it is."""
    try:
        weather = json.loads(content)
        return f"{weather['temperature']} degrees {weather['unit']}, {weather['sky']}, in {weather['location']}"
    except (ValueError, KeyError, TypeError):
        return printable(content, lines=True)


def _show(out: TextIO, heading: str) -> None:
    out.write(f"\n{heading}\n\n")


def _show_text(out: TextIO, label: str, text: str) -> None:
    name = f"  {label:<8}  "
    lines = [
        line
        for paragraph in printable(text, lines=True).splitlines() or [""]
        for line in textwrap.wrap(paragraph, _WIDTH - len(name), break_on_hyphens=False) or [""]
    ]
    out.write(name + f"\n{' ' * len(name)}".join(lines) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demonstration from the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clientkit", description=_ABOUT)
    parser.add_argument(
        "base_url",
        nargs="?",
        default=os.environ.get("OPENAI_BASE_URL") or DEFAULT_SERVER,
        help=f"an OpenAI-compatible server (default: OPENAI_BASE_URL, else {DEFAULT_SERVER})",
    )
    parser.add_argument("--model", default="gpt-4o", help="the model to ask for (default: %(default)s)")
    options_given = parser.parse_args(arguments)
    try:
        asyncio.run(run(Chat(options_given.base_url, model=options_given.model, retries=0), sys.stdout))
    except (ClientKitError, ValueError) as error:
        sys.stdout.flush()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
