"""The judge of plain schemas says exactly what the full validator says."""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.simulate.mini_schema import plain_judge

names = st.sampled_from(["city", "unit", "days"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([1.0, 1.5, "celsius", "kelvin", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["string", "boolean", "null", "number", "integer", "object", "array"])
scalars = st.fixed_dictionaries({"type": kinds})
texts = st.fixed_dictionaries({"type": st.just("string"), "enum": st.just(["celsius", "fahrenheit"])})


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(names, inner, max_size=3),
            "required": st.lists(names, unique=True, max_size=2),
            "additionalProperties": st.booleans(),
        },
    )


def lists(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just("array")}, optional={"items": inner})


schemas = st.recursive(scalars | texts, lambda inner: objects(inner) | lists(inner), max_leaves=5)


@given(schemas, values)
def test_both_judges_agree(schema: dict[str, Any], value: Any) -> None:
    judge = plain_judge(schema)

    assert judge is not None
    assert judge(value) == jsonschema_rs.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": ["string", "null"]},
        {"type": "dict"},
        {"type": "string", "minLength": 1},
        {"type": "string", "format": "date"},
        {"type": "string", "enum": []},
        {"type": "number", "enum": [1, 2]},
        {"type": "object", "required": True},
        {"type": "object", "properties": {"city": {"$ref": "#/$defs/city"}}},
        {"type": "array", "items": {"anyOf": []}},
    ],
)
def test_a_schema_that_says_more_is_left_to_the_full_validator(schema: Any) -> None:
    assert plain_judge(schema) is None
