"""Chat completions against a server that sends exact bytes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clientkit import APIError, Chat, Finished, StreamError, TextArrived
from clientkit.events import ReplyEvent
from clientkit.retry import Retry

from .conftest import Server, growing

ASK = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def chat(server: Server, waits: list[float]) -> Chat:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    chat = Chat(server.base_url, "key", model="m")
    chat.retry = Retry(2, sleep=sleep, spread=lambda: 0.0)
    return chat


async def streamed(chat: Chat) -> list[ReplyEvent]:
    return [event async for event in chat.stream(ASK)]


async def test_the_request_says_what_is_asked_and_who_asks(server: Server) -> None:
    server.says("Hello")
    offered = {"type": "function", "function": {"name": "f"}}

    async with Chat(server.base_url + "/", " key\n", model="m", headers={"X-Own": "1"}, temperature=0) as chat:
        reply = await chat.complete(ASK, [offered], tool_choice="none")

    heard = server.requests[0]
    assert (reply.text, reply.finish) == ("Hello", "stop")
    assert heard.path == "/v1/chat/completions"
    assert heard.headers["authorization"] == "Bearer key"
    assert heard.headers["x-own"] == "1"
    assert heard.body == {
        "model": "m", "messages": ASK, "tools": [offered], "temperature": 0, "tool_choice": "none"
    }  # fmt: skip


async def test_address_and_key_come_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.says("Hello")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "from-env")

    await Chat(model="m").complete(ASK)

    assert server.requests[0].headers["authorization"] == "Bearer from-env"


async def test_without_a_key_none_is_sent(server: Server) -> None:
    server.says("Hello")

    await Chat(server.base_url, model="m").complete(ASK)

    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("address", [None, "localhost:8080", "ftp://host/v1", "http://"])
def test_a_missing_or_wrong_address_is_told_at_once(address: str | None) -> None:
    with pytest.raises(ValueError, match=r"http://127\.0\.0\.1:8080/v1"):
        Chat(address, model="m")


async def test_a_query_in_the_address_stays(server: Server) -> None:
    server.says("Hello")

    await Chat(server.base_url + "?api-version=1", model="m").complete(ASK)

    assert server.requests[0].path == "/v1/chat/completions?api-version=1"


async def test_a_server_on_this_machine_is_never_asked_through_a_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says("Hello")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert (await Chat(server.base_url, model="m").complete(ASK)).text == "Hello"


async def test_a_closed_chat_can_be_asked_again(server: Server) -> None:
    server.says("one")
    server.says("two")

    async with Chat(server.base_url, model="m") as chat:
        await chat.complete(ASK)
    reply = await chat.complete(ASK)
    await chat.close()

    assert reply.text == "two"


async def test_a_stream_gives_its_events_as_they_come(server: Server, chat: Chat) -> None:
    server.streams({"content": "Hel"}, {"content": "lo"})

    events = await streamed(chat)

    assert server.requests[0].body["stream"] is True
    assert events[:2] == [TextArrived("Hel"), TextArrived("lo")]
    assert isinstance(events[2], Finished)


async def test_options_of_streams_are_sent_with_streams_only(server: Server) -> None:
    server.streams({"content": "Hello"})
    server.says("Hello")
    chat = Chat(server.base_url, model="m", stream_options={"include_usage": True})

    await streamed(chat)
    await chat.complete(ASK)

    assert server.requests[0].body["stream_options"] == {"include_usage": True}
    assert "stream_options" not in server.requests[1].body


async def test_json_instead_of_a_stream_is_read_all_the_same(server: Server, chat: Chat) -> None:
    server.says("Hello")

    assert [type(event) for event in await streamed(chat)] == [TextArrived, Finished]


async def test_a_stream_that_calls_itself_json_is_read_all_the_same(server: Server, chat: Chat) -> None:
    server.streams({"content": "Hello"})
    server.answers[0] = (server.answers[0] or b"").replace(b"text/event-stream", b"application/json")

    assert [type(event) for event in await streamed(chat)] == [TextArrived, Finished]


@pytest.mark.parametrize("kind", [b"text/event-stream", b"application/json"])
@pytest.mark.parametrize("before", [b"", b": waiting\n\n", b"event: message\n", b"\xef\xbb\xbf"])
async def test_a_stream_instead_of_json_is_read_all_the_same(
    server: Server, chat: Chat, kind: bytes, before: bytes
) -> None:
    server.streams({"content": "Hello"})
    sent = (server.answers[0] or b"").replace(b"text/event-stream", kind)
    server.answers[0] = sent.replace(b"\r\n\r\n", b"\r\n\r\n" + before, 1)

    assert (await chat.complete(ASK)).text == "Hello"


async def test_a_failure_that_may_pass_is_tried_again_after_the_time_asked_for(
    server: Server, chat: Chat, waits: list[float]
) -> None:
    server.refuses(429, retry_after_ms="1200")
    server.refuses(503, retry_after="3")
    server.says("Hello")

    assert (await chat.complete(ASK)).text == "Hello"
    assert waits == [1.2, 3.0]


async def test_retries_end_and_the_error_says_everything(server: Server, chat: Chat, waits: list[float]) -> None:
    for _ in range(3):
        server.refuses(429, "Slow down.", x_request_id="req_1", retry_after="0")

    with pytest.raises(APIError) as caught:
        await chat.complete(ASK)

    error = caught.value
    assert (error.status, error.code, error.param, error.request_id) == (429, "some_code", "model", "req_1")
    assert error.retry_after == 0
    assert str(error) == "HTTP 429: Slow down. (code some_code, param model, request req_1)"
    assert len(waits) == 2


@pytest.mark.parametrize(("status", "told"), [(400, {}), (401, {}), (500, {"x_should_retry": "false"})])
async def test_a_failure_that_stays_is_not_tried_again(
    server: Server, chat: Chat, status: int, told: dict[str, str]
) -> None:
    server.refuses(status, **told)

    with pytest.raises(APIError):
        await chat.complete(ASK)

    assert len(server.requests) == 1


async def test_a_connection_that_breaks_before_the_answer_is_whole_is_tried_again(
    server: Server, chat: Chat, waits: list[float]
) -> None:
    server.sends(b"")
    server.sends(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{")
    server.says("Hello")

    assert (await chat.complete(ASK)).text == "Hello"
    assert waits == [0.5, 1.0]


async def test_a_server_that_is_not_there_is_told_in_one_sentence(chat: Chat, server: Server) -> None:
    chat.url = chat.url.with_port(9)

    with pytest.raises(APIError, match="Check the address and that the server runs") as caught:
        await chat.complete(ASK)

    assert (caught.value.status, caught.value.code) == (None, "connection")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_server_that_never_answers_is_given_up(server: Server, stream: bool) -> None:
    server.is_silent()
    chat = Chat(server.base_url, model="m", timeout=0.05, retries=0)

    with pytest.raises(APIError, match=r"within 0\.05 seconds") as caught:
        await (streamed(chat) if stream else chat.complete(ASK))

    assert caught.value.code == "timeout"


async def test_a_stream_that_falls_silent_is_given_up_with_what_came(server: Server) -> None:
    async def check(seconds: float) -> None:
        server.streams({"content": "Hel"}, finish=None, end=b": still here\n\n")
        server.is_silent(server.answers.pop())

        with pytest.raises(StreamError, match=rf"nothing came for {seconds:g} seconds") as caught:
            await streamed(Chat(server.base_url, model="m", timeout=seconds, retries=0))

        assert caught.value.partial is not None
        assert caught.value.partial.text == "Hel"

    await growing(check)


async def test_a_stream_that_never_ends_is_given_up_with_what_came(server: Server) -> None:
    async def check(seconds: float) -> None:
        server.drips(b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n')

        with pytest.raises(StreamError, match=rf"took more than {seconds:g} seconds") as caught:
            await streamed(Chat(server.base_url, model="m", longest=seconds, retries=0))

        assert caught.value.partial is not None
        assert caught.value.partial.text

    await growing(check)


@pytest.mark.parametrize("end", [b'data: {"error": {"message": "full"}}\n\n', b"data: {broken\n\n", b""])
async def test_an_error_in_a_stream_says_which_request_it_was(server: Server, chat: Chat, end: bytes) -> None:
    server.streams({"content": "Hel"}, finish=None, end=end, x_request_id="req_1")

    with pytest.raises((APIError, StreamError)) as caught:
        await streamed(chat)

    assert isinstance(caught.value, APIError | StreamError)
    assert caught.value.request_id == "req_1"


async def test_a_torn_stream_is_an_error_that_keeps_what_came_and_is_not_tried_again(
    server: Server, chat: Chat
) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    event = b'data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":"stop"}]}\n\n'
    server.sends(head + b"%x\r\n" % len(event) + event + b"\r\n")

    with pytest.raises(StreamError, match="broke off") as caught:
        await streamed(chat)

    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[1]",
        b"[" * 100_000,
        b'{"choices": []}',
        b'{"choices": [{"index": 0}]}',
        b'{"choices": [{"index": 0, "message": {"tool_calls": [7]}}]}',
        b'{"data": {}, "success": true}',
        b'{"error": {"message": "oh dear"}}',
    ],
)
async def test_a_good_status_without_a_completion_is_an_error(server: Server, chat: Chat, body: bytes) -> None:
    for _ in range(3):
        server.responds(200, body, x_request_id="req_1")

    with pytest.raises(APIError) as caught:
        await chat.complete(ASK)

    assert (caught.value.status, caught.value.code, caught.value.request_id) == (200, "unreadable_reply", "req_1")


async def test_an_answer_that_cannot_be_read_is_asked_for_again(server: Server, chat: Chat) -> None:
    server.responds(200, b'{"choices": []}')
    server.says("Hello")

    assert (await chat.complete(ASK)).text == "Hello"


async def test_an_error_under_a_good_status_keeps_its_own_code(server: Server, chat: Chat) -> None:
    server.responds(200, b'{"error": {"message": "full", "code": "quota", "param": "model"}}')

    with pytest.raises(APIError, match="full") as caught:
        await chat.complete(ASK)

    assert (caught.value.code, caught.value.param) == ("quota", "model")


@pytest.mark.parametrize("stream", [False, True])
async def test_arguments_of_any_depth_do_no_harm(server: Server, chat: Chat, stream: bool) -> None:
    for depth in (900, 960, 990):
        arguments: dict[str, Any] = {}
        for _ in range(depth // 2):
            arguments = {"a": arguments}
        call = {"id": "x", "function": {"name": "f", "arguments": arguments}}
        for _ in range(3):
            server.completes({"content": None, "tool_calls": [call]}, "tool_calls")
    chat.retry = Retry(0)

    asked = [streamed(chat) if stream else chat.complete(ASK) for _ in range(9)]

    ends = await asyncio.gather(*asked, return_exceptions=True)

    assert all(not isinstance(end, BaseException) or isinstance(end, APIError) for end in ends)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>\x1b[31mBad Gateway</html>", r"HTTP 502: Bad Gateway.*begins: <html>\\x1b"),
        (b"", "the body is empty"),
        (b'{"object": "error", "message": "flat"}', "HTTP 502: flat"),
        (b'{"error": "just text"}', "HTTP 502: just text"),
        (b'{"error": {"code": 7}}', "gave no reason.*code 7"),
    ],
)
async def test_every_shape_of_an_error_is_read(server: Server, body: bytes, told: str) -> None:
    server.responds(502, body)

    with pytest.raises(APIError, match=told):
        await Chat(server.base_url, model="m", retries=0).complete(ASK)


async def test_a_redirect_is_not_followed_with_the_key(server: Server, chat: Chat) -> None:
    server.responds(307, b"", location=f"{server.base_url}/elsewhere")

    with pytest.raises(APIError, match="HTTP 307"):
        await chat.complete(ASK)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ({"id": "x", "function": {"name": "f", "arguments": {"a": 1}}}, '{"a": 1}'),
        ({"function": {"name": "f", "arguments": None}}, ""),
        ({"id": None, "function": {"name": "f"}}, ""),
        ({"id": "", "type": "custom", "custom": {"name": "f", "input": "raw"}}, "raw"),
    ],
)
async def test_odd_calls_are_read_as_what_they_mean(
    server: Server, chat: Chat, call: dict[str, Any], arguments: str
) -> None:
    server.completes({"content": None, "tool_calls": [call]}, "tool_calls")

    reply = await chat.complete(ASK)

    assert [(each.name, each.arguments) for each in reply.calls] == [("f", arguments)]
    assert reply.calls[0].id


async def test_the_same_id_twice_becomes_two_ids(server: Server, chat: Chat) -> None:
    call = {"id": "same", "function": {"name": "f", "arguments": "{}"}}
    server.completes({"tool_calls": [call, call, {**call, "id": "x" * 41}]}, "tool_calls")

    assert [call.id for call in (await chat.complete(ASK)).calls] == ["same", "call00002", "call00003"]


async def test_content_in_parts_refusals_and_legacy_calls_are_read(server: Server, chat: Chat) -> None:
    server.completes({"content": [{"type": "text", "text": "He"}, {"type": "text", "text": "llo\ud800"}]})
    server.completes({"refusal": "I won't."})
    server.completes({"content": None, "function_call": {"name": "f", "arguments": "{}"}}, "function_call")

    replies = [await chat.complete(ASK) for _ in range(3)]

    assert replies[0].text == "Hello\ufffd"
    assert replies[1].refusal == "I won't."
    assert replies[2].calls[0].name == "f"


async def test_an_answer_without_end_is_not_read_to_the_end(server: Server, chat: Chat) -> None:
    server.drips(b"x" * 4_000_000)

    with pytest.raises(APIError, match="longer than 67108864 bytes"):
        await chat.complete(ASK)
