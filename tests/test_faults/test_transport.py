"""Faults of the transport: as steps, and as a client on a raw socket sees them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import openai
import pytest

from mockserver import MockLLM
from mockserver.chat import ApiError, Reply
from mockserver.faults import UnknownFault, parse
from mockserver.steps import Drop, Head, Send, Wait
from mockserver.wire.chat_completions.render import render_error
from tests.faulty import PARALLEL, TEXT, applies, broken, said_with, sent, sound
from tests.test_server.conftest import HELLO, connection, request

STREAMED = [False, True]


def head(steps: Any) -> Head:
    return next(step for step in steps if isinstance(step, Head))


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "invalid_api_key"), (429, "rate_limit_exceeded"), (500, None), (503, "server_is_overloaded")],
)
def test_a_status_comes_in_the_words_of_the_api(status: int, code: str | None) -> None:
    said = said_with("http_status", TEXT, status=status)

    assert isinstance(said, ApiError)
    assert (said.status, said.code) == (status, code)
    assert said.message


def test_a_status_has_retry_after_headers() -> None:
    later, soon, dated = (
        said_with("http_status", TEXT, status=429, **given)
        for given in ({"retry_after": "1.5"}, {"retry_after_ms": 20}, {"retry_after": "date"})
    )

    assert isinstance(later, ApiError)
    assert isinstance(soon, ApiError)
    assert isinstance(dated, ApiError)
    assert (later.headers, soon.headers) == ({"retry-after": "1.5"}, {"retry-after-ms": "20"})
    assert head(render_error(dated, {})).dates == (("retry-after", 2.0),)


@pytest.mark.parametrize("given", ["status=200", "status=900", "retry_after=soon"])
def test_an_invalid_status_or_time_is_refused(given: str) -> None:
    with pytest.raises(UnknownFault, match="expected"):
        parse(f"http_status:{given}")


@pytest.mark.parametrize("stream", STREAMED)
def test_a_reset_comes_before_or_after_the_head(stream: bool) -> None:
    assert broken("reset_before_headers", TEXT, stream=stream) == [Drop(reset=True)]
    first, last = broken("reset_after_headers", TEXT, stream=stream)
    assert isinstance(first, Head)
    assert last == Drop(reset=True)


@pytest.mark.parametrize("stream", STREAMED)
def test_slow_drip_sends_the_whole_body(stream: bool) -> None:
    steps = broken("slow_drip", TEXT, stream=stream, gap="10ms", size=7)

    assert sent(steps) == sent(sound(TEXT, stream=stream))
    assert max(len(step.data) for step in steps if isinstance(step, Send)) == 7
    assert {step for step in steps if isinstance(step, Wait)} == {Wait(0.01)}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_stream_is_cut_after_so_many_events(count: int) -> None:
    steps = broken("cut_after_events", PARALLEL, stream=True, events=count)

    assert steps[-1] == Drop()
    assert steps[1:-1] == sound(PARALLEL, stream=True)[1 : 1 + count]


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("count", [0, 1, 250])
def test_a_body_is_cut_after_so_many_bytes(count: int, stream: bool) -> None:
    steps = broken("cut_after_bytes", PARALLEL, stream=stream, bytes=count)

    assert steps[-1] == Drop()
    assert sent(steps) == sent(sound(PARALLEL, stream=stream))[:count]


def test_a_cut_beyond_the_end_does_not_apply() -> None:
    for name, given in (("cut_after_events", {"events": 10_000}), ("cut_after_bytes", {"bytes": 10_000_000})):
        with pytest.raises(Exception, match=r"(stream|body) has only"):
            broken(name, TEXT, stream=True, **given)


@pytest.mark.parametrize("stream", STREAMED)
def test_a_body_is_cut_inside_a_character(stream: bool) -> None:
    steps = broken("cut_inside_character", TEXT, stream=stream)

    assert sent(sound(TEXT, stream=stream)).startswith(sent(steps))
    with pytest.raises(UnicodeDecodeError):
        sent(steps).decode()
    assert not applies("cut_inside_character", Reply("Mild."), stream=stream)


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("by", ["more", "less"])
def test_content_length_is_wrong(by: str, stream: bool) -> None:
    steps = broken("wrong_content_length", TEXT, stream=stream, by=by)

    claimed = int(dict(head(steps).headers)["content-length"])
    assert (claimed > len(sent(steps))) == (by == "more")
    assert claimed != len(sent(steps))


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("name", ["garbage_body", "empty_body", "html_error_page"])
def test_a_garbage_empty_or_html_body_is_well_framed(name: str, stream: bool) -> None:
    steps = broken(name, TEXT, stream=stream)

    assert int(dict(head(steps).headers)["content-length"]) == len(sent(steps))
    assert head(steps).status == (502 if name == "html_error_page" else 200)
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json.loads(sent(steps))


@pytest.fixture(scope="module")
def llm() -> Iterator[MockLLM]:
    with MockLLM(fallback="simulate") as running:
        yield running


def raw(llm: MockLLM, fault: str, *, stream: bool = False, closing: bool = False) -> bytes:
    """Everything that comes until the connection ends.

    Raises:
        ConnectionResetError: it ended by a reset.
    """
    more = f"\r\nx-mock-fault: {fault}\r\n" + ("connection: close\r\n" if closing else "")
    asking = request({**HELLO, "stream": stream}).replace(b"\r\n", more.encode(), 1)
    received = b""
    with connection(llm.base_url) as sock:
        sock.sendall(asking)
        while data := sock.recv(65536):
            received += data
    return received


def parts(received: bytes) -> tuple[bytes, bytes]:
    first, _, rest = received.partition(b"\r\n\r\n")
    return first, rest


def test_retry_after_as_a_date_is_two_seconds_ahead(llm: MockLLM) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    received = raw(llm, "http_status:status=429,retry_after=date", closing=True)
    after = datetime.now(UTC)

    date = re.search(rb"retry-after: (.*)\r\n", received)
    assert date
    moment = parsedate_to_datetime(date[1].decode())
    assert before <= moment - timedelta(seconds=2) <= after
    assert b"x-mock-fault: http_status" in received


def test_a_reset_resets_the_connection(llm: MockLLM) -> None:
    for fault in ("reset_before_headers", "reset_after_headers"):
        with pytest.raises(ConnectionResetError):
            raw(llm, fault)


def test_a_chunk_announces_more_than_comes(llm: MockLLM) -> None:
    _, rest = parts(raw(llm, "truncated_chunked_body", stream=True))

    size, _, data = rest.partition(b"\r\n")
    assert int(size, 16) > len(data) > 0


@pytest.mark.parametrize("stream", STREAMED)
def test_the_answer_is_whole_and_the_connection_closes(llm: MockLLM, stream: bool) -> None:
    first, rest = parts(raw(llm, "keep_alive_closed", stream=stream))

    assert b"connection: close" not in first.lower()
    assert rest.endswith(b"0\r\n\r\n" if stream else b"}")


def test_a_cut_stream_has_no_last_chunk(llm: MockLLM) -> None:
    first, rest = parts(raw(llm, "cut_after_events:events=1", stream=True))

    assert b"x-mock-fault: cut_after_events" in first
    assert not rest.endswith(b"0\r\n\r\n")
    assert rest.count(b"data: ") == 1


@pytest.mark.parametrize(
    "fault",
    ["reset_before_headers", "truncated_chunked_body", "wrong_content_length", "cut_after_bytes"],
)
def test_the_official_client_says_that_the_connection_broke(llm: MockLLM, fault: str) -> None:
    with openai.OpenAI(base_url=llm.base_url, api_key="any", max_retries=0) as client, pytest.raises(openai.APIError):
        client.chat.completions.create(**HELLO, extra_headers={"x-mock-fault": fault})


def test_the_official_client_tries_again_after_a_reset(llm: MockLLM) -> None:
    with openai.OpenAI(base_url=llm.base_url, api_key="any", max_retries=1) as client:
        answer = client.chat.completions.create(
            **HELLO, extra_headers={"x-mock-fault": "reset_before_headers:attempts=1", "x-mock-session": "retry"}
        )

    assert answer.choices[0].message.content


@pytest.mark.parametrize("form", ["crlf", "cr", "no_space", "multi_line", "comments", "fields", "segments"])
def test_the_official_client_reads_oddly_framed_events(llm: MockLLM, form: str) -> None:
    with openai.OpenAI(base_url=llm.base_url, api_key="any", max_retries=0) as client:
        stream = client.chat.completions.create(
            **HELLO, stream=True, extra_headers={"x-mock-fault": f"bad_sse_framing:form={form}"}
        )
        told = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        whole = client.chat.completions.create(**HELLO).choices[0].message.content

    assert told == whole
