"""A completion turned into chunks."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.chat import Reply
from mockserver.wire.chat_completions.as_stream import as_stream
from mockserver.wire.chat_completions.render import body, streamed
from mockserver.wire.identity import Identity
from tests.replies import heard, question, replies

IDENTITY = Identity("0", b"request", "session", 1)
ASKED: list[dict[str, Any]] = [
    {},
    {"stream_options": {"include_usage": True}},
    {"stream_options": {"include_obfuscation": True}},
    {"logprobs": True, "top_logprobs": 2},
]


@given(st.lists(replies, min_size=1, max_size=2), st.sampled_from(ASKED), st.booleans())
def test_a_sound_body_gives_the_chunks_that_are_streamed(
    choices: list[Reply], options: dict[str, Any], legacy: bool
) -> None:
    choices = [replace(reply, stream=choices[0].stream) for reply in choices]
    asked = heard(replace(question(stream=True), options=options, legacy=legacy))

    told = as_stream(body(choices, asked, IDENTITY), asked.request, IDENTITY, choices[0].stream)

    assert told == streamed(choices, asked, IDENTITY)
