"""The settings in force for one request: the server's, unless the request's headers say otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

from mockserver.engine import Checks, Settings
from mockserver.wire.chat_completions.providers import PROVIDERS, UnknownProvider, provider_named
from mockserver.wire.refusal import not_supported

__all__ = ["UnknownProvider", "provider_named", "settings_for"]


def settings_for(settings: Settings, given: Mapping[str, str]) -> Settings:
    """What `x-mock-seed`, `x-mock-checks` and `x-mock-provider` make of the server's settings.

    Raises:
        Refused: a header has a value that it cannot have.
    """
    if "x-mock-seed" in given:
        settings = replace(settings, seed=given["x-mock-seed"])
    if "x-mock-checks" in given:
        checks = given["x-mock-checks"]
        if checks not in get_args(Checks):
            raise not_supported("x-mock-checks", checks, get_args(Checks))
        settings = replace(settings, checks=cast(Checks, checks))
    if "x-mock-provider" in given:
        provider = given["x-mock-provider"]
        if provider not in PROVIDERS:
            raise not_supported("x-mock-provider", provider, PROVIDERS)
        settings = replace(settings, provider=provider)
    return settings
