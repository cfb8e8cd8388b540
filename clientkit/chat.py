"""Chat completions over HTTP: ask any OpenAI-compatible server for the model's next message."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from yarl import URL

from clientkit.completion import read_completion, unreadable
from clientkit.errors import APIError
from clientkit.events import Finished, ReplyEvent, events_of
from clientkit.failure import error_from_response
from clientkit.model import Message, ToolDefinition
from clientkit.printable import shortened
from clientkit.reply import Reply
from clientkit.retry import Retry
from clientkit.stream import MAX_BYTES, StreamReader

T = TypeVar("T")


class Chat:
    """Asks one model of one server.

    Without `base_url` and `api_key` the environment's OPENAI_BASE_URL and OPENAI_API_KEY are used. `timeout` is in
    seconds: how long a plain answer may take in all, and how long a stream may be silent. Failed connections, timeouts
    and the statuses 408, 409, 429 and 500 up are tried again, `retries` times at most, after the time that the server
    asks for. `options` go into every request (`temperature=0`), `headers` on it.

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
        self.retry = Retry(retries)
        self._headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
        self._headers.update({name.lower(): value for name, value in (headers or {}).items()})
        self._options = options
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
        """The model's next message, whole. Raises APIError, or StreamError if the server streamed it and broke off."""
        body = self._body(messages, tools, options)
        async with self._connections() as session:
            kind, content = await self._tried(lambda: self._fetch(session, body))
        return _read_whole(kind, content)

    async def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> AsyncGenerator[ReplyEvent, None]:
        """The events of the model's next message as they come; the last is `Finished`. Raises APIError, StreamError.

        Only what fails before the answer begins is tried again.
        """
        body = self._body(messages, tools, {**options, "stream": True})
        async with self._connections() as session, await self._tried(lambda: self._open(session, body)) as response:
            if "json" in response.content_type:
                content = await self._within_time(_limited(response))
                events = events_of(_read_whole(response.content_type, content))
                for event in events:
                    yield event
                return
            reader = StreamReader()
            while not reader.done:
                for event in await self._next_events(response, reader):
                    yield event

    def _body(self, messages: Sequence[Message], tools: Sequence[ToolDefinition], options: Mapping[str, Any]) -> bytes:
        offered = {"tools": list(tools)} if tools else {}
        body = {"model": self.model, "messages": list(messages), **offered, **self._options, **options}
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

    async def _tried(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt gives, the first that succeeds."""
        for number in itertools.count():
            try:
                return await self._within_time(attempt())
            except APIError as error:
                pause = self.retry.pause(number, error)
                if pause is None:
                    raise
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
            message = f"No answer from {self._where}: {_reason(error)}. Check the address and that the server runs."
            raise APIError(message, code="connection") from error

    async def _next_events(self, response: aiohttp.ClientResponse, reader: StreamReader) -> list[ReplyEvent]:
        try:
            async with asyncio.timeout(self.timeout):
                return await _heard(response, reader)
        except TimeoutError:
            raise reader.torn(f"nothing came for {self.timeout:g} seconds") from None
        except (aiohttp.ClientError, OSError) as error:
            raise reader.torn(_reason(error)) from error

    async def _open(self, session: aiohttp.ClientSession, body: bytes) -> aiohttp.ClientResponse:
        """A successful response, its content still to come."""
        response = await session.post(self.url, data=body, headers=self._headers, allow_redirects=False)
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            return response
        async with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            raise error_from_response(response.status, headers, await _limited(response))

    async def _fetch(self, session: aiohttp.ClientSession, body: bytes) -> tuple[str, bytes]:
        """Content type and content of a successful response."""
        async with await self._open(session, body) as response:
            return response.content_type, await _limited(response)

    @property
    def _where(self) -> str:
        return f"{self.url.origin()}{self.url.path}"


async def _heard(response: aiohttp.ClientResponse, reader: StreamReader) -> list[ReplyEvent]:
    """What the next event of the server brings; a comment that only keeps the connection awake is none."""
    before = reader.heard
    events: list[ReplyEvent] = []
    while reader.heard == before and not reader.done:
        piece = await response.content.readany()
        events += reader.feed(piece) if piece else reader.end()
    return events


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """The content of a response, which may not be longer than a reply can be."""
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > MAX_BYTES:
            raise APIError(f"The answer is longer than {MAX_BYTES} bytes and was not read on.", code="unreadable_reply")
    return bytes(content)


def _read_whole(kind: str, content: bytes) -> Reply:
    """The reply in the content of a response, whether it is one JSON value or, unasked, an event stream."""
    if kind == "text/event-stream" or content.startswith((b"data:", b":")):
        reader = StreamReader()
        events = reader.feed(content)
        events += [] if reader.done else reader.end()
        return next(event.reply for event in events if isinstance(event, Finished))
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise unreadable(content[:1000].decode("utf-8", "replace")) from None
    return read_completion(body)


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError) and error.errno:
        return os.strerror(error.errno)
    return shortened(str(error) or type(error).__name__, 300).rstrip(".")


def _is_loopback(url: URL) -> bool:
    try:
        return ipaddress.ip_address(url.host or "").is_loopback
    except ValueError:
        return url.host == "localhost"
