"""What a call must be like to run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel

from clientkit import BadCall, Problem, check_call, tool
from clientkit.strict_json import NotStrictJSON, parse_object
from clientkit.tools import by_name


def _not_oslo(city: str) -> str:
    if city == "Oslo":
        raise ValueError("Oslo is closed")
    return city


class Train(BaseModel):
    kind: Literal["train"]
    seats: int = 1


class Plane(BaseModel):
    kind: Literal["plane"]


@tool
def weather(
    city: Annotated[str, AfterValidator(_not_oslo)],
    unit: Literal["celsius", "fahrenheit"] = "celsius",
    days: int | None = None,
    stops: list[dict[str, int]] | None = None,
    by: Train | Plane | None = None,
) -> str:
    return city


@tool
def now(zone: str = "UTC") -> str:
    return zone


TOOLS = by_name([weather, now])


def problems(name: str, arguments: str) -> tuple[Problem, ...]:
    with pytest.raises(BadCall) as caught:
        check_call(TOOLS, name, arguments)
    assert caught.value.name == name
    return caught.value.problems


def test_a_call_that_fits_comes_back_with_its_tool() -> None:
    fitting = check_call(TOOLS, "weather", '{"city": "Paris", "days": 3}')

    assert (fitting.tool, fitting.arguments) == (weather, {"city": "Paris", "days": 3})


@pytest.mark.parametrize("arguments", ["", "  \n", "null", "{}"])
def test_nothing_at_all_is_enough_for_a_tool_that_requires_nothing(arguments: str) -> None:
    assert check_call(TOOLS, "now", arguments).arguments == {}


def test_nothing_is_not_enough_for_a_tool_that_requires_something() -> None:
    assert [str(each) for each in problems("weather", "")] == ["city: got nothing; allowed: it is required"]


def test_an_unknown_name_is_told_what_there_is() -> None:
    (problem,) = problems("Weather", "{}")

    assert str(problem) == 'name: got "Weather"; allowed: one of the offered tools: weather, now'


@pytest.mark.parametrize(
    ("arguments", "path", "value", "allowed"),
    [
        ('{"city": 7}', "city", 7, "a value of type string"),
        ('{"city": "x", "unit": "kelvin"}', "unit", "kelvin", 'one of "celsius", "fahrenheit"'),
        ('{"city": "x", "days": "3"}', "days", "3", "a value of type integer; or a value of type null"),
        ('{"city": "x", "zip": 1}', "zip", 1, "no such parameter; the tool takes city, unit, days, stops, by"),
        ('{"city": "x", "stops": [{"a": 1}, {"b": "z"}]}', "stops[1].b", "z", "a value of type integer"),
        ('{"city": "x", "by": {"kind": "train", "seats": "z"}}', "by.seats", "z", "a value of type integer"),
        ('{"city": "x", "by": {"kind": "train", "zip": 1}}', "by.zip", 1, "no such key"),
        ('{"city": "x", "by": {"kind": "ship"}}', "by", {"kind": "ship"}, '"train"; or "plane"'),
        ('{"city": "x", "by": 7}', "by", 7, "a value of type object"),
        ('{"city": "Oslo"}', "city", "Oslo", "Oslo is closed"),
        ('[{"city": "x"}]', "arguments", '[{"city": "x"}]', "an array, not an object"),
        ('"{\\"city\\": \\"x\\"}"', "arguments", '"{\\"city\\": \\"x\\"}"', "a string that itself holds JSON"),
    ],
)
def test_each_problem_says_where_what_and_what_is_allowed(arguments: str, path: str, value: Any, allowed: str) -> None:
    (problem,) = problems("weather", arguments)

    assert (problem.path, problem.value) == (path, value)
    assert allowed in problem.allowed


def test_all_problems_are_told_at_once_but_not_without_end() -> None:
    many = {f"p{number}": number for number in range(50)}

    assert {each.path for each in problems("weather", '{"unit": "k", "zip": 1}')} == {"city", "unit", "zip"}
    assert len(problems("now", json.dumps(many))) == 10
    assert len(str(BadCall("now", problems("now", '{"a": "' + "x" * 9999 + '"}')))) < 1000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"city": "Par', "Unterminated string"),
        ('{"city": "Paris"', "delimiter"),
        ('{"city": "Paris",}', "at character"),
        ("{'city': 'Paris'}", "at character 2"),
        ('{"unit": None}', "at character"),
        ('{"days": NaN}', "NaN is not JSON"),
        ('{"days": -Infinity}', "-Infinity is not JSON"),
        ('{"days": 1e400}', "too large"),
        ('{"days": ' + "9" * 5000 + "}", "digits"),
        ('{"city": "Pa\nris"}', "control character"),
        ('{"re": "\\d+"}', "escape"),
        ('```json\n{"city": "Paris"}\n```', "at character 1"),
        ('{"city": "Paris"}<|call|>', "Extra data"),
        ('{"city": "a"}{"city": "b"}', "Extra data"),
        ('{"city": "a", "city": "b"}', 'key "city" stands there more than once'),
        ('{"x": [{"a": 1, "a": 1}]}', "more than once"),
        ('\ufeff{"city": "Paris"}', "BOM"),
        ('{"city": "\\ud83d"}', "surrogate"),
        ("7", "a number"),
        ("true", "a boolean"),
        ("[]", "an array"),
        ('{"a":' * 65 + "1" + "}" * 65, "deeper than 64"),
        ("[" * 200_000, "deeper than 64"),
        ('{"a": "' + "x" * 1_000_000 + '"}', "characters long"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(NotStrictJSON, match=why):
        parse_object(text)


def test_a_flood_of_keys_is_read_in_no_time_and_the_one_that_comes_twice_is_named() -> None:
    keys = [f'"{number:x}":1' for number in range(90_000)]

    with pytest.raises(NotStrictJSON, match='key "15f8f" stands there more than once'):
        parse_object("{" + ",".join([*keys, keys[-1]]) + "}")


def test_brackets_inside_strings_are_no_depth() -> None:
    assert parse_object(json.dumps({"a": "[" * 200 + '\\"{' * 200})) == {"a": "[" * 200 + '\\"{' * 200}


def test_whole_pairs_and_large_integers_are_kept() -> None:
    assert parse_object('{"a": "\\ud83d\\ude00", "n": 12345678901234567890}') == {"a": "😀", "n": 12345678901234567890}


def test_an_error_shows_control_characters_instead_of_obeying_them() -> None:
    (problem,) = problems("\x1b[31mweather", "{}")

    assert "\x1b" not in str(problem)
