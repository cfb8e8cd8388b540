"""Faults of a stream: what each does to the deltas, the chunks and the bytes."""

import json
from itertools import pairwise
from typing import Any

import pytest

from mockserver.chat import Reply
from mockserver.steps import Drop, Head, Send, Wait
from mockserver.wire.chat_completions.client import hear, hear_stream
from mockserver.wire.streaming import events
from tests.faulty import PARALLEL, SINGLE, TEXT, applies, body, broken, chunks, deltas, pieces, sent, sound

LEGAL = [
    *("interleaved_calls", "calls_out_of_order", "whole_call_in_one_chunk", "one_char_per_chunk"),
    *("empty_deltas", "finish_chunk_carries_call", "role_missing", "role_every_chunk", "chunk_id_changes"),
    *("no_done", "double_finish", "stall", "slow_first_byte"),
]
FORMS = ["mixed", "crlf", "cr", "no_space", "multi_line", "comments", "fields", "segments"]
INDEXES: dict[str, list[Any]] = {
    "index_always_zero": [0, 0, 0],
    "index_offset": [1, 2, 3],
    "index_gap": [0, 2, 4],
    "index_as_string": ["0", "1", "2"],
    "index_missing": [None, None, None],
}


def opening(steps: Any) -> list[Any]:
    return [piece for piece in pieces(steps) if piece["function"].get("name") and piece.get("id")]


def lasting(steps: Any, index: int = 0) -> list[str]:
    return [piece["function"]["arguments"] for piece in pieces(steps) if piece["index"] == index]


@pytest.mark.parametrize("name", LEGAL)
def test_a_correct_sse_reader_gets_the_same_events(name: str) -> None:
    (whole,), (heard,) = (
        hear_stream(sent(steps)) for steps in (sound(PARALLEL, stream=True), broken(name, PARALLEL, stream=True))
    )

    assert heard == whole


@pytest.mark.parametrize("form", FORMS)
def test_oddly_framed_events_are_the_same_events(form: str) -> None:
    whole, odd = sound(PARALLEL, stream=True), broken("bad_sse_framing", PARALLEL, stream=True, form=form)

    assert sent(odd) != sent(whole) or form == "segments"
    assert [json.loads(event) for event in events(sent(odd))[:-1]] == chunks(whole)


def test_bytes_are_cut_inside_a_character() -> None:
    sends = [
        step.data
        for step in broken("bad_sse_framing", PARALLEL, stream=True, form="segments")
        if isinstance(step, Send)
    ]

    assert any(piece.decode("utf-8", "ignore").encode() != piece for piece in sends)


@pytest.mark.parametrize("name", INDEXES)
def test_the_index_is_another_one_and_nothing_else_changes(name: str) -> None:
    faulty, whole = pieces(broken(name, PARALLEL, stream=True)), pieces(sound(PARALLEL, stream=True))

    heads = [piece for piece in faulty if "id" in piece]
    assert [piece.get("index") for piece in heads] == INDEXES[name]
    assert [{**piece, "index": 0} for piece in faulty] == [{**piece, "index": 0} for piece in whole]


def test_id_type_and_name_are_in_every_delta() -> None:
    told = pieces(broken("id_name_every_chunk", SINGLE, stream=True))

    assert len({(piece["id"], piece["type"], piece["function"]["name"]) for piece in told}) == 1
    assert "".join(lasting(broken("id_name_every_chunk", SINGLE, stream=True))) == SINGLE.calls[0].arguments


def test_a_name_comes_in_two_pieces() -> None:
    told = [
        piece["function"]["name"]
        for piece in pieces(broken("name_split", SINGLE, stream=True))
        if "name" in piece["function"]
    ]

    assert len(told) == 2
    assert all(told)
    assert "".join(told) == "get_current_weather"


def test_arguments_come_before_the_name() -> None:
    first, second, *_ = pieces(broken("arguments_before_name", SINGLE, stream=True))

    assert "name" not in first["function"]
    assert second["function"]["name"] == "get_current_weather"
    assert "".join(lasting(broken("arguments_before_name", SINGLE, stream=True))) == SINGLE.calls[0].arguments


def test_every_delta_repeats_what_came_before() -> None:
    told = lasting(broken("cumulative_arguments", SINGLE, stream=True))

    assert all(later.startswith(earlier) for earlier, later in pairwise(told))
    assert told[-1] == SINGLE.calls[0].arguments


@pytest.mark.parametrize(
    ("name", "text"),
    [("final_arguments_resent", "{0}{0}"), ("placeholder_then_real", "{{}}{0}")],
)
def test_the_joined_arguments_are_too_many(name: str, text: str) -> None:
    assert "".join(lasting(broken(name, SINGLE, stream=True))) == text.format(SINGLE.calls[0].arguments)


def test_calls_are_mixed_and_reversed() -> None:
    mixed = [piece["index"] for piece in pieces(broken("interleaved_calls", PARALLEL, stream=True))]
    backwards = [piece["index"] for piece in pieces(broken("calls_out_of_order", PARALLEL, stream=True))]

    assert mixed[:6] == [0, 1, 2, 0, 1, 2]
    assert backwards == sorted(backwards, reverse=True)


