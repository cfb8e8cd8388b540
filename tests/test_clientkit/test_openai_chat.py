"""The same conversations through an OpenAI client that the application already has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from clientkit import APIError, OpenAIChat, OutOfTime, StreamError, converse, tool

from .conftest import Server, growing


@tool
def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


@pytest.fixture(params=["OpenAI", "AsyncOpenAI"])
async def chat(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[OpenAIChat]:
    # Certificates are of no use on loopback and take a tenth of a second to read.
    http: Any = {"OpenAI": openai.DefaultHttpxClient, "AsyncOpenAI": openai.DefaultAsyncHttpxClient}[request.param]
    client: Any = getattr(openai, request.param)(
        base_url=server.base_url, api_key="key", max_retries=0, http_client=http(verify=False)
    )
    yield OpenAIChat(client, model="m", temperature=0)
    closed = client.close()
    if closed is not None:
        await closed


@pytest.mark.parametrize("stream", [False, True])
async def test_the_four_steps_work_through_the_sdk(server: Server, chat: OpenAIChat, stream: bool) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "double", "arguments": '{"number": 4}'}}
    if stream:
        server.streams({"tool_calls": [{"index": 0, **call}]}, finish="tool_calls")
        server.streams({"content": "8"})
    else:
        server.calls(("double", '{"number": 4}'))
        server.says("8")

    answer = await converse(chat, "Twice 4?", [double], stream=stream)

    assert answer.text == "8"
    assert server.requests[0].body["temperature"] == 0
    assert server.requests[1].body["messages"][1:] == [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "8"},
    ]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_of_the_sdk_becomes_one_of_ours(server: Server, chat: OpenAIChat, stream: bool) -> None:
    server.refuses(429, "Slow down.", x_request_id="req_1", retry_after="7", x_should_retry="true")

    with pytest.raises(APIError, match=r"Slow down\.") as caught:
        await converse(chat, "Go", stream=stream)

    assert (caught.value.status, caught.value.code, caught.value.request_id) == (429, "some_code", "req_1")
    assert (caught.value.param, caught.value.retry_after, caught.value.should_retry) == ("model", 7.0, True)
    assert isinstance(caught.value.__cause__, openai.RateLimitError)


async def test_arguments_as_an_object_pass_the_sdk(server: Server, chat: OpenAIChat) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "double", "arguments": {"number": 4}}}
    server.completes({"content": None, "tool_calls": [call]}, "tool_calls")
    server.says("8")

    assert (await converse(chat, "Go", [double])).calls[0].value == 8


async def test_a_stream_without_a_finish_is_an_error_through_the_sdk_too(server: Server, chat: OpenAIChat) -> None:
    server.streams({"content": "Hel"}, finish=None)

    with pytest.raises(StreamError, match="without a finish") as caught:
        await converse(chat, "Go", stream=True)

    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


async def test_an_error_event_through_the_sdk_keeps_what_came(server: Server, chat: OpenAIChat) -> None:
    event = b'data: {"error": {"message": "too busy", "code": "full"}}\n\n'
    server.streams({"content": "Hel"}, finish=None, end=event, x_request_id="req_1")

    with pytest.raises(APIError, match="too busy") as caught:
        await converse(chat, "Go", stream=True)

    assert (caught.value.code, caught.value.request_id) == ("full", "req_1")
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


async def test_a_torn_stream_through_the_sdk_is_a_stream_error(server: Server, chat: OpenAIChat) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    event = b'data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}\n\n'
    server.sends(head + b"%x\r\n" % len(event) + event + b"\r\n")

    with pytest.raises(StreamError):
        await converse(chat, "Go", stream=True)


async def test_a_body_that_is_no_completion_is_an_error_through_the_sdk_too(server: Server, chat: OpenAIChat) -> None:
    server.responds(200, b"<html>", kind="text/html")
    server.responds(200, b"{broken")

    for _ in range(2):
        with pytest.raises(APIError) as caught:
            await converse(chat, "Go")
        assert caught.value.code == "unreadable_reply"


@pytest.mark.parametrize(
    "event",
    [b"{broken", b"\xff\xfe", b"[1]", b"7", b"[" * 100_000, b'{"x": ' + b"9" * 5000 + b"}", b'{"choices": 7}'],
    ids=["broken", "no text", "a list", "a number", "deep", "digits", "no choices"],
)
async def test_whatever_the_sdk_makes_of_a_hostile_event_it_is_an_error_of_ours(
    server: Server, chat: OpenAIChat, event: bytes
) -> None:
    server.streams({"content": "Hel"}, finish=None, end=b"data: " + event + b"\n\ndata: [DONE]\n\n")

    with pytest.raises((APIError, StreamError)):
        await converse(chat, "Go", stream=True)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"x": ' + b"9" * 5000 + b"}", b"\xff", b"[]", b"7", b'"x"', b""])
async def test_whatever_the_sdk_makes_of_a_hostile_body_it_is_an_error_of_ours(
    server: Server, chat: OpenAIChat, body: bytes
) -> None:
    server.responds(200, body)

    with pytest.raises(APIError) as caught:
        await converse(chat, "Go")

    assert caught.value.code == "unreadable_reply"


async def test_a_stream_instead_of_json_is_read_through_the_sdk_too(server: Server, chat: OpenAIChat) -> None:
    server.streams({"content": "Hello"})

    assert (await converse(chat, "Go")).text == "Hello"


async def test_nobody_there_is_a_connection_error_through_the_sdk_too(server: Server, chat: OpenAIChat) -> None:
    chat.client.base_url = "http://127.0.0.1:9/v1"

    with pytest.raises(APIError) as caught:
        await converse(chat, "Go")

    assert (caught.value.status, caught.value.code) == (None, "connection")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_silent_server_holds_nobody_up_beyond_the_bound(server: Server, chat: OpenAIChat, stream: bool) -> None:
    server.is_silent(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")

    with pytest.raises(OutOfTime):
        await converse(chat, "Go", stream=stream, timeout=0.1)


async def test_an_answer_that_drips_without_end_through_the_sdk_is_given_up(server: Server, chat: OpenAIChat) -> None:
    chat.longest = 0.1
    server.drips(b" ")

    with pytest.raises(APIError, match="as a whole took too long") as caught:
        await converse(chat, "Go")

    assert caught.value.code == "timeout"


async def test_a_stream_without_end_through_the_sdk_is_given_up(server: Server, chat: OpenAIChat) -> None:
    async def check(seconds: float) -> None:
        chat.longest = seconds
        server.drips(b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n')

        with pytest.raises(StreamError, match="as a whole took too long") as caught:
            await converse(chat, "Go", stream=True)

        assert caught.value.partial is not None

    await growing(check)


async def test_a_wrong_option_is_a_mistake_of_the_program_and_stays_one(server: Server, chat: OpenAIChat) -> None:
    chat.options["temprature"] = 0

    with pytest.raises(TypeError, match="temprature"):
        await converse(chat, "Go")
