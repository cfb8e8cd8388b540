"""What a request brings beside its body: its dialect, headers and path, and the settings and provider that follow."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, cast, get_args

from mockserver.engine import Checks, Settings
from mockserver.server.limits import UNLIMITED
from mockserver.server.routing import DEPLOYMENTS, with_model
from mockserver.wire.chat_completions.providers import AUTO, PROVIDERS, UnknownProvider, by_model, provider_named
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.dialect import Dialect, ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.provider import OPENAI, Occasion, Provider
from mockserver.wire.refusal import not_supported

__all__ = ["RequestContext", "UnknownProvider", "context_of", "provider_named", "settings_for"]


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
        body = with_model(body, self.path)
        if self.provider is OPENAI:
            return self, self._parsed(body, strict=strict)
        chosen = self._replace(provider=_provider_of_model(body)) if self.provider is AUTO else self
        occasion = chosen.occasion(Identity("", body))
        return chosen, self.dialect.parse(body, strict=strict, provider=chosen.provider, occasion=occasion)

    def parse_unchecked(self, body: bytes) -> ParsedRequest:
        """The request as a recorder hears it: neither checked nor translated, the model named in the body or the path.

        Raises:
            Refused: it cannot be answered at all.
        """
        return self._parsed(with_model(body, self.path), strict=False)

    def _parsed(self, body: bytes, *, strict: bool) -> ParsedRequest:
        if self.dialect.reads_address:
            return self.dialect.parse(body, strict=strict, occasion=self.occasion(Identity("", body)))
        return self.dialect.parse(body, strict=strict)

    def with_provider(self, name: str, parsed: ParsedRequest) -> "RequestContext":
        """The context, once the scenario that answers has named a provider."""
        named = by_model(parsed.request.model) if name == AUTO.name else name
        return self._replace(provider=self.dialect.providers.get(named, OPENAI))


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
        if provider not in PROVIDERS:
            raise not_supported("x-mock-provider", provider, PROVIDERS)
        settings = replace(settings, provider=provider)
    return settings


def _provider_of_model(body: bytes) -> Provider:
    """The provider that the name of a request's model stands for."""
    try:
        data = decode(body)
    except NotJson:
        return OPENAI
    return PROVIDERS[by_model(str(data.get("model")) if isinstance(data, dict) else "")]