def test_later_deltas_have_nulls() -> None:
    _, later, *_ = pieces(broken("null_fields", SINGLE, stream=True))

    assert (later["id"], later["type"], later["function"]["name"]) == (None, None, None)


def test_a_call_is_whole_in_one_chunk() -> None:
    assert lasting(broken("whole_call_in_one_chunk", SINGLE, stream=True)) == [SINGLE.calls[0].arguments]


@pytest.mark.parametrize("reply", [SINGLE, TEXT], ids=["calls", "text"])
def test_no_piece_is_longer_than_a_character(reply: Reply) -> None:
    told = deltas(broken("one_char_per_chunk", reply, stream=True))

    texts = [delta.get("content") or "" for delta in told]
    texts += [piece["function"]["arguments"] for delta in told for piece in delta.get("tool_calls") or ()]
    assert max(map(len, texts)) == 1


def reasons(steps: Any) -> list[str | None]:
    return [chunk["choices"][0]["finish_reason"] for chunk in chunks(steps) if chunk["choices"]]


def test_the_finish_reason_comes_twice_never_or_early() -> None:
    carried, early, double, none = (
        broken(name, SINGLE, stream=True)
        for name in ("finish_chunk_carries_call", "finish_before_last_delta", "double_finish", "no_finish")
    )

    assert "tool_calls" in deltas(carried)[-1]
    assert reasons(carried)[-1] == "tool_calls"
    assert (reasons(early)[-2:], deltas(early)[-2]) == (["tool_calls", None], {})
    assert reasons(double)[-2:] == ["tool_calls", "tool_calls"]
    assert set(reasons(none)) == {None}
    assert sent(none).endswith(b"data: [DONE]\n\n")


def test_every_delta_or_no_delta_has_the_role() -> None:
    assert not any("role" in delta for delta in deltas(broken("role_missing", TEXT, stream=True)))
    assert all(delta["role"] == "assistant" for delta in deltas(broken("role_every_chunk", TEXT, stream=True)))


def test_every_chunk_has_an_id_of_its_own() -> None:
    told = chunks(broken("chunk_id_changes", TEXT, stream=True))

    assert len({chunk["id"] for chunk in told}) == len(told)


def test_the_usage_comes_unasked_in_a_chunk_without_choices() -> None:
    *told, last = chunks(broken("usage_chunk_empty_choices", TEXT, stream=True))

    assert told == chunks(sound(TEXT, stream=True))
    assert (last["choices"], last["usage"]["total_tokens"] > 0) == ([], True)


def test_the_stream_ends_in_another_way() -> None:
    whole = events(sent(sound(SINGLE, stream=True)))

    assert events(sent(broken("no_done", SINGLE, stream=True))) == whole[:-1]
    assert events(sent(broken("only_done", SINGLE, stream=True))) == ["[DONE]"]
    *before, error = events(sent(broken("error_event", SINGLE, stream=True)))
    assert before == whole[: len(before)]
    assert json.loads(error)["error"]["type"] == "server_error"


def test_the_connection_closes_inside_the_arguments() -> None:
    steps = broken("disconnect_mid_arguments", SINGLE, stream=True)

    assert steps[-1] == Drop()
    assert sent(sound(SINGLE, stream=True)).startswith(sent(steps))
    assert b'"arguments":"' in sent(steps).rpartition(b"\n\n")[2]


@pytest.mark.parametrize("stream", [False, True])
def test_stall_waits_for_the_given_seconds(stream: bool) -> None:
    stalled, late = (broken(name, SINGLE, stream=stream, seconds="3s") for name in ("stall", "slow_first_byte"))

    assert late[0] == Wait(3.0)
    assert Wait(3.0) in stalled[1:-1]
    assert [sent(steps) for steps in (stalled, late)] == [sent(sound(SINGLE, stream=stream))] * 2


@pytest.mark.parametrize("reply", [PARALLEL, TEXT], ids=["calls", "text"])
def test_the_other_form_says_the_same(reply: Reply) -> None:
    plain, streamed = broken("json_instead_of_sse", reply, stream=True), broken("sse_instead_of_json", reply)

    (whole,) = hear(sent(sound(reply)))
    assert (
        [said.calls for said in hear(sent(plain))]
        == [said.calls for said in hear_stream(sent(streamed))]
        == [whole.calls]
    )
    assert (
        [said.text for said in hear(sent(plain))] == [said.text for said in hear_stream(sent(streamed))] == [whole.text]
    )
    heads = [step for step in (*plain, *streamed) if isinstance(step, Head)]
    assert [dict(head.headers)["content-type"].partition(";")[0] for head in heads] == [
        "application/json",
        "text/event-stream",
    ]
    assert body(plain)["object"] == "chat.completion"


@pytest.mark.parametrize("name", ["index_missing", "no_done", "role_missing", "json_instead_of_sse"])
def test_a_fault_of_streams_does_not_apply_to_a_plain_answer(name: str) -> None:
    assert not applies(name, PARALLEL)


@pytest.mark.parametrize("name", ["index_always_zero", "index_gap", "interleaved_calls", "calls_out_of_order"])
def test_one_call_alone_cannot_be_mixed_up(name: str) -> None:
    assert not applies(name, SINGLE, stream=True)
