"""Chat completions over HTTP: ask any OpenAI-compatible server for the model's next message."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import json
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from yarl import URL

from clientkit.completion import error_from_response, request_id_of
from clientkit.display import shorten
from clientkit.errors import APIError, StreamError
from clientkit.events import ReplyEvent, RetryScheduled, emit, events_of
from clientkit.model import Message, ToolDefinition
from clientkit.reply import Reply
from clientkit.retry import Retry
from clientkit.stream import MAX_BYTES, StreamReader, read_whole

T = TypeVar("T")

_LOGGER = logging.getLogger("clientkit")


class Chat:
    """Asks one model of one server.

    Without `base_url` and `api_key` the environment's OPENAI_BASE_URL and OPENAI_API_KEY are used. `timeout` is in
    seconds: how long a plain answer may take in all, and how long a stream may be silent; as a whole a stream may take
    `longest` seconds. Failed connections, timeouts, unreadable answers and the statuses 408, 409, 429 and 500 up are
    tried again, `retries` times at most, after the time that the server asks for. `options` go into every request
    (`temperature=0`), `headers` on it.

    Used as an async context manager it keeps its connections; otherwise each request opens one and closes it.
    """

    def __init__(  # noqa: PLR0913 - the settings of a client; each has its name
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        model: str,
        timeout: float = 60,
        retries: int = 2,
        longest: float = 600,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        address = base_url or os.environ.get("OPENAI_BASE_URL")
        if not address:
            raise ValueError(
                "Chat does not know where to send requests: give base_url=… or set OPENAI_BASE_URL, "
                "for example http://127.0.0.1:8080/v1 (OpenAI itself is https://api.openai.com/v1)"
            )
        key = (api_key if api_key is not None else os.environ.get("OPENAI_API_KEY", "")).strip()
        base = URL(address.strip())
        if base.scheme not in {"http", "https"} or not base.host:
            raise ValueError(f"base_url must look like http://127.0.0.1:8080/v1, not {address!r}")
        self.url = (base / "chat" / "completions").with_query(base.query)
        self.model = model
        self.timeout = timeout
        self.longest = longest
        self.retry = Retry(retries)
        self._headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
        self._headers.update({name.lower(): value for name, value in (headers or {}).items()})
        self.options = options
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        if self._session is None:
            self._session = self._new_session()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections that are kept. A later request still works and opens its own."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> Reply:
        """The model's next message, whole.

        Raises:
            APIError: The server refused, could not be reached, or answered something unreadable.
            StreamError: The server streamed the answer unasked and broke off.
        """
        body = self._body(messages, tools, options)
        async with self._connections() as session:
            return await self._with_retries(lambda: self._fetch(session, body))

    async def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> AsyncGenerator[ReplyEvent, None]:
        """The events of the model's next message as they come; the last is `Finished`.

        Only what fails before the answer begins is tried again.

        Raises:
            APIError: As `complete` does, and for an error event in the stream.
            StreamError: The stream was torn, unreadable, or had no finish.
        """
        body = self._body(messages, tools, {**options, "stream": True})
        async with self._connections() as session:
            answer = await self._with_retries(lambda: self._begin(session, body))
            if isinstance(answer, Reply):
                for event in events_of(answer):
                    yield event
                return
            async with answer as response, aclosing(self._events(response)) as arriving:
                async for event in arriving:
                    yield event

    def _body(self, messages: Sequence[Message], tools: Sequence[ToolDefinition], options: Mapping[str, Any]) -> bytes:
        offered = {"tools": list(tools)} if tools else {}
        body = {"model": self.model, "messages": list(messages), **offered, **self.options, **options}
        if not body.get("stream"):
            body.pop("stream_options", None)  # an API refuses it beside a plain answer
        return json.dumps(body, allow_nan=False).encode()

    @asynccontextmanager
    async def _connections(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The connections that are kept, or some for this request alone."""
        if self._session is not None:
            yield self._session
        else:
            async with self._new_session() as session:
                yield session

    def _new_session(self) -> aiohttp.ClientSession:
        # The proxy of the environment is for the world outside, never for a server on this machine.
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), trust_env=not _is_loopback(self.url))

    async def _with_retries(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt gives, the first that succeeds."""
        for number in itertools.count():
            try:
                return await self._within_time(attempt())
            except APIError as error:
                pause = self.retry.pause(number, error)
                if pause is None:
                    raise
                retry = RetryScheduled(number + 1, pause, error)
            _LOGGER.info("attempt %d failed, the next one follows in %.1f s: %s", number + 1, pause, retry.error)
            await emit(retry)
            await self.retry.sleep(pause)
        raise AssertionError("counting never ends")

    async def _within_time(self, waiting: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self.timeout):
                return await waiting
        except TimeoutError:
            message = (
                f"No answer from {self._where} within {self.timeout:g} seconds. Give Chat(timeout=…) a longer time."
            )
            raise APIError(message, code="timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"No answer from {self._where}: {_reason_of(error)}. Check the address and that the server runs."
            raise APIError(message, code="connection") from error

    async def _events(self, response: aiohttp.ClientResponse) -> AsyncGenerator[ReplyEvent, None]:
        reader = StreamReader()
        latest = asyncio.get_running_loop().time() + self.longest
        with _with_request_id(response):
            while not reader.done:
                left = latest - asyncio.get_running_loop().time()
                silent = left > self.timeout
                late = f"nothing came for {self.timeout:g}" if silent else f"it took more than {self.longest:g}"
                for event in await _next_events(response, reader, min(left, self.timeout), f"{late} seconds"):
                    yield event

    async def _open(self, session: aiohttp.ClientSession, body: bytes) -> aiohttp.ClientResponse:
        """A successful response, its content still to come."""
        response = await session.post(self.url, data=body, headers=self._headers, allow_redirects=False)
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            return response
        async with response:
            raise error_from_response(response.status, _headers_of(response), await _read_all(response))

    async def _fetch(self, session: aiohttp.ClientSession, body: bytes) -> Reply:
        """The reply in a successful response."""
        return await _whole_reply(await self._open(session, body))

    async def _begin(self, session: aiohttp.ClientSession, body: bytes) -> Reply | aiohttp.ClientResponse:
        """A successful response to be streamed, or the reply if the server sent it in one piece."""
        response = await self._open(session, body)
        return await _whole_reply(response) if "json" in response.content_type else response

    @property
    def _where(self) -> str:
        return f"{self.url.origin()}{self.url.path}"


def _is_loopback(url: URL) -> bool:
    try:
        return ipaddress.ip_address(url.host or "").is_loopback
    except ValueError:
        return url.host == "localhost"


async def _whole_reply(response: aiohttp.ClientResponse) -> Reply:
    """The reply in a response.

    Raises:
        APIError: It holds none.
        StreamError: It is a stream and torn.
    """
    async with response:
        with _with_request_id(response):
            return read_whole(await _read_all(response))


async def _read_all(response: aiohttp.ClientResponse) -> bytes:
    """The content of a response.

    Raises:
        APIError: It is longer than a reply can be.
    """
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > MAX_BYTES:
            message = f"The answer is longer than {MAX_BYTES} bytes and was not read on."
            raise APIError(message, status=response.status, code="unreadable_reply", should_retry=False)
    return bytes(content)


async def _next_events(
    response: aiohttp.ClientResponse, reader: StreamReader, seconds: float, late: str
) -> list[ReplyEvent]:
    """What the next event of the server brings.

    Raises:
        StreamError: None comes in time; `late` is then the reason.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read_events(response, reader)
    except TimeoutError:
        raise reader.break_error(late) from None
    except (aiohttp.ClientError, OSError) as error:
        raise reader.break_error(_reason_of(error)) from error


async def _read_events(response: aiohttp.ClientResponse, reader: StreamReader) -> list[ReplyEvent]:
    """The events that come with the next bytes that hold any; a comment only keeps the connection awake."""
    before = reader.event_count
    events: list[ReplyEvent] = []
    while reader.event_count == before and not reader.done:
        piece = await response.content.readany()
        events += reader.feed(piece) if piece else reader.end()
    return events


@contextmanager
def _with_request_id(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Gives an error the name under which the server knows the request."""
    try:
        yield
    except (APIError, StreamError) as error:
        error.request_id = error.request_id or request_id_of(_headers_of(response))
        raise


def _headers_of(response: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers of a response by their names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}


def _reason_of(error: BaseException) -> str:
    """Why a connection failed, in a few words."""
    if isinstance(error, aiohttp.ClientConnectorError) and error.errno:
        return os.strerror(error.errno)
    return shorten(str(error) or type(error).__name__, 300).rstrip(".")
