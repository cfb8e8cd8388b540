"""What reasoning models refuse, and how schemas and names are judged, in the words of public reports."""

from typing import Any

import pytest

from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.refusal import Refused
from tests.refusals import HI, tool
from tests.requests import WEATHER, body

TEXT = {"type": "string"}
PERSON = {"type": "object", "properties": {"name": TEXT}, "required": ["name"], "additionalProperties": False}


def refusal(**keys: Any) -> str | None:
    try:
        parse(body(**keys))
    except Refused as refused:
        return refused.error.message
    return None


@pytest.mark.parametrize("key", ["stop", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs"])
def test_a_reasoning_model_refuses_sampling(key: str) -> None:
    value = {"stop": ["."], "top_p": 0.5, "logit_bias": {"1": 1}, "logprobs": True}.get(key, 0.5)
    text = f"Unsupported parameter: '{key}' is not supported with this model."

    assert [refusal(model=model, **{key: value}) for model in ("gpt-5", "o4-mini", "gpt-5.5")] == [text] * 3
    assert refusal(model="gpt-5.2", reasoning_effort="low", **{key: value}) == text
    for model in ("gpt-5.2", "gpt-5-chat-latest", "gpt-4o", "mock-1"):
        assert refusal(model=model, **{key: value}) is None


def test_a_reasoning_model_takes_no_temperature_but_the_default() -> None:
    text = "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is "

    assert refusal(model="o3", temperature=0.5) == text + "supported."
    assert refusal(model="gpt-5", temperature=1, top_p=1, presence_penalty=0, logprobs=False) is None


def test_the_o_series_takes_no_parallel_tool_calls() -> None:
    text = "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."

    assert refusal(model="o3-mini", tools=[WEATHER], parallel_tool_calls=True) == text
    assert refusal(model="gpt-5", tools=[WEATHER], parallel_tool_calls=True) is None


def test_the_newest_models_refuse_tools_beside_an_effort() -> None:
    text = "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use "

    assert refusal(model="gpt-5.4", tools=[WEATHER], reasoning_effort="low") == text + "/v1/responses instead."
    assert refusal(model="gpt-5.4", tools=[WEATHER], reasoning_effort="none") is None
    assert refusal(model="gpt-5", tools=[WEATHER], reasoning_effort="low") is None


@pytest.mark.parametrize("key", ["anyOf", "oneOf", "allOf", "enum", "not"])
def test_a_schema_has_no_combinator_at_its_root(key: str) -> None:
    root = {"type": "object", "properties": {}, key: [{}]}

    assert "at the top level" in (refusal(tools=tool(parameters=root)) or "")


@pytest.mark.parametrize("key", ["allOf", "oneOf", "not", "uniqueItems", "patternProperties"])
def test_a_strict_schema_uses_a_subset_of_json_schema(key: str) -> None:
    strict = {**PERSON, "properties": {"name": {key: [TEXT]}}}
    form = {"type": "json_schema", "json_schema": {"name": "f", "strict": True, "schema": strict}}
    text = f"In context=('properties', 'name'), '{key}' is not permitted."

    assert refusal(tools=tool(parameters=strict, strict=True)) == f"Invalid schema for function 'f': {text}"
    assert refusal(response_format=form) == f"Invalid schema for response_format 'f': {text}"
    assert refusal(tools=tool(parameters=strict)) is None


def test_a_strict_reference_stands_alone() -> None:
    reference = {"$ref": "#/$defs/P", "description": "Who"}
    strict = {**PERSON, "properties": {"name": reference}, "$defs": {"P": PERSON}}
    text = "context=('properties', 'name'), $ref cannot have keywords {'description'}."

    assert refusal(tools=tool(parameters=strict, strict=True)) == f"Invalid schema for function 'f': {text}"
    assert refusal(tools=tool(parameters=strict)) is None


@pytest.mark.parametrize("name", ["Debate Moderator", "a<b", "a/b"])
def test_the_name_of_a_message_has_no_blanks_or_brackets(name: str) -> None:
    text = refusal(messages=[{**HI[0], "name": name}]) or ""

    assert text.startswith("Invalid 'messages[0].name': string does not match pattern. Expected a string")
    assert refusal(messages=[{**HI[0], "name": "Müller-1"}]) is None
