"""Every simulated call fits its tool's schema, and no schema makes the simulated model fail."""

import json

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import Tool, ToolChoice
from tests.test_simulate.conversation import ask
from tests.test_simulate.schemas import HOSTILE, SCHEMAS

REQUESTS = (
    "Tell me a joke",
    "What is the weather in Paris, Oslo and Rome in celsius on May 5, 2025 at 3pm?",
    "Email ann@x.org and 'bob' about order AB-12: 3 apples, 4.5 kg and $20 for John Smith",
    "",
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(SCHEMAS)), st.integers(0, 10_000), st.sampled_from(REQUESTS))
def test_every_call_fits_its_schema(name: str, seed: int, said: str) -> None:
    offered = Tool("do_it", "Does what is asked", SCHEMAS[name])
    judge = jsonschema_rs.Draft202012Validator(SCHEMAS[name], validate_formats=True)

    reply = ask(said, offered, seed=str(seed), tool_choice=ToolChoice("required"))

    assert reply.calls
    for call in reply.calls:
        assert judge.is_valid(json.loads(call.arguments)), call.arguments


@pytest.mark.parametrize("name", sorted(SCHEMAS))
@pytest.mark.parametrize("said", REQUESTS)
def test_each_schema_is_met_whatever_is_said(name: str, said: str) -> None:
    judge = jsonschema_rs.Draft202012Validator(SCHEMAS[name], validate_formats=True)

    for seed in "abc":
        offered = Tool("do_it", "", SCHEMAS[name])
        for call in ask(said, offered, seed=seed, tool_choice=ToolChoice("required")).calls:
            assert judge.is_valid(json.loads(call.arguments)), call.arguments


@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.parametrize("said", REQUESTS)
def test_a_hostile_schema_still_gets_a_call_with_an_object(name: str, said: str) -> None:
    reply = ask(said, Tool("do_it", "", HOSTILE[name]), tool_choice=ToolChoice("required"))

    assert reply.calls
    assert all(isinstance(json.loads(call.arguments), dict) for call in reply.calls)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_no_text_makes_it_fail(said: str) -> None:
    reply = ask(said, *(Tool(f"tool_{index}", name, SCHEMAS[name]) for index, name in enumerate(sorted(SCHEMAS)[:12])))

    assert reply.text or reply.calls
