"""Answers beside the chat: JSON values and errors, with the same headers and in the same provider's way."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.engine import Settings
from mockserver.server.chosen import settings_for
from mockserver.server.headers import headers
from mockserver.server.perform import perform
from mockserver.steps import Step
from mockserver.wire import Identity, Refused, write_error
from mockserver.wire.codec import encode
from mockserver.wire.providers import PROVIDERS, Occasion
from mockserver.wire.write import plain


class Answering:
    """Says JSON values and errors to requests that are none of the chat's; nothing of it enters the journal."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def say(
        self, value: Any, request: web.BaseRequest, more: Mapping[str, str] | None = None, status: int = 200
    ) -> web.StreamResponse:
        """Say a JSON value, with `more` headers."""
        identity = Identity("", request.raw_path.encode("utf-8", "surrogateescape"))
        named = {**headers(identity, request.headers), **(more or {})}
        return await self._perform(plain(status, encode(value), named), identity, request)

    async def refuse(self, error: ApiError, request: web.BaseRequest) -> web.StreamResponse:
        """Say an error."""
        identity = Identity("", error.message.encode("utf-8", "surrogateescape"))
        steps = write_error(error, headers(identity, request.headers, error.status))
        return await self._perform(steps, identity, request)

    async def _perform(self, steps: list[Step], identity: Identity, request: web.BaseRequest) -> web.StreamResponse:
        provider = PROVIDERS[self._settings_for(request).provider]
        if provider.rewrites:
            steps = provider.dress(steps, Occasion(request.path, request.headers, identity))
        return await perform(steps, request)

    def _settings_for(self, request: web.BaseRequest) -> Settings:
        try:
            return settings_for(self._settings, request.headers)
        except Refused:
            return self._settings
