"""The Messages API: what is written, plain or streamed, is read as the reply that was meant, and by the SDK's types."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import ChatRequest, Reply, ToolCall
from mockserver.steps import Send
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.messages.assemble import hear, hear_stream
from mockserver.wire.messages.message import complete
from mockserver.wire.messages.render import render
from mockserver.wire.streaming import events
from tests.replies import cuts, heard, json_values, names, question, texts

IDENTITY = Identity("0", b"request", "session", 1)
ADAPTIVE: dict[str, Any] = {"thinking": {"type": "adaptive"}}
THOUGHTS = st.none() | st.text(min_size=1, max_size=60)

objects = st.dictionaries(texts, json_values, max_size=3).map(lambda value: json.dumps(value, ensure_ascii=False))
calls = st.lists(st.builds(ToolCall, names, objects), max_size=4)
spoken = st.builds(Reply, st.text(min_size=1, max_size=60), calls, thinking=THOUGHTS, stream=cuts)
calling = st.builds(Reply, st.none(), calls.filter(bool), thinking=THOUGHTS, stream=cuts)
refusing = st.builds(Reply, refusal=st.text(min_size=1, max_size=60), stream=cuts)
replies = spoken | calling | refusing


def asked(*, stream: bool = False) -> ParsedRequest:
    request: ChatRequest = replace(question(stream=stream), model="claude-opus-5-5", options=ADAPTIVE, api="messages")
    return heard(request)


def sent(reply: Reply, *, stream: bool) -> bytes:
    steps = render([reply], asked(stream=stream), IDENTITY, {})
    return b"".join([step.data for step in steps if isinstance(step, Send)])


def without_usage(reply: Reply) -> Reply:
    return replace(reply, usage=None)


@given(replies)
def test_a_plain_message_is_read_as_it_was_written(reply: Reply) -> None:
    assert without_usage(hear(sent(reply, stream=False))) == without_usage(complete(reply, asked(), IDENTITY))


@given(replies)
def test_a_streamed_message_is_read_as_it_was_written(reply: Reply) -> None:
    assert without_usage(hear_stream(sent(reply, stream=True))) == without_usage(complete(reply, asked(), IDENTITY))


@given(replies)
def test_plain_and_streamed_say_the_same(reply: Reply) -> None:
    plain, streamed = hear(sent(reply, stream=False)), hear_stream(sent(reply, stream=True))

    assert without_usage(plain) == without_usage(streamed)
    assert plain.usage is not None
    assert streamed.usage is not None
    assert plain.usage["output_tokens"] == streamed.usage["output_tokens"]


@given(replies)
def test_a_plain_message_is_one_of_the_sdk(reply: Reply) -> None:
    types = pytest.importorskip("anthropic.types")

    assert types.Message.model_validate_json(sent(reply, stream=False), strict=True).type == "message"


@given(replies)
def test_every_event_of_a_stream_is_one_of_the_sdk(reply: Reply) -> None:
    types = pytest.importorskip("anthropic.types")
    kinds = {
        "message_start": types.RawMessageStartEvent,
        "content_block_start": types.RawContentBlockStartEvent,
        "content_block_delta": types.RawContentBlockDeltaEvent,
        "content_block_stop": types.RawContentBlockStopEvent,
        "message_delta": types.RawMessageDeltaEvent,
        "message_stop": types.RawMessageStopEvent,
    }

    for data in events(sent(reply, stream=True)):
        kind = json.loads(data)["type"]
        assert kind == "ping" or kinds[kind].model_validate_json(data, strict=True).type == kind
