"""The demonstration: the example of the API's own documentation as an application."""

from __future__ import annotations

import asyncio
import sys

import pytest

from clientkit.__main__ import QUESTION, SYSTEM, get_current_weather, main

from .conftest import Server

CITIES = ["New York, NY", "San Francisco, CA", "Chicago, IL"]


async def demonstrate(*arguments: str) -> tuple[int | None, str, str]:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "clientkit", *arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, errors = await program.communicate()
    return program.returncode, out.decode(), errors.decode()


async def test_the_demonstration_shows_the_four_steps(server: Server) -> None:
    server.calls(*(("get_current_weather", f'{{"location": "{city}"}}') for city in CITIES))
    server.says("New York 22, San Francisco 16, Chicago 19 degrees.")

    code, out, errors = await demonstrate(server.base_url, "--model", "some-model")

    assert (code, errors) == (0, "")
    asked = server.requests[0].body
    assert asked["model"] == "some-model"
    assert asked["messages"] == [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    assert asked["tools"] == [get_current_weather.definition]
    assert out == (
        """
Step 1. Ask the model, and tell it which function it may call.

  question  What is the current temperature of New York, San Francisco, and Chicago?
  function  get_current_weather(location: string, unit: celsius or fahrenheit)

Step 2. The model does not answer yet. It asks for 3 calls at once.

  call_1    get_current_weather {"location": "New York, NY"}
  call_2    get_current_weather {"location": "San Francisco, CA"}
  call_3    get_current_weather {"location": "Chicago, IL"}

Step 3. This program checks the arguments, runs the function, and tells the model the results.

  call_1    22 degrees celsius, sunny, in New York, NY
  call_2    16 degrees celsius, foggy, in San Francisco, CA
  call_3    19 degrees celsius, windy, in Chicago, IL

Step 4. The model has the results and sums them up.

  answer    New York 22, San Francisco 16, Chicago 19 degrees.
"""
    )


async def test_a_model_that_answers_at_once_is_shown_as_such(server: Server) -> None:
    server.says("I do not know.")

    code, out, _ = await demonstrate(server.base_url)

    assert code == 0
    assert "without calling the function" in out


def test_no_server_is_told_at_once_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9/v1"]) == 1

    errors = capsys.readouterr().err
    assert errors.startswith("No answer from http://127.0.0.1:9/v1/chat/completions: ")
    assert errors.count("\n") == 1


def test_a_wrong_address_is_told_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 1
    assert capsys.readouterr().err == "base_url must look like http://127.0.0.1:8080/v1, not 'nonsense'\n"


def test_an_unknown_city_has_weather_too_and_always_the_same() -> None:
    first = get_current_weather("Ouagadougou", "fahrenheit")

    assert first == get_current_weather("Ouagadougou", "fahrenheit")
    assert 40 < first["temperature"] < 90
