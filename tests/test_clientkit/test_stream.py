"""Bytes in, events out: what a stream may do wrong and still be understood, and what it may not."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientkit import APIError, ArgumentsGrew, CallComplete, CallOpened, Finished, Reply, StreamError, TextArrived
from clientkit.deltas import Deltas
from clientkit.events import ReplyEvent
from clientkit.stream import StreamReader

CITY = '{"city": "Paris"}'


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def part(arguments: object = None, name: str | None = None, identity: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": identity, "type": None, "function": {"name": name, "arguments": arguments}, **more}


def lines(*chunks: dict[str, Any], end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + end).encode()


def read(*pieces: bytes) -> list[ReplyEvent]:
    reader = StreamReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events if reader.done else [*events, *reader.end()]


def reply_of(events: list[ReplyEvent]) -> Reply:
    last = events[-1]
    assert isinstance(last, Finished)
    return last.reply


def called(*parts: dict[str, Any]) -> list[tuple[str, str]]:
    """The calls that a stream with these parts, one a chunk, amounts to."""
    reply = reply_of(read(lines(*(chunk({"tool_calls": [each]}) for each in parts), chunk({}, "tool_calls"))))
    assert len({call.id for call in reply.calls}) == len(reply.calls)
    return [(call.name, call.arguments) for call in reply.calls]


def test_text_arrives_piece_by_piece_and_then_whole() -> None:
    events = read(
        lines(chunk({"role": "assistant", "content": ""}), chunk({"content": "Hel"}), chunk({"content": "lo"}, "stop"))
    )

    assert events == [TextArrived("Hel"), TextArrived("lo"), Finished(Reply(text="Hello", finish="stop"))]


def test_a_call_opens_grows_and_is_complete_only_at_the_end() -> None:
    head = {"tool_calls": [part("", "weather", "call_1", index=0)]}
    events = read(
        lines(
            chunk(head), *(chunk({"tool_calls": [part(each, index=0)]}) for each in ('{"a"', ": 1}")), chunk({}, "stop")
        )
    )

    call = reply_of(events).calls[0]
    assert (call.id, call.name, call.arguments) == ("call_1", "weather", '{"a": 1}')
    assert events[:4] == [
        CallOpened(0, "weather"),
        ArgumentsGrew(0, '{"a"'),
        ArgumentsGrew(0, ": 1}"),
        CallComplete(0, call),
    ]


STRANGE = lines(
    chunk({"content": "Grüße an 東京 😀\u2028\x85\x0b"}),
    chunk({"tool_calls": [part("", "a", "1", index=0), part("{}", "b", "2", index=1)]}),
    chunk({"tool_calls": [part('{"é": ', index=0)]}),
    chunk({"tool_calls": [part('"\\ud83d\\ude00"}', index=0)]}, "tool_calls"),
)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@given(cuts=st.lists(st.integers(min_value=0, max_value=len(STRANGE) * 2), max_size=40))
def test_however_the_bytes_are_cut_the_events_are_the_same(line_end: bytes, cuts: list[int]) -> None:
    unescaped = json.dumps("Grüße an 東京 😀\u2028\x85\x0b").encode(), '"Grüße an 東京 😀\u2028\x85\\u000b"'.encode()
    sent = STRANGE.replace(*unescaped).replace(b"\n", line_end)
    edges = [0, *sorted(cuts), len(sent)]

    events = read(*(sent[start:end] for start, end in pairwise(edges)))

    assert events == read(STRANGE)


def test_one_byte_at_a_time_is_enough() -> None:
    assert read(*(bytes([byte]) for byte in STRANGE)) == read(STRANGE)


def test_a_byte_order_mark_comments_and_other_fields_are_passed_over() -> None:
    body = lines(chunk({"content": "Hi"}, "stop")).replace(
        b"data: {", b": waiting\nid: 7\nretry: 10\nevent: message\ndata:{"
    )

    assert reply_of(read(b"\xef\xbb\xbf: hello\n\n" + body)).text == "Hi"


def test_data_in_several_lines_is_one_event() -> None:
    spread = json.dumps(chunk({"content": "Hi"}, "stop"), indent=1).replace("\n", "\ndata: ")

    assert reply_of(read(f"data: {spread}\n\ndata: [DONE]\n\n".encode())).text == "Hi"


def test_a_missing_done_and_a_missing_last_empty_line_are_survived() -> None:
    assert reply_of(read(lines(chunk({"content": "Hi"}, "stop"), end=""))).text == "Hi"
    assert reply_of(read(lines(chunk({"content": "Hi"}, "stop"), end="")[:-2])).text == "Hi"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([part("", "a", "1"), part(CITY), part("", "b", "2"), part(CITY)], id="index missing"),
        pytest.param([part(CITY, "a"), part(CITY, "b")], id="index and id missing"),
        pytest.param([part(CITY, "a", "1", index=0), part(CITY, "b", "2", index=0)], id="index constant"),
        pytest.param([part(CITY, "a", index=0), part(CITY, "b", index=0)], id="index constant, id missing"),
        pytest.param([part(CITY, "a", "1", index=1), part(CITY, "b", "2", index=7)], id="index with gaps"),
        pytest.param(
            [part("", "a", "1", index="0"), part(CITY, index=0), part(CITY, "b", "2", index="1")], id="index as text"
        ),
        pytest.param([part(CITY, "b", "2", index=1), part(CITY, "a", "1", index=0)], id="out of order"),
        pytest.param([part(CITY, "a", "1", index=0), part(CITY, "b", "1", index=1)], id="the same id twice"),
        pytest.param(
            [
                part(piece, name, identity, index=index)
                for piece in ('{"city"', ': "Paris"}')
                for index, name, identity in [(0, "a", "1"), (1, "b", "2")]
            ],
            id="interleaved, id and name every time",
        ),
        pytest.param([part(CITY, index=0), part("", "a", "1", index=0), part(CITY, "b", "2", index=1)], id="name last"),
    ],
)  # fmt: skip
def test_two_calls_stay_two(parts: list[dict[str, Any]]) -> None:
    assert called(*parts) == [("a", CITY), ("b", CITY)]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([part("", "get_"), part("", "weather"), part(CITY)], id="name in pieces"),
        pytest.param([part("", "get_", "1"), part("", "weather", "1"), part(CITY)], id="name in pieces, id repeated"),
        pytest.param([part(CITY[:5], "get_weather", "1"), part(CITY[5:], "get_weather", "1")], id="all repeated"),
        pytest.param([part(CITY[:5], "get_weather"), part(CITY[5:], "get_weather")], id="name repeated"),
        pytest.param([part(CITY[:5], "get_weather"), part(CITY[:9]), part(CITY)], id="cumulative"),
        pytest.param([part(CITY[:5], "get_weather"), part(CITY[5:]), part(CITY)], id="sent again at the end"),
        pytest.param([part(CITY, "get_weather", index=0), part(CITY, "get_weather", index=0)], id="sent twice"),
        pytest.param([part("{}", "get_weather"), part(CITY)], id="a placeholder first"),
        pytest.param([part("{}", "get_weather"), part(CITY[:4]), part(CITY[4:])], id="a placeholder, then pieces"),
        pytest.param([part(json.loads(CITY), "get_weather")], id="an object instead of text"),
        pytest.param([part(None, "get_weather", "1"), part(CITY, "", "")], id="null and empty fields"),
    ],
)
def test_one_call_stays_one(parts: list[dict[str, Any]]) -> None:
    assert called(*parts) == [("get_weather", CITY)]


def test_two_whole_calls_in_one_delta_without_any_mark_stay_two() -> None:
    delta = {"tool_calls": [part(CITY, "a"), part(CITY, "a")]}

    assert len(reply_of(read(lines(chunk(delta, "tool_calls")))).calls) == 2


def test_different_objects_one_after_another_are_not_merged_into_something_valid() -> None:
    assert called(part(CITY, "a", "1"), part('{"city": "Rome"}')) == [("a", CITY + '{"city": "Rome"}')]


def test_truncated_arguments_stay_truncated() -> None:
    assert called(part('{"city": "Par', "a", "1")) == [("a", '{"city": "Par')]


def test_what_comes_after_a_first_finish_still_counts() -> None:
    early = chunk({"tool_calls": [part(CITY[:5], "a", "1")]}, "tool_calls")
    events = read(lines(early, chunk({"tool_calls": [part(CITY[5:])]}), chunk({}, "stop")))

    assert [call.arguments for call in reply_of(events).calls] == [CITY]
    assert sum(isinstance(event, Finished) for event in events) == 1
    assert reply_of(events).finish == "tool_calls"


def test_of_two_finishes_the_one_that_says_cut_off_counts() -> None:
    assert reply_of(read(lines(chunk({"content": "x"}, "stop"), chunk({}, "length")))).finish == "length"


def test_chunks_without_choices_other_choices_and_bare_ones_are_passed_over() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": None}]}
    bare = {"choices": [{"index": 0, "finish_reason": None}]}
    usage = {"choices": [], "usage": {"total_tokens": 3}}

    reply = reply_of(read(lines({"choices": []}, bare, other, chunk({"content": "yes"}, "stop"), usage)))

    assert (reply.text, reply.usage) == ("yes", {"total_tokens": 3})


def test_half_characters_in_two_deltas_become_one_and_a_lone_half_does_no_harm() -> None:
    events = read(lines(chunk({"content": "a\ud83d"}), chunk({"content": "\ude00b\ud83d"}, "stop")))

    assert [event.text for event in events if isinstance(event, TextArrived)] == ["a", "😀b", "\ufffd"]


def test_legacy_function_calls_and_refusals_are_understood() -> None:
    legacy = [
        chunk({"function_call": {"name": "a", "arguments": CITY[:3]}}),
        chunk({"function_call": {"arguments": CITY[3:]}}, "function_call"),
    ]

    assert [(call.name, call.arguments) for call in reply_of(read(lines(*legacy))).calls] == [("a", CITY)]
    assert reply_of(read(lines(chunk({"refusal": "I "}), chunk({"refusal": "won't."}, "stop")))).refusal == "I won't."


def test_a_stream_without_a_finish_is_an_error_that_keeps_what_came() -> None:
    with pytest.raises(StreamError, match="without a finish") as caught:
        read(lines(chunk({"content": "Hel"}), chunk({"content": "lo"})))

    assert caught.value.partial == Reply(text="Hello")


@pytest.mark.parametrize("end", ["", "data: [DONE]\n\n"])
def test_a_stream_that_says_nothing_is_an_error(end: str) -> None:
    with pytest.raises(StreamError):
        read(end.encode())


@pytest.mark.parametrize("garbage", [b"{broken", b"[1]", b"\xff\xfe", b'{"choices": [{"delta": {"content": "cut'])
def test_an_event_that_is_no_object_is_an_error(garbage: bytes) -> None:
    with pytest.raises(StreamError, match="not a JSON object"):
        read(b"data: " + garbage + b"\n\n")


def test_a_stream_cut_inside_an_event_is_an_error_even_after_the_finish() -> None:
    with pytest.raises(StreamError):
        read(lines(chunk({"content": "Hi"}, "stop"), end='data: {"cho'))


@pytest.mark.parametrize(
    "event",
    [
        'data: {"error": {"message": "too busy", "code": 503}}',
        'event: error\ndata: {"message": "too busy", "code": 503}',
        'data: {"object": "error", "message": "too busy", "code": 503}',
    ],
)
def test_an_error_event_is_an_api_error_that_keeps_what_came(event: str) -> None:
    with pytest.raises(APIError, match="too busy") as caught:
        read(lines(chunk({"content": "Hel"}), end=event + "\n\n"))

    assert caught.value.code == "503"
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


def test_a_flood_of_calls_is_an_error() -> None:
    parts = [part("{}", "a", str(number), index=number) for number in range(1001)]

    with pytest.raises(StreamError, match="1000 calls"):
        read(lines(chunk({"tool_calls": parts})))


def test_a_name_that_never_ends_is_cut_and_a_flood_of_parts_is_read_in_no_time() -> None:
    parts = [part("", "n" * 50 + str(number), str(number % 900), index=number % 900) for number in range(20_000)]

    reply = reply_of(
        read(
            lines(
                *(chunk({"tool_calls": parts[start : start + 100]}) for start in range(0, 20_000, 100)),
                chunk({}, "tool_calls"),
            )
        )
    )

    assert len(reply.calls) == 900
    assert max(len(call.name) for call in reply.calls) < 2000


@pytest.mark.parametrize("calls", [[7], "text", {"index": 0}, [None]])
def test_a_call_that_nobody_understands_is_an_error_and_not_lost(calls: object) -> None:
    with pytest.raises(StreamError, match="tool call that is not a JSON object"):
        read(lines(chunk({"tool_calls": calls}), chunk({}, "tool_calls")))


def test_the_worst_of_several_finishes_counts() -> None:
    def finish(*finishes: str) -> str | None:
        return reply_of(read(lines(chunk({"content": "x"}), *(chunk({}, each) for each in finishes)))).finish

    assert finish("stop", "tool_calls") == "stop"
    assert finish("stop", "malformed_function_call", "tool_calls") == "malformed_function_call"
    assert finish("malformed_function_call", "content_filter", "length") == "content_filter"


def test_an_index_as_text_is_an_index_of_a_choice_too() -> None:
    choices = [{"index": "0", "delta": {"content": "Hi"}, "finish_reason": "stop"}]

    assert reply_of(read(lines({"choices": choices}))).text == "Hi"


def test_the_whole_arguments_twice_in_pieces_are_no_repetition_that_can_be_told_from_a_mistake() -> None:
    assert called(part(CITY[:5], "a", "1"), part(CITY[5:]), part(CITY[:5]), part(CITY[5:])) == [("a", CITY + CITY)]


def test_a_flood_of_characters_is_an_error_even_without_bytes() -> None:
    deltas = Deltas(most=100)
    deltas.add(chunk({"content": "x" * 100}))

    with pytest.raises(StreamError, match="longer than 100 characters"):
        deltas.add(chunk({"content": "x"}))


def test_a_flood_of_bytes_is_an_error() -> None:
    with pytest.raises(StreamError, match="longer than 100 bytes"):
        StreamReader(most=100).feed(b"data: " + b"x" * 101)
