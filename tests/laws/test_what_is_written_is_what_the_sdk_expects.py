"""Every fault-free answer validates against the official SDK's own types, plain and streamed."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from mockserver.chat import Reply
from mockserver.steps import Send
from mockserver.wire.chat_completions.render import render
from mockserver.wire.identity import Identity
from tests.replies import heard, question, replies

IDENTITY = Identity("0", b"request", "session", 1)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"logprobs": True, "top_logprobs": 2},
    {"stream_options": {"include_usage": True, "include_obfuscation": True}, "service_tier": "flex"},
]


def sent(choices: list[Reply], stream: bool, legacy: bool, options: dict[str, Any]) -> list[bytes]:
    request = replace(question(stream=stream), legacy=legacy, options=options)
    return [step.data for step in render(choices, heard(request), IDENTITY, {}) if isinstance(step, Send)]


@given(st.lists(replies, min_size=1, max_size=2), st.booleans(), st.sampled_from(OPTIONS))
def test_a_plain_answer_is_a_chat_completion(choices: list[Reply], legacy: bool, options: dict[str, Any]) -> None:
    [body] = sent(choices, False, legacy, options)

    assert len(ChatCompletion.model_validate_json(body, strict=True).choices) == len(choices)


@given(st.lists(replies, min_size=1, max_size=2), st.booleans(), st.sampled_from(OPTIONS))
def test_every_event_of_a_stream_is_a_chunk(choices: list[Reply], legacy: bool, options: dict[str, Any]) -> None:
    *frames, done = sent(choices, True, legacy, options)

    chunks = [ChatCompletionChunk.model_validate_json(frame.removeprefix(b"data: "), strict=True) for frame in frames]

    assert done == b"data: [DONE]\n\n"
    assert len({(chunk.id, chunk.created, chunk.model, chunk.object) for chunk in chunks}) == 1
