"""Providers: how each OpenAI-compatible service writes the wire in its own way; data and pure functions, by name.

The writer writes as OpenAI does. Another provider is a rewriting of what it wrote, so the ordinary answer pays nothing
for it. To add one: write a module here that makes a `Provider` out of functions for what differs (the body of an
error, the headers, the body of a plain answer, the chunks of a streamed one), and name it in `PROVIDERS`.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from mockserver.wire.providers.aimlapi import AIMLAPI
from mockserver.wire.providers.provider import Occasion, Provider

OPENAI = Provider("openai", "OpenAI itself: nothing is rewritten")

PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in (OPENAI, AIMLAPI)}


class UnknownProvider(Exception):
    """No provider has that name; the message lists those that there are."""


def provider_named(name: str) -> Provider:
    """The provider of that name.

    Raises:
        UnknownProvider: there is none.
    """
    if name not in PROVIDERS:
        near = get_close_matches(name, PROVIDERS, 1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise UnknownProvider(f"no provider is called '{name}'.{hint} Known are {', '.join(PROVIDERS)}.")
    return PROVIDERS[name]


__all__ = ["OPENAI", "PROVIDERS", "Occasion", "Provider", "UnknownProvider", "provider_named"]
