"""The chat-completions wire as it is written, key by key and chunk by chunk."""

import json
import re
from dataclasses import replace
from typing import Any

from mockserver.chat import ApiError, Reply, Timing, call
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire import Identity, write, write_error
from tests.replies import heard, question

IDENTITY = Identity("0", b"request", "session", 1)
OSLO = call("get_current_weather", location="Oslo")
PARIS = call("get_current_weather", location="Paris")


def written(reply: Reply, *, stream: bool = False, **options: Any) -> list[Step]:
    request = replace(question(stream=stream), options=options)
    return write([reply], heard(request), IDENTITY, {})


def chunks(reply: Reply, **options: Any) -> list[dict[str, Any]]:
    sends = [step.data for step in written(reply, stream=True, **options) if isinstance(step, Send)]
    assert sends[-1] == b"data: [DONE]\n\n"
    return [json.loads(send.removeprefix(b"data: ")) for send in sends[:-1]]


def deltas(reply: Reply) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks(reply)]


def test_an_answer_with_calls_has_the_keys_of_the_api_in_their_order() -> None:
    head, send = written(Reply(calls=[OSLO]))

    assert isinstance(send, Send)
    answer = json.loads(send.data)
    choice = answer["choices"][0]
    assert head == Head(200, (("content-type", "application/json"), ("content-length", str(len(send.data)))))
    assert list(answer) == [
        "id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint",
    ]  # fmt: skip
    assert list(choice) == ["index", "message", "logprobs", "finish_reason"]
    assert list(choice["message"]) == ["role", "content", "tool_calls", "refusal", "annotations"]
    assert choice["message"]["content"] is None
    assert choice["finish_reason"] == "tool_calls"
    assert re.fullmatch(r"chatcmpl-[0-9A-Za-z]{29}", answer["id"])
    assert re.fullmatch(r"call_[0-9A-Za-z]{24}", choice["message"]["tool_calls"][0]["id"])


def test_an_answer_without_calls_has_no_key_for_them() -> None:
    send = written(Reply("Hello."))[-1]

    assert isinstance(send, Send)
    message = json.loads(send.data)["choices"][0]["message"]
    assert message == {"role": "assistant", "content": "Hello.", "refusal": None, "annotations": []}


def test_one_call_is_opened_by_the_chunk_that_brings_the_role() -> None:
    first, *rest = deltas(Reply(calls=[OSLO]))

    call_id = first["tool_calls"][0]["id"]
    head = {"index": 0, "id": call_id, "type": "function", "function": {"name": OSLO.name, "arguments": ""}}
    assert first == {"role": "assistant", "content": None, "tool_calls": [head], "refusal": None}
    assert [list(delta["tool_calls"][0]) for delta in rest[:-1]] == [["index", "function"]] * (len(rest) - 1)
    assert rest[-1] == {}


def test_several_calls_come_one_after_another_behind_the_role() -> None:
    first, *rest = deltas(Reply(calls=[OSLO, PARIS]))

    opened = [piece["tool_calls"][0] for piece in rest if piece and "id" in piece["tool_calls"][0]]
    indices = [piece["tool_calls"][0]["index"] for piece in rest if piece]
    assert first == {"role": "assistant", "content": None}
    assert [head["index"] for head in opened] == [0, 1]
    assert indices == sorted(indices)


def test_a_call_without_arguments_sends_one_fragment() -> None:
    assert deltas(Reply(calls=[call("now")]))[1:] == [
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
        {},
    ]


def test_text_is_streamed_word_by_word_between_role_and_finish() -> None:
    found = chunks(Reply("Mild in Oslo."))

    assert [chunk["choices"][0]["delta"] for chunk in found] == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Mild "},
        {"content": "in "},
        {"content": "Oslo."},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in found] == [None, None, None, None, "stop"]


def test_all_chunks_share_id_time_and_model() -> None:
    shared = {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks(Reply("Mild in Oslo."))}

    assert len(shared) == 1


def test_usage_comes_in_a_last_chunk_without_choices_only_when_asked_for() -> None:
    *ordinary, last = chunks(Reply("Hello."), stream_options={"include_usage": True})

    assert all("usage" not in chunk for chunk in chunks(Reply("Hello.")))
    assert [chunk["usage"] for chunk in ordinary] == [None] * len(ordinary)
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == last["usage"]["prompt_tokens"] + last["usage"]["completion_tokens"]


def test_a_model_alias_answers_as_its_dated_snapshot() -> None:
    assert chunks(Reply("Hello."))[0]["model"] == "gpt-4o-2024-08-06"


def test_a_reply_that_takes_its_time_is_a_list_of_waits_and_sends() -> None:
    steps = written(Reply("Mild in Oslo.", timing=Timing(first_token=0.2, gap=0.02)), stream=True)

    waits = [step.seconds for step in steps if isinstance(step, Wait)]
    assert waits == [0.2, 0.02, 0.02, 0.02, 0.02]
    assert [type(step) for step in steps[:4]] == [Head, Wait, Send, Wait]


def test_a_plain_reply_takes_as_long_as_its_stream_would() -> None:
    timing = Timing(first_token=0.2, gap=0.02)

    plain = written(Reply("Mild in Oslo.", timing=timing))
    streamed = written(Reply("Mild in Oslo.", timing=timing), stream=True)

    assert plain[0] == Wait(sum(step.seconds for step in streamed if isinstance(step, Wait)))


def test_jitter_varies_the_gaps_within_its_share_and_always_alike() -> None:
    def waits() -> list[float]:
        steps = written(Reply("a b c d e f", timing=Timing(gap=1.0, jitter=0.1)), stream=True)
        return [step.seconds for step in steps if isinstance(step, Wait)][1:]

    assert waits() == waits()
    assert len(set(waits())) > 1
    assert all(0.9 <= wait <= 1.1 for wait in waits())


def test_an_error_has_all_four_keys() -> None:
    head, send = write_error(ApiError(429, "Slow down.", "requests", code="rate_limit_exceeded"), {})

    assert isinstance(head, Head)
    assert isinstance(send, Send)
    assert head.status == 429
    assert json.loads(send.data) == {
        "error": {"message": "Slow down.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    }
