"""The upstream client: the only module that opens connections to anywhere but loopback."""

import ssl
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import aiohttp

from mockserver.recording.forwarding import (
    forwarded_headers,
    forwarded_url,
    printable_url,
    returned_headers,
    upstream_url,
)
from mockserver.recording.upstream_response import UpstreamResponse

LONGEST_RECORDED = 64 * 1024 * 1024
"""Bytes of one response; a longer one is passed on and not recorded."""

_CONNECT_SECONDS, _SILENCE_SECONDS = 30.0, 600.0
_ANY_HEADER = zlib.MAX_WBITS | 32
"""Makes zlib detect whether the header is gzip's or its own."""


class Unreachable(Exception):
    """There is no connection to the upstream, so there is nothing to record."""


class UnknownEncoding(Exception):
    """A response has a `content-encoding` that the recorder cannot unpack; the message names it."""


class Outgoing(NamedTuple):
    """A request on its way to the upstream: the client's own path, query, headers and body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Upstream:
    """An OpenAI-compatible API at the base URL that its SDK would be given; its query is put before the clients'.

    Its host is fixed: nothing in a request can change it, redirects are not followed, and proxies of the environment
    are not used. Headers go there but for those of a connection and our own; only listed ones come back.

    Raises:
        WrongUpstream: the URL is not an http(s) URL, or would send a key unencrypted over a network.
    """

    def __init__(self, url: str) -> None:
        self._url = upstream_url(url)
        self.printable_url = printable_url(self._url)
        """The URL as it may be printed and written."""
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(
            timeout=timeout,
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            skip_auto_headers=("accept", "content-type", "user-agent"),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def query(self) -> str:
        """The query of its own URL, which may hold a key."""
        return self._url.raw_query_string

    @asynccontextmanager
    async def send(self, outgoing: Outgoing) -> AsyncIterator["IncomingResponse"]:
        """Send a request on and give its response as it comes; leaving the block ends the connection.

        Raises:
            Unreachable: there is no connection.
            UnknownEncoding: the response has a content encoding that cannot be unpacked.
        """
        assert self._session is not None, "an upstream is used within `async with`"
        begun = time.perf_counter()
        url, headers = forwarded_url(self._url, outgoing.path, outgoing.query), [*forwarded_headers(outgoing.headers)]
        try:
            response = await self._session.request(
                outgoing.method, url, data=outgoing.body, headers=headers, allow_redirects=False
            )
        except (aiohttp.ClientConnectorError, ssl.SSLError, TimeoutError) as error:
            raise Unreachable(f"{type(error).__name__}: cannot connect to {self._url.origin()}") from None
        except (aiohttp.ClientError, ConnectionError):
            # The request was sent over an open connection, which closed without a response.
            yield IncomingResponse(None, begun, _decompressor(""))
            return
        async with response:
            yield IncomingResponse(response, begun, _decompressor(response.headers.get("content-encoding", "")))


class IncomingResponse:
    """A response that is coming in; `response` has what came, unpacked.

    `garbled` says that it was not packed as its headers say, `too_long` that it is not to be recorded.
    """

    def __init__(self, connection: aiohttp.ClientResponse | None, begun: float, decompressor: "_Decompressor") -> None:
        self._connection = connection
        self._begun = begun
        self._decompressor = decompressor
        self.garbled = False
        self.too_long = False
        headers = {name.lower(): value for name, value in connection.headers.items()} if connection is not None else {}
        self.response = UpstreamResponse(connection.status if connection is not None else None, headers)
        self.response.cut = connection is None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that may go back to the client."""
        return returned_headers(self.response.headers)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes as they come in; a connection that closes too early ends them, and is a cut."""
        if self._connection is None:
            return
        length = 0
        try:
            async for packed in self._connection.content.iter_any():
                data = self._decompressor.decompress(packed)
                length += len(data)
                self.too_long = length > LONGEST_RECORDED
                if self.too_long:
                    self.response.pieces.clear()
                else:
                    self.response.pieces.append((time.perf_counter() - self._begun, data))
                yield data
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            self.response.cut = True
        except zlib.error:
            self.garbled = True


class _Decompressor(Protocol):
    def decompress(self, data: bytes) -> bytes:
        """The bytes unpacked, as far as they are there by now.

        Raises:
            zlib.error: they are not what the encoding says.
        """


def _decompressor(encoding: str) -> _Decompressor:
    """The decompressor of a response with this `content-encoding`.

    Raises:
        UnknownEncoding: it is neither gzip nor deflate.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip" | "deflate":
            return _Zlib()
    raise UnknownEncoding(
        f"the upstream packed its answer as {encoding!r} though it was asked not to; gzip and deflate can be unpacked"
    )


class _Identity:
    def decompress(self, data: bytes) -> bytes:
        return data


class _Zlib:
    """Both gzip and deflate; some services send deflate without its header."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_ANY_HEADER)
        self._begun = False

    def decompress(self, data: bytes) -> bytes:
        if self._begun:
            return self._decompressed(data)
        self._begun = bool(data)
        try:
            return self._decompressed(data)
        except zlib.error:
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._decompressed(data)

    def _decompressed(self, data: bytes) -> bytes:
        found = b""
        while data:
            found += self._stream.decompress(data)
            data = self._stream.unused_data
            if data:
                self._stream = zlib.decompressobj(_ANY_HEADER)
        return found
