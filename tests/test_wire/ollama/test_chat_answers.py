"""Answers of Ollama: the object, its lines, ids, durations, errors, and what the SDK's types say of them."""

import json
import re
from typing import Any

import pytest
from hypothesis import given

from mockserver.chat import ApiError, ChatRequest, Message, Reply, call
from mockserver.chat.api_errors import api_error
from mockserver.steps import Send
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.mock_error import mock_error
from mockserver.wire.ollama.errors import error_body
from mockserver.wire.ollama.lines import assembled, lines_of
from mockserver.wire.ollama.render import render
from tests.replies import replies

IDENTITY = Identity("0", b"request", "session", 1)
CALLS = [call("get_weather", city="Oslo"), call("get_weather", city="Paris")]


def asked(*, stream: bool = False, **options: Any) -> ParsedRequest:
    request = ChatRequest("m", (Message("user", "Hi"),), stream=stream, options=options, api="ollama")
    return ParsedRequest(request, b"request", 26)


def sent(reply: Reply, *, stream: bool = False, **options: Any) -> bytes:
    steps = render([reply], asked(stream=stream, **options), IDENTITY, {})
    return b"".join(step.data for step in steps if isinstance(step, Send))


def answer(reply: Reply, **options: Any) -> Any:
    return json.loads(sent(reply, **options))


def lines(reply: Reply, **options: Any) -> list[Any]:
    return [json.loads(line) for line in sent(reply, stream=True, **options).splitlines()]


def test_an_answer_has_its_keys_in_order() -> None:
    assert [*answer(Reply("Cold."))] == [
        "model", "created_at", "message", "done", "done_reason", "total_duration", "load_duration", "prompt_eval_count",
        "prompt_eval_duration", "eval_count", "eval_duration",
    ]  # fmt: skip


def test_calls_hold_an_object_an_index_and_a_short_id() -> None:
    message = answer(Reply(calls=CALLS))["message"]

    assert [made["function"] for made in message["tool_calls"]] == [
        {"index": 0, "name": "get_weather", "arguments": {"city": "Oslo"}},
        {"index": 1, "name": "get_weather", "arguments": {"city": "Paris"}},
    ]
    ids = [made["id"] for made in message["tool_calls"]]
    assert len({*ids}) == 2
    assert all(re.fullmatch("call_[a-z0-9]{8}", one) for one in ids)
    assert (message["content"], answer(Reply(calls=CALLS))["done_reason"]) == ("", "stop")


def test_a_stream_says_each_call_in_a_line_and_ends_with_a_line_of_its_own() -> None:
    *said, last = lines(Reply("I look.", CALLS, thinking="Hm."))

    assert [sorted(line["message"].keys() - {"role", "content"}) for line in said] == [
        ["thinking"], [], [], ["tool_calls"], ["tool_calls"]
    ]  # fmt: skip
    assert not any(line["done"] for line in said)
    assert (last["done"], last["done_reason"], last["message"]) == (True, "stop", {"role": "assistant", "content": ""})
    assert len({line["created_at"] for line in [*said, last]}) == 6


def test_thinking_is_left_out_where_it_is_switched_off() -> None:
    reply = Reply("Cold.", thinking="Hm.")

    assert answer(reply)["message"]["thinking"] == "Hm."
    assert "thinking" not in answer(reply, think=False)["message"]


def test_letters_at_which_clients_end_a_line_are_escaped() -> None:
    text = "a\u2028b\u0085c <d> & e"

    assert len(sent(Reply(text, stream="whole"), stream=True).decode().splitlines()) == 2
    assert lines(Reply(text, stream="whole"))[0]["message"]["content"] == text
    assert rb"\u003cd\u003e \u0026 e" in sent(Reply(text))


def test_a_generation_has_a_response() -> None:
    assert answer(Reply("Cold."), prompt="Hi")["response"] == "Cold."
    assert "".join(line["response"] for line in lines(Reply("Cold in Oslo."), prompt="Hi")) == "Cold in Oslo."


@given(replies)
def test_lines_add_up_to_the_answer(reply: Reply) -> None:
    sound = Reply(reply.text, [call(each.name, {"a": 1}) for each in reply.calls], thinking=reply.thinking)
    whole = answer(sound)

    assert assembled(lines_of(whole, "word")) == whole


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (api_error(404, message="model 'x' not found"), {"error": "model 'x' not found"}),
        (api_error(503), {"error": "server busy, please try again.  maximum pending requests exceeded"}),
        (
            mock_error("unscripted_request", "Nothing."),
            {"error": "Nothing.", "mock_error": {"code": "unscripted_request"}},
        ),
        (ApiError(403, "Not here.", code="host_not_allowed"), {"error": "Not here. (host_not_allowed)"}),
    ],
)
def test_an_error_is_a_text(error: ApiError, said: Any) -> None:
    assert error_body(error) == said


@pytest.mark.parametrize("reply", [Reply("Cold.", thinking="Hm."), Reply(calls=CALLS), Reply("I look.", CALLS)])
def test_the_newest_sdk_s_types_agree(reply: Reply) -> None:
    ollama = pytest.importorskip("ollama")

    for value in (answer(reply), *lines(reply)):
        ollama.ChatResponse.model_validate(value, strict=True)
    for value in (answer(reply, prompt="Hi"), *lines(reply, prompt="Hi")):
        ollama.GenerateResponse.model_validate(value, strict=True)
