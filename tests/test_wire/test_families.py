"""What a model's name makes of the checks: only what is known of a family restricts it."""

import json

import pytest

from mockserver.chat import ApiError
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.refusal import Refused
from tests.refusals import HI, ROWS, tool
from tests.requests import body

NEWEST = "gpt-5"
UNKNOWN = ["mock-1", "qwen3-coder-plus", "claude-sonnet-4", "gemini-9", "gpt-6", "x-ai/grok-9"]
TAKEN_BY_THE_NEWEST = {
    "no content": body(messages=[{"role": "user", "content": None}, {"role": "assistant"}]),
    "no parts": body(messages=[{"role": "user", "content": []}]),
    "a silent developer": body(messages=[*HI, {"role": "developer"}]),
    "system": body(messages=[{"role": "system", "content": "Be brief."}, *HI]),
    "parallel_tool_calls alone": body(parallel_tool_calls=False),
    "a name with a dot": body(tools=tool(name="get.weather")),
    "a long description": body(tools=tool(description="x" * 10_716)),
    "max_completion_tokens": body(max_completion_tokens=128_000),
    "eight choices": body(n=8),
}


def named(raw: bytes, model: str) -> bytes:
    """The same request to another model; what is not a request with a model stays as it is."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    return json.dumps({**data, "model": model}).encode() if isinstance(data, dict) and data.get("model") else raw


def refusal(raw: bytes) -> ApiError | None:
    try:
        parse(raw)
    except Refused as refused:
        return refused.error
    return None


@pytest.mark.parametrize("model", UNKNOWN)
def test_an_unknown_model_takes_whatever_the_newest_family_takes(model: str) -> None:
    requests = [*TAKEN_BY_THE_NEWEST.values(), *(raw for raw, *_ in ROWS.values())]
    taken = [raw for raw in requests if refusal(named(raw, NEWEST)) is None]

    assert [raw for raw in taken if refusal(named(raw, model)) is not None] == []
    assert len(taken) >= len(TAKEN_BY_THE_NEWEST)


def test_an_unknown_model_words_its_refusals_as_the_newest_family_does() -> None:
    assert refusal(body(model="mock-1", foo=1)) == refusal(body(model=NEWEST, foo=1))


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("model", UNKNOWN)
def test_an_unknown_model_writes_as_many_tokens_as_one_likes(model: str, key: str) -> None:
    assert refusal(body(model=model, **{key: 1_000_000})) is None


@pytest.mark.parametrize("length", [1_080, 2_310, 5_721, 10_716])
@pytest.mark.parametrize("model", [*UNKNOWN, "gpt-4.1", "openai/gpt-4.1-mini-2025-04-14", "gpt-5", "o3"])
def test_a_long_description_is_taken_where_no_limit_is_known(model: str, length: int) -> None:
    assert parse(body(model=model, tools=tool(description="x" * length))).request.tools[0].description == "x" * length


@pytest.mark.parametrize("model", ["gpt-4o", "openai/gpt-4o-mini", "gpt-4", "gpt-4-turbo", "gpt-3.5-turbo"])
def test_a_long_description_is_refused_where_the_limit_was_reported(model: str) -> None:
    refused = refusal(body(model=model, tools=tool(description="x" * 1_080)))

    assert refused is not None
    assert refused.code == "string_above_max_length"


@pytest.mark.parametrize("key", ["search_parameters", "top_k", "enable_thinking", "provider", "chat_template_kwargs"])
def test_a_parameter_of_another_service_is_taken_by_models_that_are_not_openais(key: str) -> None:
    assert parse(body(model="grok-code-fast-1", **{key: {"mode": "off"}})).request.options[key] == {"mode": "off"}
    assert refusal(body(model="gpt-4.1", **{key: {"mode": "off"}})) is not None
    assert refusal(body(model="gpt-5", **{key: {"mode": "off"}})) is not None


def test_a_misspelt_parameter_is_refused_for_every_model() -> None:
    for model in (*UNKNOWN, "gpt-4.1", "gpt-5"):
        refused = refusal(body(model=model, temprature=1))
        assert refused is not None, model
        assert "temprature" in refused.message
