"""The chat-completions wire as it is written, key by key and chunk by chunk."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from mockserver.chat import ApiError, Reply, Timing, ToolCall, call
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.chat_completions.render import render, render_error
from mockserver.wire.identity import Identity
from tests.replies import heard, question

IDENTITY = Identity("0", b"request", "session", 1)
OSLO = call("get_current_weather", location="Oslo")
PARIS = call("get_current_weather", location="Paris")


def written(reply: Reply, *, stream: bool = False, **options: Any) -> list[Step]:
    request = replace(question(stream=stream), options=options)
    return render([reply], heard(request), IDENTITY, {})


def chunks(reply: Reply, **options: Any) -> list[dict[str, Any]]:
    sends = [step.data for step in written(reply, stream=True, **options) if isinstance(step, Send)]
    assert sends[-1] == b"data: [DONE]\n\n"
    return [json.loads(send.removeprefix(b"data: ")) for send in sends[:-1]]


def deltas(reply: Reply) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks(reply)]


def answer(reply: Reply, **options: Any) -> dict[str, Any]:
    send = written(reply, **options)[-1]
    assert isinstance(send, Send)
    found: dict[str, Any] = json.loads(send.data)
    return found


def alone(*calls: ToolCall) -> int:
    """The tokens of one choice with these calls."""
    spent: int = answer(Reply(calls=calls))["usage"]["completion_tokens"]
    return spent


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


@pytest.mark.parametrize("model", ["gpt-4o-2024-05-13", "openai/gpt-4.1-2025-04-14", "somebody/s-model"])
def test_a_name_that_is_no_alias_is_the_one_that_answers(model: str) -> None:
    asked = replace(question(), model=model)
    send = render([Reply("Hello.")], heard(asked), IDENTITY, {})[-1]

    assert isinstance(send, Send)
    assert json.loads(send.data)["model"] == model


@pytest.mark.parametrize(
    ("asked", "said"), [(None, "default"), ("auto", "default"), ("flex", "flex"), ("priority", "priority")]
)
def test_the_service_tier_is_the_one_that_was_asked_for(asked: str | None, said: str) -> None:
    options = {} if asked is None else {"service_tier": asked}

    assert answer(Reply("Hello."), **options)["service_tier"] == said
    assert {chunk["service_tier"] for chunk in chunks(Reply("Hello."), **options)} == {said}


def test_the_fingerprint_of_the_system_has_ten_characters_behind_its_beginning() -> None:
    assert re.fullmatch(r"fp_[0-9a-z]{10}", answer(Reply("Hello."))["system_fingerprint"])
    assert {chunk["system_fingerprint"] for chunk in chunks(Reply("Hi."))} == {answer(Reply(""))["system_fingerprint"]}


def test_the_usage_has_its_details_plain_and_streamed() -> None:
    plain = answer(Reply(calls=[OSLO]))["usage"]

    assert list(plain) == [
        "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details",
    ]  # fmt: skip
    assert plain["prompt_tokens"] > 0 < plain["completion_tokens"]
    assert plain["total_tokens"] == plain["prompt_tokens"] + plain["completion_tokens"]
    assert plain["prompt_tokens_details"] == {"cached_tokens": 0, "audio_tokens": 0}
    assert plain["completion_tokens_details"] == {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    }
    assert chunks(Reply(calls=[OSLO]), stream_options={"include_usage": True})[-1]["usage"] == plain


def test_the_usage_of_a_script_may_have_newer_keys() -> None:
    given = {"prompt_tokens": 7, "cache_write_tokens": 2, "prompt_tokens_details": {"cached_tokens": 5}}

    usage = answer(Reply("Hello.", usage=given))["usage"]

    assert (usage["prompt_tokens"], usage["total_tokens"]) == (7, 7 + usage["completion_tokens"])
    assert usage["cache_write_tokens"] == 2
    assert usage["prompt_tokens_details"] == {"cached_tokens": 5}


def test_a_call_has_no_index_unless_it_is_streamed() -> None:
    message = answer(Reply(calls=[OSLO]))["choices"][0]["message"]

    [made] = message["tool_calls"]
    assert list(made) == ["id", "type", "function"]
    assert (made["type"], made["function"]) == ("function", {"name": OSLO.name, "arguments": '{"location": "Oslo"}'})
    assert "function_call" not in message


def test_text_may_stand_beside_the_calls() -> None:
    choice = answer(Reply("Let me look.", [OSLO]))["choices"][0]
    first, *rest = deltas(Reply("Let me look.", [OSLO], stream="whole"))

    assert (choice["message"]["content"], choice["finish_reason"]) == ("Let me look.", "tool_calls")
    assert first == {"role": "assistant", "content": "", "refusal": None}
    assert [list(delta) for delta in rest] == [["content"], ["tool_calls"], ["tool_calls"], []]


def test_a_refusal_takes_the_place_of_the_content_plain_and_streamed() -> None:
    choice = answer(Reply(refusal="I will not."))["choices"][0]
    said = deltas(Reply(refusal="I will not."))

    assert (choice["message"]["refusal"], choice["message"]["content"]) == ("I will not.", None)
    assert choice["finish_reason"] == "stop"
    assert said[0] == {"role": "assistant", "content": None, "refusal": None}
    assert said[1:] == [{"refusal": "I "}, {"refusal": "will "}, {"refusal": "not."}, {}]


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter", "function_call"])
def test_a_script_may_say_each_finish_reason(reason: str) -> None:
    reply = Reply("Hello.", finish_reason=reason)

    assert answer(reply)["choices"][0]["finish_reason"] == reason
    assert chunks(reply)[-1]["choices"][0]["finish_reason"] == reason


def test_every_chunk_has_the_keys_of_the_api_in_their_order() -> None:
    asked = {"include_usage": True, "include_obfuscation": True}
    found = chunks(Reply(calls=[OSLO, PARIS]), stream_options=asked)

    for chunk in found:
        assert list(chunk) == [
            "id", "object", "created", "model", "service_tier", "system_fingerprint", "choices", "usage", "obfuscation",
        ]  # fmt: skip
        assert all(list(each) == ["index", "delta", "logprobs", "finish_reason"] for each in chunk["choices"])
    assert {chunk["object"] for chunk in found} == {"chat.completion.chunk"}
    assert list(chunks(Reply("Hi."))[0])[-1] == "choices"


def test_id_type_name_and_role_come_once() -> None:
    found = deltas(Reply(calls=[OSLO, PARIS]))
    heads = [piece for delta in found for piece in delta.get("tool_calls", ()) if "id" in piece]

    assert [list(head) for head in heads] == [["index", "id", "type", "function"]] * 2
    assert [head["function"] for head in heads] == [{"name": OSLO.name, "arguments": ""}] * 2
    assert ["role" in delta for delta in found] == [True] + [False] * (len(found) - 1)


def test_an_event_is_one_line_of_data_and_an_empty_one() -> None:
    head, *sends = written(Reply("Größe 🎉\n\r\u2028 und mehr", stream="character"), stream=True)

    assert head == Head(200, (("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked")))
    for send in sends:
        assert isinstance(send, Send)
        assert send.data.decode().startswith("data: ")
        assert send.data.index(b"\n\n") == len(send.data) - 2
        assert b"\r" not in send.data


@pytest.mark.parametrize("stream", [False, True])
def test_as_many_choices_as_there_may_be_have_ids_of_their_own_and_one_usage(stream: bool) -> None:
    options = {"n": 128, "stream_options": {"include_usage": True}}
    asked = heard(replace(question(stream=stream), options=options))
    sends = [
        step.data for step in render([Reply(calls=[OSLO, PARIS])] * 128, asked, IDENTITY, {}) if isinstance(step, Send)
    ]
    found = [json.loads(send.removeprefix(b"data: ")) for send in sends if b"[DONE]" not in send]
    choices = [choice for part in found for choice in part["choices"]]
    calls = [piece for choice in choices for piece in choice.get("message", choice.get("delta")).get("tool_calls", ())]

    assert sorted({choice["index"] for choice in choices}) == list(range(128))
    assert len({made["id"] for made in calls if "id" in made}) == 256
    counted = [part["usage"] for part in found if part.get("usage")]
    assert [usage["completion_tokens"] for usage in counted] == [128 * alone(OSLO, PARIS)]


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
    head, send = render_error(ApiError(429, "Slow down.", "requests", code="rate_limit_exceeded"), {})

    assert isinstance(head, Head)
    assert isinstance(send, Send)
    assert head.status == 429
    assert json.loads(send.data) == {
        "error": {"message": "Slow down.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    }
