"""Answers of Gemini: parts, finish reasons, ids, usage, chunks, and what the newest SDK's types say of them."""

import json
from typing import Any

import pytest
from hypothesis import given

from mockserver.chat import ApiError, ChatRequest, Message, Reply, call
from mockserver.chat.api_errors import api_error, refuse
from mockserver.steps import Head, Send
from mockserver.wire.gemini.answer import body
from mockserver.wire.gemini.chunks import assembled, chunks_of
from mockserver.wire.gemini.errors import error_body, unauthorized
from mockserver.wire.gemini.parse import GeminiRequest
from mockserver.wire.gemini.render import render
from mockserver.wire.gemini.signatures import is_sound
from mockserver.wire.identity import Identity
from mockserver.wire.mock_error import mock_error
from mockserver.wire.refusal import Refused
from tests.replies import replies

IDENTITY = Identity("0", b"request", "session", 1)
CALLS = [call("get_weather", city="Oslo"), call("get_weather", city="Paris")]
THOUGHTS: Any = {"thinking_config": {"includeThoughts": True}}


def asked(model: str = "gemini-2.5-flash", *, stream: bool = False, sse: bool = True, **options: Any) -> GeminiRequest:
    request = ChatRequest(model, (Message("user", "Hi"),), stream=stream, options=options, api="gemini")
    return GeminiRequest(request, b"request", 10, sse=sse)


def answer(reply: Reply, parsed: GeminiRequest | None = None) -> Any:
    return json.loads(sent(render([reply], parsed or asked(), IDENTITY, {})))


def sent(steps: Any) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def parts(reply: Reply, model: str = "gemini-2.5-flash", **options: Any) -> Any:
    return answer(reply, asked(model, **options))["candidates"][0]["content"]["parts"]


def test_calls_are_parts_and_the_reason_is_stop() -> None:
    candidate = answer(Reply(calls=CALLS))["candidates"][0]

    assert [part["functionCall"]["args"] for part in candidate["content"]["parts"]] == [
        {"city": "Oslo"},
        {"city": "Paris"},
    ]
    assert (candidate["finishReason"], candidate["index"], candidate["content"]["role"]) == ("STOP", 0, "model")


def test_calls_have_ids_and_a_signature_where_the_model_gives_them() -> None:
    older, newer = parts(Reply(calls=CALLS)), parts(Reply(calls=CALLS), "gemini-3-pro-preview")

    assert not any("id" in part["functionCall"] or "thoughtSignature" in part for part in older)
    assert len({part["functionCall"]["id"] for part in newer}) == 2
    assert ["thoughtSignature" in part for part in newer] == [True, False]
    assert is_sound(newer[0]["thoughtSignature"])
    assert parts(Reply(calls=[call("a", id="mine")]))[0]["functionCall"]["id"] == "mine"


def test_thoughts_are_shown_where_they_are_asked_for_and_counted_all_the_same() -> None:
    reply = Reply("Cold.", thinking="Hm, let me see.")
    usage = answer(reply)["usageMetadata"]

    assert [part["text"] for part in parts(reply)] == ["Cold."]
    assert parts(reply, **THOUGHTS)[0] == {"text": "Hm, let me see.", "thought": True}
    assert usage["totalTokenCount"] == sum(
        usage[key] for key in ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    )


@pytest.mark.parametrize(
    ("word", "reason"), [("length", "MAX_TOKENS"), ("content_filter", "SAFETY"), ("spii", "SPII"), ("odd", "odd")]
)
def test_a_finish_reason_is_translated(word: str, reason: str) -> None:
    assert answer(Reply("Hi", finish_reason=word))["candidates"][0]["finishReason"] == reason


def test_a_stream_is_events_or_one_array() -> None:
    head, *events = render([Reply("Cold in Oslo.")], asked(stream=True), IDENTITY, {})
    array = render([Reply("Cold in Oslo.")], asked(stream=True, sse=False), IDENTITY, {})

    assert isinstance(head, Head)
    assert ("content-type", "text/event-stream") in head.headers
    assert all(
        isinstance(step, Send) and step.data.startswith(b"data: ") and step.data.endswith(b"\r\n\r\n")
        for step in events
    )
    texts = [chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in json.loads(sent(array))]
    assert texts == ["Cold ", "in ", "Oslo."]
    assert len(events) == len(texts)


@given(replies)
def test_chunks_add_up_to_the_response(reply: Reply) -> None:
    sound = Reply(reply.text, [call(each.name, {"a": 1}) for each in reply.calls], thinking=reply.thinking)
    response = json.loads(sent(render([sound], asked("gemini-3-flash", **THOUGHTS), IDENTITY, {})))
    chunks = [json.loads(json.dumps(chunk)) for chunk in chunks_of(response, "word")]

    assert assembled(chunks) == response


def test_a_script_s_arguments_are_an_object_here() -> None:
    with pytest.raises(Refused) as refused:
        body([Reply(calls=[call("a", arguments="{broken")])], asked(), IDENTITY)
    assert refused.value.error.code == "fault_not_producible"


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (api_error(500), 500, "INTERNAL"),
        (api_error(503), 503, "UNAVAILABLE"),
        (api_error(404, message="Gone"), 404, "NOT_FOUND"),
        (api_error(400, type="OUT_OF_RANGE"), 400, "OUT_OF_RANGE"),
        (unauthorized(""), 403, "PERMISSION_DENIED"),
        (unauthorized("wrong"), 400, "INVALID_ARGUMENT"),
        (mock_error("unscripted_request", "Nothing."), 422, "MOCK_ERROR"),
    ],
)
def test_an_error_has_a_code_and_a_word(error: ApiError, code: int, status: str) -> None:
    said = error_body(error)["error"]

    assert (said["code"], said["status"]) == (code, status)


def test_when_to_come_again_is_in_the_details() -> None:
    details = error_body(refuse(429, retry_after=3))["error"]["details"]

    assert details == [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3s"}]


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-pro-preview"])
@pytest.mark.parametrize("reply", [Reply("Cold.", thinking="Hm."), Reply(calls=CALLS), Reply("I look.", CALLS)])
def test_the_newest_sdk_s_types_agree(reply: Reply, model: str) -> None:
    types = pytest.importorskip("google.genai.types")
    response = answer(reply, asked(model, **THOUGHTS))

    for value in (response, *chunks_of(response, None)):
        types.GenerateContentResponse.model_validate(value, extra="forbid")
