"""Messages: the body, the events of a stream and the headers as Anthropic's API writes them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mockserver.chat import ApiError, Reply, Timing, call
from mockserver.chat.api_errors import refuse as api_refusal
from mockserver.steps import Head, Send, Step, Wait
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.messages.errors import refuse, response_headers
from mockserver.wire.messages.render import render, template
from mockserver.wire.messages.thinking import signature_of
from mockserver.wire.refusal import Refused
from mockserver.wire.truncation import apply_limits
from tests.test_wire.messages.message_requests import WEATHER, parsed

IDENTITY = Identity("0", b"request", "session", 1)
OSLO = call("get_current_weather", location="Oslo")


def sent(steps: list[Step]) -> bytes:
    return b"".join([step.data for step in steps if isinstance(step, Send)])


def plain(reply: Reply, asked: ParsedRequest | None = None, **changes: Any) -> Any:
    return json.loads(sent(render([reply], asked or parsed(tools=[WEATHER], **changes), IDENTITY, {})))


def streamed(reply: Reply, **changes: Any) -> list[Any]:
    steps = render([reply], parsed(tools=[WEATHER], stream=True, **changes), IDENTITY, {})
    return [json.loads(step.data.partition(b"data: ")[2]) for step in steps if isinstance(step, Send)]


def test_a_message_has_the_keys_of_the_api_in_their_order() -> None:
    body = plain(Reply("Let me see.", [OSLO]))

    assert list(body) == [
        "model", "id", "type", "role", "content", "stop_reason", "stop_sequence", "stop_details", "usage",
    ]  # fmt: skip
    text, use = body["content"]
    assert text == {"type": "text", "text": "Let me see."}
    assert use | {"id": ""} == {
        "type": "tool_use", "id": "", "name": "get_current_weather", "input": {"location": "Oslo"},
        "caller": {"type": "direct"},
    }  # fmt: skip
    assert (body["id"][:6], use["id"][:8], len(body["id"]), len(use["id"])) == ("msg_01", "toolu_01", 28, 30)
    assert (body["stop_reason"], body["stop_sequence"]) == ("tool_use", None)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("Hi"), "end_turn"),
        (Reply(calls=[OSLO]), "tool_use"),
        (Reply("Hi", finish_reason="length"), "max_tokens"),
        (Reply("Hi", finish_reason="content_filter"), "refusal"),
        (Reply(refusal="No."), "refusal"),
        (Reply("Hi", finish_reason="pause_turn"), "pause_turn"),
    ],
)
def test_a_finish_reason_is_translated(reply: Reply, reason: str) -> None:
    assert plain(reply)["stop_reason"] == reason
    [delta] = [event["delta"] for event in streamed(reply) if event["type"] == "message_delta"]
    assert delta["stop_reason"] == reason


def test_a_stop_sequence_is_named() -> None:
    asked = parsed(stop_sequences=["END"])

    body = plain(apply_limits(Reply("One END two"), asked.request), asked)
    assert (body["content"][0]["text"], body["stop_reason"], body["stop_sequence"]) == ("One ", "stop_sequence", "END")


def test_a_stream_has_the_events_of_the_api_in_their_order() -> None:
    events = streamed(Reply("Let me see.", [OSLO, call("get_current_weather")]))

    assert [event["type"] for event in events if event["type"] != "content_block_delta"] == [
        "message_start",
        "content_block_start", "ping", "content_block_stop",
        "content_block_start", "content_block_stop",
        "content_block_start", "content_block_stop",
        "message_delta", "message_stop",
    ]  # fmt: skip
    assert events[0]["message"]["content"] == []
    assert events[0]["message"]["stop_reason"] is None


def test_the_first_piece_of_an_input_is_empty_and_an_empty_object_has_no_other() -> None:
    events = streamed(Reply(calls=[OSLO, call("get_current_weather")]))

    def pieces(index: int) -> list[str]:
        deltas = [
            event["delta"] for event in events if event["type"] == "content_block_delta" and event["index"] == index
        ]
        return [delta["partial_json"] for delta in deltas]

    first, *rest = pieces(0)
    assert (first, "".join(rest)) == ("", '{"location": "Oslo"}')
    assert pieces(1) == [""]


def test_every_event_has_its_name() -> None:
    steps = render([Reply("Hi")], parsed(stream=True), IDENTITY, {})

    for step in steps:
        if isinstance(step, Send):
            name, _, data = step.data.decode().partition("\n")
            assert name == f"event: {json.loads(data.removeprefix('data: '))['type']}"


@pytest.mark.parametrize("config", [{"type": "adaptive"}, {"type": "adaptive", "display": "summarized"}])
def test_thinking_is_shown_first_where_it_is_asked_for(config: dict[str, Any]) -> None:
    first, _ = plain(Reply("Yes.", thinking="Hm."), thinking=config)["content"]

    assert first == {"type": "thinking", "thinking": "Hm.", "signature": signature_of("Hm.")}


def test_thinking_is_counted_where_it_is_not_asked_for() -> None:
    body, without = plain(Reply("Yes.", thinking="Hm, hm.")), plain(Reply("Yes."))

    assert [block["type"] for block in body["content"]] == ["text"]
    thought = body["usage"]["output_tokens_details"]["thinking_tokens"]
    assert body["usage"]["output_tokens"] == without["usage"]["output_tokens"] + thought
    assert thought > 0


def test_thinking_whose_display_is_omitted_has_its_signature_alone() -> None:
    first, _ = plain(Reply("Yes.", thinking="Hm."), thinking={"type": "adaptive", "display": "omitted"})["content"]

    assert first == {"type": "thinking", "thinking": "", "signature": signature_of("Hm.")}


def test_a_message_that_calls_begins_with_thinking_where_the_api_wants_it_back() -> None:
    budget = {"type": "enabled", "budget_tokens": 1024}

    first, *_ = plain(Reply(calls=[OSLO]), thinking=budget, max_tokens=2000, model="claude-sonnet-4-5")["content"]
    assert (first["type"], first["thinking"]) == ("thinking", "")


def test_streamed_thinking_ends_with_its_signature() -> None:
    deltas = [event["delta"] for event in streamed(Reply("Yes.", thinking="Hm, so."), thinking={"type": "adaptive"})
              if event["type"] == "content_block_delta"]  # fmt: skip

    assert [delta["type"] for delta in deltas] == ["thinking_delta"] * 2 + ["signature_delta", "text_delta"]
    assert deltas[2]["signature"] == signature_of("Hm, so.")


def test_arguments_that_are_not_an_object_are_streamed_as_they_are_and_refused_plain() -> None:
    broken = Reply(calls=[call("get_current_weather", arguments='{"location": "Os')])

    text = "".join([event["delta"].get("partial_json", "") for event in streamed(broken) if "delta" in event])
    assert text == '{"location": "Os'
    with pytest.raises(Refused) as refused:
        plain(broken)
    assert (refused.value.error.status, refused.value.error.code) == (422, "fault_not_producible")


def test_arguments_that_the_limit_cut_off_are_an_object_of_the_whole_members() -> None:
    cut = Reply(calls=[call("f", arguments='{"a": 1, "b": [1, 2], "c": "th')], finish_reason="length")

    assert plain(cut)["content"][0]["input"] == {"a": 1, "b": [1, 2]}


def test_pauses_come_before_what_is_said() -> None:
    reply = Reply("One two", timing=Timing(first_token=0.2, gap=0.1))
    steps = render([reply], parsed(stream=True), IDENTITY, {})

    assert [type(step).__name__ for step in steps[:7]] == ["Head", "Send", "Send", "Send", "Wait", "Send", "Wait"]
    assert [step.seconds for step in steps if isinstance(step, Wait)] == [0.2, 0.1]
    assert [step.seconds for step in render([reply], parsed(), IDENTITY, {}) if isinstance(step, Wait)] == [
        pytest.approx(0.3)
    ]


def test_a_template_gives_the_bytes_that_rendering_gives() -> None:
    replies, asked = [Reply('Hi "msg_01" there', [OSLO, OSLO])], parsed(tools=[WEATHER])
    prepared = template(replies, asked)

    assert prepared is not None
    for attempt in (1, 2):
        identity = Identity("0", b"request", "session", attempt)
        assert prepared.steps(identity, {}) == render(replies, asked, identity, {})


def test_the_headers_name_the_request_and_what_is_left_of_the_limits() -> None:
    limits = {
        f"x-ratelimit-{key}-{unit}": "7" for key in ("limit", "remaining", "reset") for unit in ("requests", "tokens")
    }
    headers = response_headers(IDENTITY, 200, limits)

    assert headers["request-id"].startswith("req_011C")
    assert headers["anthropic-ratelimit-input-tokens-remaining"] == "7"
    assert headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert list(response_headers(IDENTITY, 401, limits)) == ["request-id"]


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (400, "invalid_request_error", "Bad Request"),
        (401, "authentication_error", "invalid x-api-key"),
        (403, "permission_error", "Your API key does not have permission to use the specified resource."),
        (404, "not_found_error", "Not found"),
        (413, "request_too_large", "Request exceeds the maximum size"),
        (500, "api_error", "Internal server error"),
        (503, "overloaded_error", "Overloaded"),
        (529, "overloaded_error", "Overloaded"),
    ],
)
def test_an_error_without_words_has_those_of_the_api(status: int, kind: str, message: str) -> None:
    head, body = refuse(api_refusal(status), {"request-id": "req_1"})

    assert isinstance(head, Head)
    assert head.status == status
    said = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    assert json.loads(sent([head, body])) == said


def test_an_error_keeps_the_words_that_are_given() -> None:
    error = replace(api_refusal(429, message="Slow down", retry_after=2), type="my_error")
    head, body = refuse(error, {"request-id": "req_1"})

    assert json.loads(sent([body]))["error"] == {"type": "my_error", "message": "Slow down"}
    assert isinstance(head, Head)
    assert ("retry-after", "2") in head.headers


def test_an_error_of_ours_says_its_code() -> None:
    _, body = refuse(ApiError(422, "Nothing is scripted.", "mock_error", code="unscripted_request"), {})

    assert json.loads(sent([body]))["error"]["code"] == "unscripted_request"
