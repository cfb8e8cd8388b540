"""Faults of the envelope: what each changes in a body, and nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mockserver.chat import ApiError, Reply, call
from mockserver.wire.chat_completions.client import hear_stream
from tests.faulty import PARALLEL, SINGLE, TEXT, applies, body, broken, chunks, pieces, said_with, sent, sound

Change = Callable[[Any], object]


def message(answer: Any) -> Any:
    return answer["choices"][0]["message"]


def calls(answer: Any) -> Any:
    return message(answer)["tool_calls"]


def each(change: Change) -> Change:
    return lambda answer: [change(one) for one in calls(answer)]


def finish(reason: str | None) -> Change:
    return lambda answer: answer["choices"][0].update(finish_reason=reason)


CHANGES: dict[str, tuple[Reply, Change]] = {
    "missing_id": (PARALLEL, each(lambda one: one.pop("id"))),
    "null_id": (PARALLEL, each(lambda one: one.update(id=None))),
    "empty_id": (PARALLEL, each(lambda one: one.update(id=""))),
    "missing_type": (PARALLEL, each(lambda one: one.pop("type"))),
    "wrong_type": (PARALLEL, each(lambda one: one.update(type="tool_call"))),
    "id_reused_across_turns": (SINGLE, each(lambda one: one.update(id="call_earlier"))),
    "empty_tool_calls_list": (TEXT, lambda answer: message(answer).update(tool_calls=[])),
    "null_tool_calls": (TEXT, lambda answer: message(answer).update(tool_calls=None)),
    "content_missing": (PARALLEL, lambda answer: message(answer).pop("content")),
    "content_array": (PARALLEL, lambda answer: message(answer).update(content=[])),
    "content_empty": (PARALLEL, lambda answer: message(answer).update(content="")),
    "choices_empty": (PARALLEL, lambda answer: answer.update(choices=[])),
    "finish_stop_with_calls": (PARALLEL, finish("stop")),
    "finish_unknown": (PARALLEL, finish("malformed_function_call")),
    "finish_null": (PARALLEL, finish(None)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_fault_of_the_envelope_changes_this_and_nothing_else(name: str) -> None:
    reply, change = CHANGES[name]
    expected = body(sound(reply))
    change(expected)

    assert body(broken(name, reply)) == expected


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in ("choices_empty", "finish_null")])
def test_a_fault_of_the_envelope_is_the_same_when_streamed(name: str) -> None:
    reply, _ = CHANGES[name]
    plain = message(body(broken(name, reply)))

    streamed = broken(name, reply, stream=True)

    heads = [piece for piece in pieces(streamed) if piece["function"].get("name")]
    known = [{key: value for key, value in one.items() if key != "function"} for one in plain.get("tool_calls") or ()]
    assert [{key: head[key] for key in head if key not in ("index", "function")} for head in heads] == known


def test_of_several_calls_two_have_the_same_id() -> None:
    whole, faulty = calls(body(sound(PARALLEL))), calls(body(broken("duplicate_ids", PARALLEL)))

    assert len({one["id"] for one in faulty}) == len(whole) - 1
    assert [one["function"] for one in faulty] == [one["function"] for one in whole]


def test_a_long_id_begins_like_the_sound_one() -> None:
    (call,), (long,) = calls(body(sound(SINGLE))), calls(body(broken("overlong_id", SINGLE)))

    assert long["id"].startswith(call["id"])
    assert len(long["id"]) == 80


@pytest.mark.parametrize(
    ("style", "pattern"),
    [
        ("anthropic", r"toolu_\w{24}"),
        ("kimi", r"functions\.get_current_weather:\d"),
        ("mistral", r"\w{9}"),
        ("uuid", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("number", r"\d{9}"),
    ],
)
def test_foreign_ids_look_like_those_of_another_provider(style: str, pattern: str) -> None:
    ids = [one["id"] for one in calls(body(broken("foreign_id_style", PARALLEL, style=style)))]

    assert len(set(ids)) == len(PARALLEL.calls)
    assert all(re.fullmatch(pattern, one) for one in ids)


def test_one_call_can_be_picked() -> None:
    assert [one["id"] == "" for one in calls(body(broken("empty_id", PARALLEL, call=2)))] == [False, True, False]


@pytest.mark.parametrize("stream", [False, True])
def test_the_legacy_form_holds_the_same_call(stream: bool) -> None:
    steps = broken("legacy_function_call", SINGLE, stream=stream)

    if stream:
        (reply,) = hear_stream(sent(steps))
        assert (reply.calls[0].name, reply.calls[0].arguments) == (SINGLE.calls[0].name, SINGLE.calls[0].arguments)
    else:
        assert message(body(steps))["function_call"] == calls(body(sound(SINGLE)))[0]["function"]
        assert "tool_calls" not in message(body(steps))
    assert not applies("legacy_function_call", PARALLEL, stream=stream)


@pytest.mark.parametrize(
    ("name", "reason"), [("finish_length_mid_arguments", "length"), ("finish_content_filter", "content_filter")]
)
def test_the_last_call_is_cut_and_the_others_are_whole(name: str, reason: str) -> None:
    answer, whole = body(broken(name, PARALLEL)), calls(body(sound(PARALLEL)))

    assert [one["function"] for one in calls(answer)[:-1]] == [one["function"] for one in whole[:-1]]
    cut, full = calls(answer)[-1]["function"]["arguments"], whole[-1]["function"]["arguments"]
    assert full.startswith(cut)
    assert 0 < len(cut) < len(full)
    assert answer["choices"][0]["finish_reason"] == reason


def test_a_hidden_length_exists_in_streams_only() -> None:
    (reply,) = hear_stream(sent(broken("length_hidden_as_tool_calls", SINGLE, stream=True)))

    assert reply.finish_reason == "tool_calls"
    assert SINGLE.calls[0].arguments.startswith(reply.calls[0].arguments)
    assert not applies("length_hidden_as_tool_calls", SINGLE)


def test_arguments_cut_and_closed_again_parse_and_have_lost_their_end() -> None:
    (cut,) = calls(body(broken("truncated_but_valid", SINGLE)))

    kept, whole = json.loads(cut["function"]["arguments"]), json.loads(SINGLE.calls[0].arguments)
    assert kept.items() < whole.items()


def test_text_and_refusal_stand_beside_the_calls() -> None:
    told, refused = (message(body(broken(name, SINGLE))) for name in ("content_with_calls", "refusal_with_calls"))

    assert (told["content"], refused["refusal"]) == ("Let me check.", "I'm sorry, but I can't help with that.")
    assert told["tool_calls"] == refused["tool_calls"] == calls(body(sound(SINGLE)))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reply", [SINGLE, TEXT], ids=["calls", "text"])
def test_an_empty_reply_says_and_costs_nothing(reply: Reply, stream: bool) -> None:
    steps = broken("empty_reply", reply, stream=stream)

    if stream:
        (heard,) = hear_stream(sent(steps))
        assert (heard.text, heard.calls, heard.finish_reason) in ((None, (), "stop"), ("", (), "stop"))
    else:
        assert body(steps)["usage"]["completion_tokens"] == 0
        assert (message(body(steps))["content"], message(body(steps)).get("tool_calls")) == ("", None)


def test_calls_in_a_second_choice_leave_the_first_one_silent() -> None:
    first, second = body(broken("calls_in_second_choice", PARALLEL))["choices"]
    silent, calling = hear_stream(sent(broken("calls_in_second_choice", PARALLEL, stream=True)))

    assert (first["message"]["content"], first["finish_reason"], silent.calls) == ("", "stop", ())
    assert second["message"]["tool_calls"] == calls(body(sound(PARALLEL)))
    assert [call.id for call in calling.calls] == [call["id"] for call in calls(body(sound(PARALLEL)))]


def test_another_envelope_is_around_the_body_and_around_every_chunk() -> None:
    assert body(broken("non_standard_envelope", SINGLE)) == {"data": body(sound(SINGLE)), "success": True}
    wrapped = chunks(broken("non_standard_envelope", SINGLE, stream=True))
    assert [chunk["data"] for chunk in wrapped] == chunks(sound(SINGLE, stream=True))


def test_a_stream_without_choices_has_a_chunk_without_any() -> None:
    assert [chunk["choices"] for chunk in chunks(broken("choices_empty", TEXT, stream=True))] == [[]]


def test_tool_use_failed_is_a_400_with_the_failed_generation() -> None:
    said = said_with("tool_use_failed_400", SINGLE)

    assert isinstance(said, ApiError)
    assert (said.status, said.code) == (400, "tool_use_failed")
    assert SINGLE.calls[0].arguments in said.extra["failed_generation"]


@pytest.mark.parametrize("reply", [SINGLE, TEXT], ids=["calls", "text"])
def test_a_thought_leaks_into_the_content(reply: Reply) -> None:
    leaked, whole = message(body(broken("reasoning_leak", reply))), message(body(sound(reply)))

    assert leaked["content"].startswith("<think>")
    assert leaked["content"].endswith(whole["content"] or "\n")
    assert leaked.get("tool_calls") == whole.get("tool_calls")


def test_a_call_leaks_into_the_reasoning() -> None:
    leaked = message(body(broken("reasoning_leak", SINGLE, where="reasoning_content")))
    (heard,) = hear_stream(sent(broken("reasoning_leak", SINGLE, stream=True, where="reasoning_content")))

    assert "get_current_weather" in leaked["reasoning_content"]
    assert "tool_calls" not in leaked
    assert not heard.calls


def test_a_call_of_a_custom_tool_is_changed_too() -> None:
    custom = Reply(calls=[replace(call("run", arguments="print(1) + print(2)"), kind="custom")])

    (struck,) = calls(body(broken("missing_id", custom)))
    (head, *_) = pieces(broken("placeholder_then_real", custom, stream=True))

    assert struck == {"type": "custom", "custom": {"name": "run", "input": "print(1) + print(2)"}}
    assert head["custom"] == {"name": "run", "input": "{}"}
