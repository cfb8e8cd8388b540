"""What the wire sends, taken apart and put together again, is the same answer: chunk by chunk, plain and streamed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.chat import Reply
from mockserver.steps import Drop, Send, Step, Wait
from mockserver.wire.chat_completions.client import hear, hear_stream
from mockserver.wire.chat_completions.parse_recorded import Event, take_apart_body, take_apart_stream
from mockserver.wire.chat_completions.render import render
from mockserver.wire.chat_completions.replay import recorded_events
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from tests.replies import heard, question, replies

IDENTITY = Identity("0", b"request", "session", 1)
PLAIN_OPTIONS: list[dict[str, Any]] = [{}, {"n": 2}, {"logprobs": True}]
OPTIONS = [*PLAIN_OPTIONS, {"stream_options": {"include_usage": True}}]


def sent(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def events(stream: bytes) -> list[Event]:
    return [Event(text, place) for place, text in enumerate(stream.decode().split("\n\n")[:-1])]


def values(stream: bytes) -> list[Any]:
    return [json.loads(event.text.removeprefix("data: ").replace("[DONE]", "null")) for event in events(stream)]


def asking(stream: bool, options: dict[str, Any]) -> ParsedRequest:
    return heard(replace(question(stream=stream), options=options))


def without_ids(reply: Reply) -> Reply:
    return replace(reply, calls=[replace(call, id=None) for call in reply.calls])


@settings(max_examples=60)
@given(replies, st.sampled_from(OPTIONS))
def test_a_stream_taken_apart_is_the_same_stream_again(reply: Reply, options: dict[str, Any]) -> None:
    asked = asking(True, options)
    first = sent(render([reply] * options.get("n", 1), asked, IDENTITY, {}))

    recorded = take_apart_stream(events(first), asked, cut=False)

    assert recorded.sent is not None
    assert "raw" not in recorded.sent.texts
    again = sent(render([recorded], asked, IDENTITY, {}, time_scale=0))
    assert values(again) == values(first)


@settings(max_examples=60)
@given(replies, st.lists(st.integers(0, 60_000), min_size=1), st.sampled_from([0.0, 0.5, 1.0, 3.0]))
def test_every_gap_of_a_stream_comes_again_on_its_scale(reply: Reply, gaps: list[int], scale: float) -> None:
    asked = asking(True, {})
    first = events(sent(render([reply], asked, IDENTITY, {})))
    timed = [event._replace(gap=gaps[place % len(gaps)]) for place, event in enumerate(first)]

    recorded = take_apart_stream(timed, asked, cut=False)

    again = render([recorded], asked, IDENTITY, {}, time_scale=scale)
    assert waited(again) == pytest.approx([event.gap * scale / 1000 for event in timed])


def waited(steps: list[Step]) -> list[float]:
    """The seconds before each event."""
    found, seconds = [], 0.0
    for step in steps:
        if isinstance(step, Wait):
            seconds += step.seconds
        elif isinstance(step, Send):
            found.append(seconds)
            seconds = 0.0
    return found


@settings(max_examples=60)
@given(replies)
def test_of_our_own_stream_no_shape_has_to_be_kept(reply: Reply) -> None:
    asked = asking(True, {})

    recorded = take_apart_stream(events(sent(render([reply], asked, IDENTITY, {}))), asked, cut=False)

    assert recorded.sent is not None
    assert recorded.sent.shapes.keys() <= {"role"}


@settings(max_examples=60)
@given(replies, st.sampled_from(PLAIN_OPTIONS))
def test_a_plain_answer_taken_apart_is_the_same_answer_again(reply: Reply, options: dict[str, Any]) -> None:
    asked = asking(False, options)
    choices = [reply] * options.get("n", 1)
    first = sent(render(choices, asked, IDENTITY, {}))

    recorded = take_apart_body(json.loads(first), asked, 0)

    assert recorded is not None
    assert json.loads(sent(render([recorded] * len(choices), asked, IDENTITY, {}))) == json.loads(first)


@settings(max_examples=60)
@given(replies, st.booleans())
def test_what_was_recorded_one_way_says_the_same_in_the_other(reply: Reply, streamed: bool) -> None:
    asked, other = asking(streamed, {}), asking(not streamed, {})
    first = sent(render([reply], asked, IDENTITY, {}))
    recorded = (
        take_apart_stream(events(first), asked, cut=False) if streamed else take_apart_body(json.loads(first), asked, 0)
    )
    assert recorded is not None

    said = (hear if streamed else hear_stream)(sent(render([recorded], other, IDENTITY, {})))[0]
    meant = (hear_stream if streamed else hear)(first)[0]

    assert replace(said, usage=None) == replace(meant, usage=None)


@given(replies, st.integers(0, 5))
def test_a_cut_stream_breaks_off_at_the_same_event(reply: Reply, kept: int) -> None:
    asked = asking(True, {})
    heard_of = events(sent(render([reply], asked, IDENTITY, {})))[:kept]

    steps = render([take_apart_stream(heard_of, asked, cut=True)], asked, IDENTITY, {})

    assert values(sent(steps)) == values("".join(f"{event.text}\n\n" for event in heard_of).encode())
    assert steps[-1] == Drop()


def test_the_gaps_are_those_of_the_recording_scaled() -> None:
    asked = asking(True, {})
    recorded = take_apart_stream(events(sent(render([Reply("Good morning.")], asked, IDENTITY, {}))), asked, cut=False)

    waits = [step.seconds for step in render([recorded], asked, IDENTITY, {}, time_scale=10) if isinstance(step, Wait)]

    assert waits == [0.01, 0.02, 0.03, 0.04]


ODD = [
    ": ping",
    'event: note\ndata: {"a": 1}',
    'data: {"choices": [{"delta": {"content": "Hi"}}], "x": 1}',
    'data: {"choices": [{"index": 0, "delta": {"reasoning_content": "Hm. "}}], "x": 1}',
    'data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 3, "function": {"arguments": "{"}}]}}]}',
    'data: {"choices": [{"index": 0, "delta": null, "finish_reason": "eos"}]}',
    'data: {"choices": null}',
    'data: {"error": {"message": "<text>", "code": 500}}',
    "data: not json",
    "data: [1, 2]",
    "data: [DONE]",
]


@given(st.lists(st.sampled_from(ODD), max_size=8))
def test_a_strange_stream_is_kept_as_it_is(lines: list[str]) -> None:
    asked = asking(True, {})

    recorded = take_apart_stream([Event(line, 0) for line in lines], asked, cut=False)

    again = [event.decode().removesuffix("\n\n") for event in recorded_events(recorded, asked, IDENTITY)]
    assert [meaning(event) for event in again] == [meaning(line) for line in lines]


def meaning(event: str) -> Any:
    """An event without what each answer has its own of."""
    if not event.startswith("data: {"):
        return event
    value = json.loads(event.removeprefix("data: "))
    return {key: entry for key, entry in value.items() if key not in ("id", "created", "object", "model")}
