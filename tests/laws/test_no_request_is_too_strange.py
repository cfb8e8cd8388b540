"""Whatever a body holds, it is answered or refused: nothing in it breaks the mock."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import ApiError
from mockserver.engine import Engine, Settings
from mockserver.server.request_context import RequestContext
from mockserver.server.respond import prepare
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.chat_completions.providers import PROVIDERS
from mockserver.wire.chat_completions.render import render
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.refusal import Refused

CALLED = {"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SOUND: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the weather in Oslo and Paris?", "name": "bob"},
        {"role": "assistant", "content": None, "tool_calls": [CALLED]},
        {"role": "tool", "tool_call_id": "a", "content": "21"},
        {"role": "user", "content": [{"type": "text", "text": "And in Rome?"}]},
    ],
    "tools": [{"type": "function", "function": {"name": "weather", "strict": True, "parameters": SCHEMA}}],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "stream": True,
    "stream_options": {"include_usage": True},
    "stop": ["x"],
    "metadata": {"a": "b"},
    "logit_bias": {"1": 2},
    "response_format": {"type": "text"},
    "service_tier": "auto",
    "modalities": ["text"],
    "n": 1,
}
ODD: list[Any] = [None, True, 0, -1, 1e400, 10**30, 1.5, "", "\ud800", "\x00", "required", [], {}, [[]], [None], ["x"]]
ODD += [{"function": {"name": 7}}, {"function": {"name": "weather"}}, {"type": "function"}]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@st.composite
def strange(draw: st.DrawFn) -> bytes:
    """A sound request with one to three places spoiled, or cut short."""
    body = copy.deepcopy(SOUND)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(body)))
        if draw(st.booleans()):
            holder[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        else:
            del holder[key]
        if not body:
            break
    text = json.dumps(body).encode()
    return text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 9)) == 0 else text


def understood(body: bytes, strict: bool) -> ParsedRequest | ApiError:
    try:
        return parse(body, strict=strict)
    except Refused as refused:
        return refused.error


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
@given(body=strange())
async def test_a_strange_request_is_answered_or_refused(strict: bool, body: bytes) -> None:
    heard = understood(body, strict)
    if isinstance(heard, ApiError):
        assert 400 <= heard.status < 500
        return

    engine = Engine(Settings())
    answer = await engine.answer(heard, "session", {}, engine.settings)

    assert not isinstance(answer.content, ApiError)
    assert render(answer.content, heard, answer.identity, {})


def understood_by(context: RequestContext, body: bytes, strict: bool) -> ParsedRequest | ApiError:
    try:
        return context.parse(body, strict=strict)[1]
    except Refused as refused:
        return refused.error


@pytest.mark.parametrize("provider", PROVIDERS)
@settings(max_examples=20)
@given(body=strange(), strict=st.booleans())
async def test_a_strange_request_is_answered_or_refused_in_every_manner(
    provider: str, body: bytes, strict: bool
) -> None:
    context = RequestContext(CHAT_COMPLETIONS, PROVIDERS[provider], "/v1/chat/completions", {})
    heard = understood_by(context, body, strict)
    if isinstance(heard, ApiError):
        assert 400 <= heard.status < 500
        return

    engine = Engine(Settings(provider=provider))
    answer = await engine.answer(heard, "session", {}, engine.settings)

    assert prepare(answer, heard, context).steps
