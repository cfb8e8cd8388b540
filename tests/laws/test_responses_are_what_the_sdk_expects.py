"""Answers of the Responses API validate against the official SDK's types; plain and streamed say the same as chat."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from mockserver.chat import Reply
from mockserver.steps import Send
from mockserver.wire.identity import Identity
from mockserver.wire.responses.assemble import assembled
from mockserver.wire.responses.parts import PARTS
from mockserver.wire.responses.render import render, template
from mockserver.wire.responses.response_object import response_object
from tests.replies import replies
from tests.test_wire.responses.requests import parsed

IDENTITY = Identity("0", b"request", "session", 1)
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"include": ["message.output_text.logprobs", "reasoning.encrypted_content"], "top_logprobs": 2},
    {"reasoning": {"effort": "low", "summary": "auto"}, "model": "gpt-5", "background": True},
]
said = st.builds(
    lambda reply, thinking, finish: replace(reply, thinking=thinking, finish_reason=finish),
    replies,
    st.none() | st.text(min_size=1, max_size=40),
    st.sampled_from([None, "length", "content_filter"]),
)


def sent(reply: Reply, stream: bool, options: dict[str, Any]) -> list[bytes]:
    asked: dict[str, Any] = {"stream": True, **options} if stream else options
    return [step.data for step in render([reply], parsed(**asked), IDENTITY, {}) if isinstance(step, Send)]


@given(said, st.sampled_from(OPTIONS))
def test_a_plain_answer_is_a_response(reply: Reply, options: dict[str, Any]) -> None:
    [body] = sent(reply, False, options)

    Response.model_validate_json(body, strict=True)
    made = template([reply], parsed(**options))
    assert made is not None
    assert made.fill(IDENTITY) == body


@given(said, st.sampled_from(OPTIONS))
def test_every_event_is_one_of_the_sdks_and_together_they_say_the_plain_answer(
    reply: Reply, options: dict[str, Any]
) -> None:
    frames = sent(reply, True, options)
    events = [PARTS.framing.read(frame) for frame in frames]
    said_plainly = response_object([reply], parsed(**options), IDENTITY)["output"]

    assert [event["sequence_number"] for event in events if event] == list(range(len(frames)))
    for frame, event in zip(frames, events, strict=True):
        assert event is not None
        assert frame.startswith(f"event: {event['type']}\ndata: ".encode())
        EVENT.validate_python(event)
    whole = [event for event in events if event is not None]
    assert whole[-1]["response"]["output"] == said_plainly
    if "include" not in options:
        assert assembled(whole)["output"] == said_plainly
