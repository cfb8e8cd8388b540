"""The simulated model in the less common forms: custom tools, wanted formats, several choices, strict schemas."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema_rs
import lark
import pytest

from mockserver.chat import ApiError, ChatRequest, Message, Tool, ToolChoice
from mockserver.engine import Engine, Settings
from mockserver.simulate import simulate
from mockserver.simulate.grammar import sentence
from tests.replies import heard

GREP = Tool("grep", "Search the source code with a pattern.", kind="custom")
PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0},
        "nickname": {"type": ["string", "null"]},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
            "required": ["city", "zip"],
            "additionalProperties": False,
        },
    },
    "required": ["name", "age", "nickname", "address"],
    "additionalProperties": False,
}
GRAMMARS = {
    "arithmetic": """
        start: expr
        expr: term (("+"|"-") term)*
        term: factor (("*"|"/") factor)*   // products
        factor: NUMBER | "(" expr ")" | "-" factor
        %import common.NUMBER
        %import common.WS
        %ignore WS
    """,
    "query": """
        start: SELECT columns "FROM" NAME [where] ";"
        columns: "*" | NAME ("," NAME)*
        where: "WHERE" NAME OP (INT | STRING)
        SELECT: "SELECT"i
        OP: "=" | "<" | ">"
        NAME: /[a-z_]{2,8}/
        INT: /[0-9]+/
        STRING: /'[^']{1,6}'/
        %import common.WS
        %ignore WS
    """,
    "dates": """
        start: date ("," date)~1..3
        date: YEAR "-" MONTH
        YEAR: "2" DIGIT~3
        MONTH: "0" "1".."9" | "1" "0".."2"
        DIGIT: "0".."9"
    """,
    "json": """
        ?start: value
        ?value: object | array | ESCAPED_STRING | SIGNED_NUMBER -> number | "true" | "null"
        array : "[" [value ("," value)*] "]"
        object : "{" [pair ("," pair)*] "}"
        pair : ESCAPED_STRING ":" value
        %import common (ESCAPED_STRING, SIGNED_NUMBER, WS)
        %ignore WS
    """,
}


def ask(text: str, *tools: Tool, **options: Any) -> ChatRequest:
    return ChatRequest("gpt-4o", (Message("user", text),), tools, options=options)


def test_a_custom_tool_is_called_with_plain_text() -> None:
    [made] = simulate(ask("Search the source code for 'TODO'", GREP), "0").calls

    assert (made.name, made.kind, made.arguments) == ("grep", "custom", "TODO")


def test_the_input_of_a_custom_tool_fits_its_pattern() -> None:
    tool = replace(GREP, format={"syntax": "regex", "definition": "[a-z]{3}-[0-9]+"})

    [made] = simulate(replace(ask("Search.", tool), tool_choice=ToolChoice("required")), "0").calls

    assert re.fullmatch("[a-z]{3}-[0-9]+", made.arguments)


@pytest.mark.parametrize("name", GRAMMARS)
def test_the_input_of_a_custom_tool_is_a_sentence_of_its_grammar(name: str) -> None:
    parser = lark.Lark(GRAMMARS[name], parser="earley")

    for seed in range(10):
        parser.parse(sentence(GRAMMARS[name], str(seed)))


@pytest.mark.parametrize("grammar", ["", "start: other", "start: start start", 'start: "a" {', "start: ("])
def test_a_grammar_that_has_no_sentence_gives_an_empty_input(grammar: str) -> None:
    assert sentence(grammar, "0") == ""


def test_a_json_object_is_said_where_one_is_wanted() -> None:
    said = simulate(ask("Tell me a joke as JSON.", response_format={"type": "json_object"}), "0").text

    assert isinstance(json.loads(said or ""), dict)


@pytest.mark.parametrize(
    "schema",
    [
        PERSON,
        {"type": "array", "items": PERSON, "minItems": 2},
        {"$ref": "#/$defs/p", "$defs": {"p": PERSON}},
        {"anyOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}, PERSON]},
        {},
    ],
    ids=["object", "array", "reference", "union", "anything"],
)
@pytest.mark.parametrize("text", ["Ada Lovelace is 36 years old and lives in London.", "Hello"])
def test_an_answer_fits_the_schema_that_is_wanted(schema: dict[str, Any], text: str) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}

    said = simulate(ask(text, response_format=wanted), "0").text

    assert jsonschema_rs.is_valid(schema, json.loads(said or ""))


def test_an_answer_in_a_format_holds_what_the_user_said() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}

    said = json.loads(simulate(ask("Ada Lovelace is 36 years old.", response_format=wanted), "0").text or "")

    assert (said["name"], said["age"]) == ("Ada Lovelace", 36)


def test_the_arguments_of_a_strict_tool_conform_exactly() -> None:
    save = Tool("save_person", "Save a person", PERSON, strict=True)

    [made] = simulate(replace(ask("Save Ada Lovelace, 36.", save), tool_choice=ToolChoice("required")), "0").calls

    assert jsonschema_rs.is_valid(PERSON, json.loads(made.arguments))


async def test_each_choice_has_invented_values_of_its_own() -> None:
    offered = Tool("save_person", "Save a person", PERSON)
    asked = replace(ask("Save someone.", offered, n=3), tool_choice=ToolChoice("required"))
    engine = Engine(Settings())

    answer = await engine.answer(heard(asked), "session", {}, engine.settings)

    assert not isinstance(answer.content, ApiError)
    assert len({reply.calls[0].arguments for reply in answer.content}) == 3
