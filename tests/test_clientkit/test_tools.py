"""What a signature, a docstring, a schema, a model or an MCP server says about a tool."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest
from pydantic import BaseModel, Field

from clientkit import BadCall, Tool, check_call, tool, tool_from_model, tool_from_schema, tools_from_mcp
from clientkit.__main__ import get_current_weather
from clientkit.signature import read_docstring
from clientkit.tools import AnyTool, by_name


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


class Person(BaseModel):
    """Somebody mentioned in the text."""

    title: str = Field(description="Mr, Ms, Dr …")
    age: int | None = None


@dataclasses.dataclass
class Trip:
    day: datetime.date
    people: list[Person]


@tool
def plan(
    trip: Trip,
    schema: str,
    unit: Unit = Unit.CELSIUS,
    tags: Annotated[list[str] | None, Field(description="Own words win")] = None,
) -> str:
    """Plan a trip.

    Of any length.

    Args:
        trip: When, and
            with whom
        schema (str): A name that pydantic keeps for itself
        tags: Not these words

    Returns:
        unit: not a parameter
    """
    return f"{trip.day.year} {trip.people[0].title} {unit} {tags} {schema}"


def fits(offered: AnyTool, arguments: str) -> dict[str, Any]:
    return check_call({offered.name: offered}, offered.name, arguments).arguments


def problems(offered: AnyTool, arguments: str) -> list[str]:
    with pytest.raises(BadCall) as caught:
        check_call({offered.name: offered}, offered.name, arguments)
    return [str(problem) for problem in caught.value.problems]


def test_the_weather_tool_is_offered_as_the_api_wants_it() -> None:
    assert get_current_weather.definition == {
        "type": "function",
        "function": {
            "name": "get_current_weather",
            "description": "Get the current weather in a given location",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                },
                "required": ["location"],
                "additionalProperties": False,
            },
        },
    }


def test_a_signature_of_many_types_becomes_a_schema() -> None:
    schema = plan.parameters

    assert plan.description == "Plan a trip.\n\nOf any length."
    assert schema["required"] == ["trip", "schema"]
    assert schema["properties"]["trip"] == {"description": "When, and with whom", "$ref": "#/$defs/Trip"}
    assert schema["properties"]["tags"]["description"] == "Own words win"
    assert schema["$defs"]["Unit"] == {"enum": ["celsius", "fahrenheit"], "type": "string"}
    assert list(schema["$defs"]["Person"]["properties"]) == ["title", "age"]
    assert schema["$defs"]["Person"]["additionalProperties"] is False
    jsonschema_rs.meta.validate(dict(schema))


def test_arguments_become_the_functions_own_types() -> None:
    text = '{"trip": {"day": "2026-11-22", "people": [{"title": "Dr"}]}, "schema": "x", "unit": "fahrenheit"}'
    values = plan.read(fits(plan, text))

    assert plan(**values) == "2026 Dr Unit.FAHRENHEIT None x"


def test_a_decorated_function_is_still_a_function() -> None:
    @tool(name="add", acts=True)
    def plus(a: int, b: int = 1) -> int:
        return a + b

    assert isinstance(plus, Tool)
    assert (plus(1), plus(1, b=2)) == (2, 3)
    assert (plus.name, plus.acts) == ("add", True)


def test_a_parameter_without_a_type_is_an_error_where_it_is_written() -> None:
    def bare(city, unit="c"):  # type: ignore[no-untyped-def]  # the mistake that is tested
        """Nothing."""

    with pytest.raises(TypeError, match="parameter city of bare has no type"):
        tool(bare)


def test_callable_objects_and_partial_functions_are_functions_too() -> None:
    class Adder:
        """Adds."""

        start: str = "no annotation of a parameter"

        def __call__(self, number: int) -> int:
            return number + 1

    def power(base: int, exponent: int) -> int:
        return int(base**exponent)

    adder, square = tool(name="add")(Adder()), tool(name="square")(partial(power, exponent=2))

    assert (adder.description, adder(number=1), square(base=3)) == ("Adds.", 2, 9)
    assert fits(adder, '{"number": 1}') == {"number": 1}
    assert problems(square, "{}") == ["base: got nothing; allowed: it is required"]


def test_a_type_that_only_a_function_knows_is_told_with_its_remedy() -> None:
    class Local(BaseModel):
        name: str

    def take(local: Local) -> str:
        return local.name

    with pytest.raises(TypeError, match="Define them at module level"):
        tool(take)


def test_a_default_that_json_has_no_words_for_is_only_left_out() -> None:
    def look(limit: float = float("inf"), place: object = dict) -> None:
        """Look."""

    assert tool(look).parameters["properties"] == {"limit": {"type": "number"}, "place": {}}


def test_a_type_that_json_has_no_words_for_is_an_error_where_it_is_written() -> None:
    def apply(change: Callable[[int], int]) -> None:
        """Apply."""

    with pytest.raises(TypeError, match="types of apply cannot be described to a model: Cannot generate"):
        tool(apply)


def test_a_definition_without_a_function_is_told_what_is_missing() -> None:
    given: Any = SEED_TOOL

    with pytest.raises(TypeError, match="tool_from_schema"):
        by_name([given])


def test_a_parameter_that_has_no_name_for_the_model_is_an_error() -> None:
    def many(*cities: str) -> None:
        """Nothing."""

    with pytest.raises(TypeError, match="make it a keyword"):
        tool(many)


def test_a_name_that_the_api_refuses_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot be the name of a tool"):
        tool(name="get weather")(get_current_weather.function)


def test_two_tools_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="two tools are called get_current_weather"):
        by_name([get_current_weather, get_current_weather.function])


def test_further_keywords_are_taken_where_the_function_takes_them() -> None:
    @tool
    def save(**fields: int) -> dict[str, int]:
        return fields

    assert save.read(fits(save, '{"a": 1, "b": 2}')) == {"a": 1, "b": 2}
    assert problems(save, '{"a": "x"}') == ['a: got "x"; allowed: a value of type integer']


@pytest.mark.parametrize(
    ("docstring", "about", "parameters"),
    [
        (None, "", {}),
        ("One line.", "One line.", {}),
        (
            "About.\n\n    Args:\n        a: first\n\n        b (int, optional): second\n            goes on: here\n",
            "About.", {"a": "first", "b": "second goes on: here"},
        ),
        ("About.\n\nArguments:\n  **more: rest\n\nRaises:\n  ValueError: never", "About.", {"more": "rest"}),
        ("Args:\n    a: only this", "", {"a": "only this"}),
        ("About Args: not a section", "About Args: not a section", {}),
        (
            "About.\n\nParameters\n----------\na : int\n    first\n    goes on\n\nb\n    second\n\nReturns\n-------",
            "About.", {"a": "first goes on", "b": "second"},
        ),
        (
            "About: this.\n\n:param a: first\n    goes on\n:type a: int\n:param int b: second\n:returns: nothing",
            "About: this.", {"a": "first goes on", "b": "second"},
        ),
        ("Parameters\nare not a section here.", "Parameters\nare not a section here.", {}),
    ],
)  # fmt: skip
def test_a_docstring_says_what_each_parameter_is(docstring: str | None, about: str, parameters: dict[str, str]) -> None:
    read = read_docstring(docstring)

    assert (read.about, read.parameters) == (about, parameters)


def test_the_strict_form_requires_everything_and_says_absent_as_null() -> None:
    @tool(strict=True)
    def find(name: str, limit: int = 5, person: Person | None = None, unit: Unit = Unit.CELSIUS) -> str:
        return f"{name} {limit} {person} {unit}"

    function = find.definition["function"]
    schema = function["parameters"]

    assert function["strict"] is True
    assert schema["required"] == ["name", "limit", "person", "unit"]
    assert schema["properties"]["limit"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert schema["$defs"]["Person"]["required"] == ["title", "age"]
    everything_null = '{"name": "x", "limit": null, "person": {"title": "Dr", "age": null}, "unit": null}'
    assert fits(find, everything_null) == {"name": "x", "person": {"title": "Dr", "age": None}}
    assert problems(find, '{"name": null}') == ["name: got null; allowed: a value of type string"]


class Train(BaseModel):
    kind: Literal["train"]
    seats: int = 1


class Plane(BaseModel):
    kind: Literal["plane"]
    airport: str = "OSL"
    people: list[Person] | None = None


def test_null_stands_for_absent_in_every_part_of_a_union() -> None:
    @tool(strict=True)
    def travel(by: Train | Plane, stops: list[Train | Plane] | None = None) -> None:
        """Travel."""

    people = '[{"title": "Dr", "age": null}]'
    text = (
        f'{{"by": {{"kind": "plane", "airport": null, "people": {people}}}, '
        '"stops": [{"kind": "train", "seats": null}, {"kind": "plane", "airport": null, "people": null}]}'
    )

    assert fits(travel, text) == {
        "by": {"kind": "plane", "people": [{"title": "Dr", "age": None}]},
        "stops": [{"kind": "train"}, {"kind": "plane", "people": None}],
    }
    assert problems(travel, '{"by": {"kind": "ship", "seats": null}, "stops": null}')


def test_free_keys_have_no_strict_form() -> None:
    def save(fields: dict[str, int]) -> None:
        """Nothing."""

    with pytest.raises(ValueError, match="takes any key"):
        tool(strict=True)(save)


SEED_TOOL = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
        },
    },
}


def test_a_tool_from_a_schema_is_offered_word_for_word() -> None:
    assert tool_from_schema(SEED_TOOL, dict).definition == SEED_TOOL


def test_a_parameter_that_a_schema_does_not_name_is_made_up_and_does_not_fit() -> None:
    weather = tool_from_schema(SEED_TOOL, dict)

    assert problems(weather, '{"location": "Oslo", "zip": 1}') == [
        "zip: got 1; allowed: no such parameter; the tool takes location, unit"
    ]


def test_a_schema_may_say_that_it_takes_more() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True}
    open_tool = tool_from_schema({"name": "f", "parameters": schema}, dict)
    composed = tool_from_schema({"name": "f", "parameters": {"allOf": [schema, {"properties": {"b": {}}}]}}, dict)

    assert fits(open_tool, '{"b": 1}') == {"b": 1}
    assert fits(composed, '{"a": "x", "b": 1}') == {"a": "x", "b": 1}


def test_a_schema_that_points_elsewhere_is_refused_and_nothing_is_fetched() -> None:
    with pytest.raises(ValueError, match="nothing is fetched from elsewhere"):
        tool_from_schema({"name": "f", "parameters": {"$ref": "http://127.0.0.1:9/schema"}}, dict)


def test_a_tool_from_a_model_gives_the_model() -> None:
    extract = tool_from_model(Person)

    assert extract.definition["function"]["description"] == "Somebody mentioned in the text."
    values = extract.read(fits(extract, '{"title": "Dr", "age": 3}'))
    assert extract(values["value"]) == Person(title="Dr", age=3)
    assert problems(extract, '{"title": 7}') == ["title: got 7; allowed: a value of type string"]


def test_only_a_type_with_fields_can_be_extracted() -> None:
    with pytest.raises(TypeError, match="not a type with named fields"):
        tool_from_model(int)


async def test_tools_of_an_mcp_server_act_unless_told_otherwise() -> None:
    async def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        content = [
            {"type": "text", "text": f"{name} {arguments}"},
            {"type": "image"},
            {"type": "resource", "resource": {"text": "from a file"}},
        ]
        return {"content": content}

    listing = [
        {"name": "files.delete", "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}},
        {"name": "read", "annotations": {"readOnlyHint": True}},
        {"name": "list", "description": "List"},
    ]
    delete, reading, listed = tools_from_mcp({"tools": listing}, call, harmless=["list"])

    assert [each.name for each in (delete, reading, listed)] == ["files_delete", "read", "list"]
    assert [each.acts for each in (delete, reading, listed)] == [True, True, False]
    assert [each.acts for each in tools_from_mcp(listing, call, trusted=True)] == [True, False, True]
    assert await delete(path="x") == "files.delete {'path': 'x'}\n(image content)\nfrom a file"


async def test_objects_of_the_mcp_package_are_read_in_the_spelling_of_either_of_its_versions() -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}}

    async def call(name: str, arguments: dict[str, Any]) -> SimpleNamespace:
        return SimpleNamespace(content=[], is_error=False, structured_content={"size": 3})

    older = SimpleNamespace(name="size", description=None, inputSchema=schema, annotations=None)
    hints = SimpleNamespace(read_only_hint=True)
    newer = SimpleNamespace(name="length", description="How long", input_schema=schema, annotations=hints)
    tools = tools_from_mcp(SimpleNamespace(tools=[older, newer]), call, trusted=True)

    assert [fits(each, '{"path": "x"}') for each in tools] == [{"path": "x"}] * 2
    assert [each.acts for each in tools] == [True, False]
    assert await tools[1](path="x") == '{"size": 3}'


async def test_an_error_of_an_mcp_server_is_an_error() -> None:
    async def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"isError": True, "content": [{"type": "text", "text": "disk full"}]}

    with pytest.raises(RuntimeError, match="disk full"):
        await tools_from_mcp([{"name": "save"}], call)[0](text="x")


@pytest.mark.parametrize(
    ("annotation", "sent", "value"),
    [
        (int, "3", 3), (float, "2.5", 2.5), (float, "3", 3), (bool, "true", True),
        (Person, '{"title": "Dr"}', {"title": "Dr"}), (int | None, "3", 3), (list[int], ["1", 2], [1, 2]),
        (list[str], "light", ["light"]), (list[str], '["a", "b"]', ["a", "b"]), (list[str], "a, b", None),
        (list[Person], {"title": "Dr"}, [{"title": "Dr"}]), (list[str] | None, "light", ["light"]),
        (list[str], "", None),
        (Literal["celsius", "Kelvin"], "CELSIUS", "celsius"), (Literal["a", "A"], "Ａ", None),
        (Literal["x", "y"] | None, "X", "x"), (int | bool, "true", True), (str, 3, None), (int, [3], None),
    ],
)  # fmt: skip
def test_only_a_tool_that_asks_for_it_gets_types_mended(annotation: Any, sent: Any, value: Any) -> None:
    def take(x):  # type: ignore[no-untyped-def]  # its type is given below
        return x

    take.__annotations__ = {"x": annotation}
    text = json.dumps({"x": sent})
    mending: AnyTool = tool(coerce=True)(take)

    assert problems(tool(take), text)
    if value is None:
        assert problems(mending, text)
    else:
        assert fits(mending, text) == {"x": value}


def test_null_for_what_may_be_left_out_is_left_out_where_that_is_asked_for() -> None:
    def take(city: str, days: int = 1, people: list[Person] = []) -> None:  # noqa: B006 - nobody changes it
        """Nothing."""

    text = '{"city": "Oslo", "days": null, "people": [{"title": "Dr", "age": null}]}'
    fitting = check_call({"take": tool(coerce=True)(take)}, "take", text)

    assert problems(tool(take), text) == ["days: got null; allowed: a value of type integer"]
    assert fitting.arguments == {"city": "Oslo", "people": [{"title": "Dr", "age": None}]}
    assert fitting.coerced == ("days",)
    assert problems(tool(coerce=True)(take), '{"city": null}') == ["city: got null; allowed: a value of type string"]


@pytest.mark.parametrize("sent", ["3.0", "03", "1e3", " 3", "+3", "٣", "-0", "12345678901234567890", "True", ""])
def test_what_has_two_meanings_is_not_mended(sent: str) -> None:
    @tool(coerce=True)
    def take(x: int | bool) -> None:
        """Nothing."""

    @tool(coerce=True)
    def count(x: int) -> None:
        """Nothing."""

    assert problems(count, f'{{"x": "{sent}"}}')
    assert problems(take, f'{{"x": "{sent}"}}')


def test_the_literal_types_of_a_signature_are_checked() -> None:
    @tool
    def pick(unit: Literal["a", "b"]) -> str:
        return unit

    assert problems(pick, '{"unit": "c"}') == ['unit: got "c"; allowed: one of "a", "b"']
