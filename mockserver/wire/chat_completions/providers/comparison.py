"""Requests as recordings compare them: without what a provider's manner takes out, on both sides alike."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from mockserver.chat import ChatRequest
from mockserver.wire.chat_completions.providers import AUTO, PROVIDERS
from mockserver.wire.chat_completions.providers.auto import by_model
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.refusal import Refused

Manner = Callable[[ChatRequest], ChatRequest]
_NOWHERE = Occasion("", {}, Identity("", b""))


@cache
def manner_of(name: str) -> Manner | None:
    """What the provider of this name makes of a request before it is compared; None where that is nothing."""
    if name == AUTO.name:
        return _by_model
    provider = PROVIDERS[name]
    return None if provider.hear is None else lambda request: _without_own(request, provider)


def _by_model(request: ChatRequest) -> ChatRequest:
    manner = manner_of(by_model(request.model))
    return request if manner is None else manner(request)


def _without_own(request: ChatRequest, provider: Provider) -> ChatRequest:
    """The request without the parameters that only this provider's clients send.

    Its messages stay: of them no comparison looks at ids, types and spelling. Where the provider refuses a parameter
    there is nothing to take out.
    """
    assert provider.hear is not None, "a provider without `hear` takes nothing out"
    try:
        left = provider.hear({"model": request.model, "messages": [], **request.options}, _NOWHERE)
    except Refused:
        return request
    options = {key: left[key] for key in request.options if key in left}
    return request if options == request.options else replace(request, options=options)
