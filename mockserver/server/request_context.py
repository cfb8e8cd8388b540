"""What a request brings: its dialect, headers and path, the settings and provider that follow, and its body.

A body is read whole, within bounds, and refused in the API's words where that cannot be.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, cast, get_args

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.chat.provider_names import PROVIDER_NAMES
from mockserver.engine import Checks, Settings
from mockserver.server.rate_limits import UNLIMITED
from mockserver.server.routing import DEPLOYMENTS, with_model
from mockserver.wire.chat_completions.providers import AUTO, PROVIDERS, UnknownProvider, by_model, provider_named
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import Dialect, ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.provider import OPENAI, Occasion, Provider
from mockserver.wire.refusal import Refused, not_supported, too_large

__all__ = ["RequestContext", "UnknownProvider", "context_of", "provider_named", "settings_for"]

PATIENCE = 60.0
"""So many seconds a body may take to arrive whole."""

_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_JSON = ("", "application/json")


class RequestContext(NamedTuple):
    """Who asks, and how they are to be answered.

    `headers` are the request's, `query` is its query string. `rate_limits` are the response headers that say what is
    left of the limits, and `time_scale` stretches all waiting.
    """

    dialect: Dialect
    provider: Provider
    path: str
    headers: Mapping[str, str]
    rate_limits: Mapping[str, str] = UNLIMITED
    time_scale: float = 1.0
    query: str = ""

    def occasion(self, identity: Identity, parsed: ParsedRequest | None = None) -> Occasion:
        """What the provider may know of the request that it answers."""
        return Occasion(
            self.path, self.headers, identity, parsed.request if parsed is not None else None, None, self.query
        )

    def parse(self, body: bytes, *, strict: bool) -> "tuple[RequestContext, ParsedRequest]":
        """The request, and the context with its provider, where the model's name decides about that.

        Raises:
            Refused: with the status, text, param and code of the API, or of the provider.
        """
        body = self._with_model(body)
        if self.provider is OPENAI:
            return self, self._parsed(body, strict=strict)
        chosen = self._replace(provider=_provider_of_model(body)) if self.provider is AUTO else self
        occasion = chosen.occasion(Identity("", body))
        return chosen, self.dialect.parse(body, strict=strict, provider=chosen.provider, occasion=occasion)

    def understood(self, body: bytes) -> ParsedRequest | None:
        """What a refused request asks all the same, for the journal; None where it cannot be understood at all."""
        try:
            return self.parse(body, strict=False)[1]
        except (Refused, RecursionError):
            return None

    def parse_unchecked(self, body: bytes) -> ParsedRequest:
        """The request as a recorder hears it: neither checked nor translated, the model named in the body or the path.

        Raises:
            Refused: it cannot be answered at all.
        """
        return self._parsed(self._with_model(body), strict=False)

    def _parsed(self, body: bytes, *, strict: bool) -> ParsedRequest:
        if self.dialect.reads_address:
            return self.dialect.parse(body, strict=strict, occasion=self.occasion(Identity("", body)))
        return self.dialect.parse(body, strict=strict)

    def with_provider(self, name: str, parsed: ParsedRequest) -> "RequestContext":
        """The context, once the scenario that answers has named a provider."""
        named = by_model(parsed.request.model) if name == AUTO.name else name
        return self._replace(provider=self.dialect.providers.get(named, OPENAI))

    def _with_model(self, body: bytes) -> bytes:
        return with_model(body, self.path) if self.path.startswith(DEPLOYMENTS) else body


def context_of(
    dialect: Dialect, settings: Settings, path: str, headers: Mapping[str, str], query: str = ""
) -> RequestContext:
    """The context of a request: the provider of the settings, where the dialect has its manner.

    Where no provider was chosen, a path of Azure's asks for Azure's manner.
    """
    provider = dialect.providers.get(settings.provider, OPENAI)
    if path.startswith(DEPLOYMENTS) and provider in (OPENAI, AUTO):
        provider = dialect.providers.get("azure", provider)
    return RequestContext(dialect, provider, path, headers, UNLIMITED, settings.time_scale, query)


def settings_for(settings: Settings, headers: Mapping[str, str]) -> Settings:
    """What `x-mock-seed`, `x-mock-checks` and `x-mock-provider` make of the server's settings.

    Raises:
        Refused: a header has a value that it cannot have.
    """
    if "x-mock-seed" in headers:
        settings = replace(settings, seed=headers["x-mock-seed"])
    if "x-mock-checks" in headers:
        checks = headers["x-mock-checks"]
        if checks not in get_args(Checks):
            raise not_supported("x-mock-checks", checks, get_args(Checks))
        settings = replace(settings, checks=cast(Checks, checks))
    if "x-mock-provider" in headers:
        provider = headers["x-mock-provider"]
        if provider not in PROVIDER_NAMES:
            raise not_supported("x-mock-provider", provider, PROVIDER_NAMES)
        settings = replace(settings, provider=provider)
    return settings


def _provider_of_model(body: bytes) -> Provider:
    """The provider that the name of a request's model stands for."""
    try:
        data = decode(body)
    except NotJson:
        return OPENAI
    return PROVIDERS[by_model(str(data.get("model")) if isinstance(data, dict) else "")]


def body_at_hand(request: web.BaseRequest, *, strict: bool = True) -> bytes | None:
    """The whole body, when it came along with the head, as small ones do; None when one must wait for it.

    Raises:
        Refused: it is larger than the server takes, says it is something else than JSON (`strict`), or is packed in a
            way that nobody here can unpack.
    """
    given, content = request.headers, request.content
    if given.get("content-type") != "application/json" or "content-encoding" in given:
        check_headers(given, strict=strict)
    if not content.is_eof() or content.exception() is not None:
        return None
    body = content.read_nowait()
    if len(body) > request.client_max_size:
        raise too_large(request.client_max_size)
    return body


def check_headers(given: Mapping[str, str], *, strict: bool = True) -> None:
    """What the headers say of a body must be something that can be unpacked, and JSON (`strict`).

    Raises:
        Refused: with 415.
    """
    encoding = given.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise Refused(unsupported_encoding(encoding))
    kind = given.get("content-type", "")
    media_type = kind.partition(";")[0].strip().lower()
    if strict and media_type not in _JSON:
        message = f"Unsupported content type: '{media_type}'. This API method only accepts 'application/json' requests"
        message += f", but you specified the header 'Content-Type: {kind}'. Please try again with a supported content "
        raise Refused(ApiError(415, message + "type.", code="unsupported_content_type"))


def unsupported_encoding(encoding: str) -> ApiError:
    """The body is packed in a way that is not unpacked here."""
    message = f"Unsupported content encoding: '{encoding}'. Supported are 'gzip' and 'deflate'."
    return ApiError(415, message, code="unsupported_content_encoding")


async def read_body(request: web.BaseRequest) -> bytes:
    """The whole body, as it comes in.

    Raises:
        Refused: it is larger than the server takes, cannot be unpacked, or does not arrive.
    """
    if request.headers.get("expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large(request.client_max_size) from None
    except TimeoutError:
        raise _broken(request, 408, "The body of your request did not arrive in time.") from None
    except web.RequestPayloadError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise _broken(request, 400, f"We could not read the body of your request: {reason}.") from None


def _broken(request: web.BaseRequest, status: int, message: str) -> Refused:
    """What is left of the body is not waited for: nothing that comes on this connection could be understood."""
    request.content.feed_eof()
    return Refused(ApiError(status, message, headers={"connection": "close"}))
