"""The real API behind the recorder: the only module that opens connections to anywhere but loopback."""

import ssl
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp

from mockserver.recording.address import WrongUpstream, address_of, joined, shown
from mockserver.recording.answered import Answered
from mockserver.recording.headers import passed_back, sent_on
from mockserver.recording.unpack import Unpacker, unpacker

__all__ = ["Answering", "Outgoing", "Unreachable", "Upstream", "WrongUpstream"]

MOST_KEPT = 64 * 1024 * 1024
"""Bytes of one answer; a longer one is passed on and not recorded."""

_CONNECT_SECONDS, _SILENCE_SECONDS = 30.0, 600.0


class Unreachable(Exception):
    """No connection to the upstream came about, so there is nothing to record."""


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
        WrongUpstream: the address is no http(s) URL, or would send a key unencrypted over a network.
    """

    def __init__(self, url: str) -> None:
        self._url = address_of(url)
        self.shown = shown(self._url)
        """The address as it may be printed and written."""
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
        """The query of its own address, which may hold a key."""
        return self._url.raw_query_string

    @asynccontextmanager
    async def ask(self, asked: Outgoing) -> AsyncIterator["Answering"]:
        """Send a request on and give its answer as it comes; leaving the block ends the connection.

        Raises:
            Unreachable: there is no connection.
            UnknownEncoding: the answer is packed in a way that cannot be unpacked.
        """
        assert self._session is not None, "an upstream is asked within `async with`"
        begun = time.perf_counter()
        url, headers = joined(self._url, asked.path, asked.query), list(sent_on(asked.headers))
        try:
            response = await self._session.request(
                asked.method, url, data=asked.body, headers=headers, allow_redirects=False
            )
        except (aiohttp.ClientConnectorError, ssl.SSLError, TimeoutError) as error:
            raise Unreachable(f"{type(error).__name__}: cannot connect to {self._url.origin()}") from None
        except (aiohttp.ClientError, ConnectionError):
            # The connection was there, the request is sent, and it went away without a word.
            yield Answering(None, begun, unpacker(""))
            return
        async with response:
            yield Answering(response, begun, unpacker(response.headers.get("content-encoding", "")))


class Answering:
    """An answer that is coming in. What has come is in `answered`, unpacked.

    `garbled` says that it was not packed as its headers say.
    """

    def __init__(self, response: aiohttp.ClientResponse | None, begun: float, unpacks: Unpacker) -> None:
        self._response = response
        self._begun = begun
        self._unpacks = unpacks
        self.garbled = False
        headers = {name.lower(): value for name, value in response.headers.items()} if response is not None else {}
        self.answered = Answered(response.status if response is not None else None, headers)
        self.answered.cut = response is None
        self.too_long = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers that may go back to the client."""
        return passed_back(self.answered.headers)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes as they come in; a connection that goes away too early ends them, and is a cut."""
        if self._response is None:
            return
        length = 0
        try:
            async for packed in self._response.content.iter_any():
                data = self._unpacks.unpack(packed)
                length += len(data)
                self.too_long = length > MOST_KEPT
                if self.too_long:
                    self.answered.pieces.clear()
                else:
                    self.answered.pieces.append((time.perf_counter() - self._begun, data))
                yield data
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            self.answered.cut = True
        except zlib.error:
            self.garbled = True
