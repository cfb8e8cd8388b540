"""The real API behind the recorder: the only module that opens connections to anywhere but loopback."""

import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from mockserver.errors import MockServerError
from mockserver.recording.answered import Answered

MOST_KEPT = 64 * 1024 * 1024
"""Bytes of one answer; a longer one is passed on and not recorded."""

_SENT_ON = frozenset(
    "accept api-key authorization content-type http-referer idempotency-key openai-beta openai-organization "
    "openai-project user-agent x-title".split()
)
_PASSED_BACK = frozenset(
    "content-type openai-model openai-organization openai-processing-ms openai-version retry-after retry-after-ms "
    "x-request-id x-should-retry".split()
)
_PASSED_BACK_PREFIX = "x-ratelimit-"
_CONNECT_SECONDS, _SILENCE_SECONDS = 30.0, 600.0


class WrongUpstream(MockServerError, ValueError):
    """The address cannot be an upstream; the message says why."""


class Unreachable(Exception):
    """No connection to the upstream came about, so there is nothing to record."""


class Upstream:
    """An OpenAI-compatible API at `url`, the base URL that its SDK would be given.

    Its address is fixed: nothing in a request can change it, redirects are not followed, and proxies of the
    environment are not used. Only listed headers go there, the key among them, and only listed ones come back.

    Raises:
        WrongUpstream: the address is no http(s) URL, or would send a key unencrypted over a network.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(
            timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator["Answering"]:
        """Send a request on and give its answer as it comes; leaving the block ends the connection.

        Raises:
            Unreachable: there is no connection.
        """
        assert self._session is not None, "an upstream is asked within `async with`"
        sent_on = {name.lower(): value for name, value in headers.items() if name.lower() in _SENT_ON}
        sent_on["accept-encoding"] = "identity"
        begun = time.perf_counter()
        url = self.url.joinpath(path, encoded=True)
        try:
            response = await self._session.request(method, url, data=body, headers=sent_on, allow_redirects=False)
        except (aiohttp.ClientConnectorError, ssl.SSLError, TimeoutError) as error:
            raise Unreachable(f"{type(error).__name__}: cannot connect to {self.url.origin()}") from None
        except (aiohttp.ClientError, ConnectionError):
            # The connection was there, the request is sent, and it went away without a word.
            yield Answering(None, begun)
            return
        async with response:
            yield Answering(response, begun)


class Answering:
    """An answer that is coming in. What has come is in `answered`."""

    def __init__(self, response: aiohttp.ClientResponse | None, begun: float) -> None:
        self._response = response
        self._begun = begun
        headers = {name.lower(): value for name, value in response.headers.items()} if response is not None else {}
        self.answered = Answered(response.status if response is not None else None, headers)
        self.answered.cut = response is None
        self.too_long = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers that may go back to the client."""
        given = self.answered.headers
        return {
            name: value for name, value in given.items() if name in _PASSED_BACK or name.startswith(_PASSED_BACK_PREFIX)
        }

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes as they come in; a connection that goes away too early ends them, and is a cut."""
        if self._response is None:
            return
        length = 0
        try:
            async for data in self._response.content.iter_any():
                length += len(data)
                self.too_long = length > MOST_KEPT
                if self.too_long:
                    self.answered.pieces.clear()
                else:
                    self.answered.pieces.append((time.perf_counter() - self._begun, data))
                yield data
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            self.answered.cut = True


def _checked(text: str) -> URL:
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise WrongUpstream(f"{text!r} is no upstream: expected a base URL such as https://api.example.com/v1")
    if url.user or url.password:
        raise WrongUpstream("the upstream's URL holds a user or a password: clients send the key, not the URL")
    if url.query_string or url.fragment:
        raise WrongUpstream("the upstream's URL has a query or a fragment: give the base URL alone, /v1 included")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise WrongUpstream(f"{url.origin()} would see the key unencrypted: use https (http is for loopback alone)")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
