"""Where services say what a stream cost: in a chunk of its own, beside the finish reason, unasked. It comes again."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.recording.upstream_response import UpstreamResponse
from tests.test_recording.asking import Got, ask, body
from tests.test_recording.conftest import Record
from tests.test_recording.leaky import answering_with

USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
SO_FAR = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
OWN = {**USAGE, "queue_time": 0.25}
ASKED: dict[str, Any] = {"stream_options": {"include_usage": True}}


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "u1", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": [choice], **more}


def without_choices(**more: Any) -> dict[str, Any]:
    return {key: value for key, value in chunk({}, **more).items() if key != "choices"}


BEGIN, END = chunk({"role": "assistant", "content": "Hi"}), chunk({}, "stop")
STREAMS = {
    "the finish chunk": [BEGIN, chunk({}, "stop", usage=USAGE)],
    "the finish chunk with an empty text": [BEGIN, chunk({"content": ""}, "stop", usage=USAGE)],
    "a chunk with an empty delta": [BEGIN, END, chunk({}, usage=USAGE)],
    "a chunk with an empty list of choices": [BEGIN, END, chunk({}, choices=[], usage=USAGE)],
    "a chunk without choices": [BEGIN, END, without_choices(usage=USAGE)],
    "a chunk with nothing else": [BEGIN, END, {"usage": USAGE}],
    "the only chunk": [chunk({"role": "assistant", "content": "Hi"}, "stop", usage=USAGE)],
    "every chunk, growing": [chunk({"content": "Hi"}, usage=SO_FAR), chunk({}, "stop", usage=USAGE)],
    "every chunk, null at first": [chunk({"content": "Hi"}, usage=None), chunk({}, "stop", usage=USAGE)],
    "two chunks": [BEGIN, chunk({}, "stop", usage=USAGE), chunk({}, choices=[], usage=USAGE)],
    "the finish chunk in words of its own": [BEGIN, chunk({}, "stop", usage=OWN)],
}  # fmt: skip


def streamed(chunks: list[dict[str, Any]]) -> UpstreamResponse:
    data = "".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + "data: [DONE]\n\n"
    return UpstreamResponse(200, {"content-type": "text/event-stream"}, [(0.0, data.encode())])


def told(got: Got) -> list[dict[str, Any]]:
    return [{key: value for key, value in each.items() if key not in ("id", "created")} for each in got.chunks]


@pytest.mark.parametrize("more", [{}, ASKED], ids=["unasked", "asked"])
@pytest.mark.parametrize("place", STREAMS)
def test_the_usage_comes_again_where_it_was(place: str, more: dict[str, Any], record: Record, file: Path) -> None:
    with answering_with(lambda _: streamed(STREAMS[place])) as url:
        record.upstream = url
        with record():
            first = ask(record.url, body(stream=True, **more))

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body(stream=True, **more))

    assert told(again) == told(first)
    assert len({each["id"] for each in again.chunks if "id" in each}) == 1
    assert "raw" not in file.read_text()


def test_a_usage_that_rides_on_the_finish_is_not_said_twice_to_who_asks_for_it(record: Record, file: Path) -> None:
    with answering_with(lambda _: streamed(STREAMS["the finish chunk in words of its own"])) as url:
        record.upstream = url
        with record():
            ask(record.url, body(stream=True))

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body(stream=True, **ASKED))

    assert [each["usage"] for each in again.chunks if each.get("usage")] == [OWN]


def test_a_chunk_that_was_asked_for_is_left_out_for_who_does_not_ask(record: Record, file: Path) -> None:
    with answering_with(lambda _: streamed(STREAMS["a chunk with an empty list of choices"])) as url:
        record.upstream = url
        with record():
            ask(record.url, body(stream=True, **ASKED))

    with MockLLM(file) as replay:
        again = ask(replay.base_url, body(stream=True))

    assert [each["choices"][0]["finish_reason"] for each in again.chunks] == [None, "stop"]
