"""Whatever a server answers, the client kit understands it or says so in an error of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from clientkit import BadCall, ClientKitError, Finished, Reply, StreamReader, check_call, tool_from_schema
from clientkit.check import ValidCall
from clientkit.stream import read_whole
from clientkit.transcript import Transcript

T = TypeVar("T")
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1},
        "stops": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    },
    "required": ["city"],
    "additionalProperties": False,
}
FITS = jsonschema_rs.validator_for(SCHEMA).is_valid
TOOLS = {
    name: tool_from_schema({"name": name, "parameters": SCHEMA}, dict, coerce=mends, repair=mends)
    for name, mends in {"strict": False, "mending": True}.items()
}

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("\ud83d")
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def odd(*usual: Any) -> st.SearchStrategy[Any]:
    """Mostly what is usual, sometimes anything at all."""
    return st.one_of(*(each if isinstance(each, st.SearchStrategy) else st.just(each) for each in usual), ANYTHING)


def objects(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


ARGUMENTS = odd('{"city": "Oslo"}', '{"city"', ': "Oslo"}', "", "{}", "null", '{"city": "Oslo",}', {"city": "Oslo"})
FUNCTIONS = odd(objects(name=odd("strict", "mending", "str", ""), arguments=ARGUMENTS))
CALLS = odd(objects(id=odd("call_1", "call_2", ""), index=odd(0, 1, "0"), type=odd("function"), function=FUNCTIONS))
MESSAGES = odd(
    objects(
        role=odd("assistant"),
        content=odd("Hello", ""),
        refusal=odd(None),
        tool_calls=odd(st.lists(CALLS, max_size=3)),
        function_call=FUNCTIONS,
        reasoning_content=odd("Hm."),
    )
)
FINISHES = odd("stop", "tool_calls", "length", None)


def completions(key: str) -> st.SearchStrategy[Any]:
    choice = odd(objects(**{"index": odd(0, "0"), key: MESSAGES, "finish_reason": FINISHES}))
    return odd(objects(choices=odd(st.lists(choice, max_size=2)), usage=odd({}), error=odd(None)))


FRAMES = st.tuples(
    st.sampled_from(["data: ", "data:", "event: error\ndata: ", ": ", "id: 1\n", ""]), completions("delta")
)


def end_of(reading: Callable[[], T]) -> T | ClientKitError:
    try:
        return reading()
    except ClientKitError as error:
        return error


def is_sound(end: Reply | ClientKitError) -> bool:
    """Whether it is an error that can be shown, or a reply that can be sent back in the history."""
    if isinstance(end, ClientKitError):
        return bool(str(end))
    transcript = Transcript.from_question("Hi")
    transcript.add_reply(end)
    sent = json.loads(json.dumps(transcript, ensure_ascii=False).encode())
    arguments = [json.loads(call["function"]["arguments"]) for call in sent[1].get("tool_calls", [])]
    return str(transcript) != "" and all(isinstance(each, dict) for each in arguments)


@given(completions("message"))
def test_any_answer_in_one_piece_is_a_reply_or_an_error(body: Any) -> None:
    assert is_sound(end_of(lambda: read_whole(json.dumps(body).encode())))


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error(content: bytes) -> None:
    assert is_sound(end_of(lambda: read_whole(content)))


@given(st.lists(FRAMES, max_size=8), st.booleans(), st.integers(min_value=1, max_value=40))
def test_any_stream_is_a_reply_or_an_error(frames: list[tuple[str, Any]], done: bool, size: int) -> None:
    text = "".join(f"{start}{json.dumps(chunk)}\n\n" for start, chunk in frames) + "data: [DONE]\n\n" * done
    content, reader = text.encode(), StreamReader()

    def reading() -> Reply:
        pieces = [content[start : start + size] for start in range(0, len(content), size)]
        events = [event for piece in pieces for event in reader.feed(piece)]
        events += [] if reader.done else reader.end()
        return next(event.reply for event in events if isinstance(event, Finished))

    assert is_sound(end_of(reading))


@given(
    st.sampled_from(sorted(TOOLS)), ARGUMENTS.map(lambda drawn: drawn if isinstance(drawn, str) else json.dumps(drawn))
)
def test_any_arguments_fit_or_are_told_to_the_model(name: str, arguments: str) -> None:
    end = end_of(lambda: check_call(TOOLS, name, arguments))

    if isinstance(end, ValidCall):
        assert FITS(end.arguments)
    else:
        assert isinstance(end, BadCall)
        assert all(problem.path and problem.allowed for problem in end.problems)
