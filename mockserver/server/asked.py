"""A request as it is understood: in whose manner it asks, and what OpenAI would have been asked."""

from collections.abc import Mapping

from mockserver.engine import Settings
from mockserver.server.asking import Asking
from mockserver.server.limits import FULL
from mockserver.wire.chat_completions.parse import parse
from mockserver.wire.chat_completions.providers import AUTO, OPENAI, PROVIDERS, Provider
from mockserver.wire.chat_completions.providers.auto import by_model
from mockserver.wire.codec import NotJson, decode, encode
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.refusal import Refused

DEPLOYMENTS = "/openai/deployments/"
"""What Azure's paths begin with."""


def asked_in(settings: Settings, path: str, given: Mapping[str, str]) -> Asking:
    """In whose manner is asked: the provider of the settings; where nobody chose one, a path of Azure's asks for it."""
    chosen = PROVIDERS[settings.provider]
    deployed = path.startswith(DEPLOYMENTS) and chosen in (OPENAI, AUTO)
    provider = PROVIDERS["azure"] if deployed else chosen
    return Asking(provider, path, given, FULL, settings.time_scale)


def in_manner_of(provider: str, asking: Asking, parsed: ParsedRequest) -> Asking:
    """How it is asked, once the scenario that answers has said whose manner it wants."""
    named = by_model(parsed.request.model) if provider == AUTO.name else provider
    return asking._replace(provider=PROVIDERS[named])


def provider_of(body: bytes) -> Provider:
    """The provider that the name of a request's model stands for."""
    try:
        data = decode(body)
    except NotJson:
        return OPENAI
    return PROVIDERS[by_model(str(data.get("model")) if isinstance(data, dict) else "")]


def as_recorded(body: bytes, asking: Asking) -> ParsedRequest:
    """The request as a recorder hears it: neither checked nor translated, the model named in the body or by the path.

    Raises:
        Refused: it cannot be answered at all.
    """
    try:
        return parse(body, strict=False)
    except Refused:
        named = named_by_path(body, asking.path)
        if named is None:
            raise
        return parse(named, strict=False)._replace(body=body)


def named_by_path(body: bytes, path: str) -> bytes | None:
    """The body with the model that Azure's path names, where it names none itself."""
    if not path.startswith(DEPLOYMENTS):
        return None
    from mockserver.wire.chat_completions.providers.azure import deployment_in  # a start on other paths spares it

    deployment = deployment_in(path)
    try:
        data = decode(body)
    except NotJson:
        return None
    if deployment is None or not isinstance(data, dict) or data.get("model") is not None:
        return None
    return encode({**data, "model": deployment})


def understood(body: bytes, asking: Asking, *, strict: bool) -> ParsedRequest:
    """The request, once what only this provider's clients say is translated.

    Raises:
        Refused: with the status, text, param and code of the API, or of the provider.
    """
    if asking.provider.hear is None:
        return parse(body, strict=strict)
    try:
        data = decode(body)
    except NotJson:
        data = None
    if not isinstance(data, dict):
        return parse(body, strict=strict)
    try:
        translated = asking.provider.hear(data, asking.on(Identity("", body)))
    except Refused:
        if strict:
            raise
        translated = data
    return parse(encode(translated), strict=strict)._replace(body=body)
