"""Answers beside the chat: JSON values and errors, with the same headers and in the same provider's way."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.engine import Engine
from mockserver.server.apis import APIS, CHAT_COMPLETIONS, dialect
from mockserver.server.perform import perform
from mockserver.server.request_context import settings_for
from mockserver.server.respond import headers_for
from mockserver.steps import Step
from mockserver.wire.chat_completions.manner import in_manner
from mockserver.wire.chat_completions.providers import PROVIDERS, Occasion, Provider
from mockserver.wire.chat_completions.render import plain, render_error
from mockserver.wire.codec import encode
from mockserver.wire.identity import Identity
from mockserver.wire.not_served import body_of
from mockserver.wire.refusal import Refused


class JsonAnswers:
    """Says JSON values and errors to requests that are none of the chat's; nothing of it enters the journal.

    Of several processes each has its own journal and its own counts: `worker` says in every answer about the mock
    itself which one speaks.
    """

    def __init__(self, engine: Engine, worker: str | None = None) -> None:
        self._engine = engine
        self._worker = worker

    async def say(  # noqa: PLR0913 - an answer, and in whose way
        self,
        value: Any,
        request: web.BaseRequest,
        more: Mapping[str, str] | None = None,
        status: int = 200,
        *,
        api: str = CHAT_COMPLETIONS,
        foreign: bool = False,
    ) -> web.StreamResponse:
        """Say a JSON value, with `more` headers, in an API's way; None says nothing at all."""
        identity = Identity("", request.raw_path.encode("utf-8", "surrogateescape"))
        named = {**_named(identity, request, 200, api, foreign=foreign), **(more or {})}
        if self._worker is not None and request.path.startswith("/_mock/"):
            named["x-mock-worker"] = self._worker
        body = encode(value) if value is not None else b""
        steps = plain(status, body, named)
        return await (self._perform(steps, identity, request) if api == CHAT_COMPLETIONS else perform(steps, request))

    async def refuse(
        self, error: ApiError, request: web.BaseRequest, *, api: str = CHAT_COMPLETIONS, foreign: bool = False
    ) -> web.StreamResponse:
        """Say an error, in the shape of the API that the client speaks; a `foreign` page may not read it."""
        identity = Identity("", error.message.encode("utf-8", "surrogateescape"))
        named = _named(identity, request, error.status, api, foreign=foreign)
        if api == CHAT_COMPLETIONS:
            return await self._perform(render_error(error, named), identity, request)
        if api not in APIS:
            body = encode(body_of(error, api, identity.request_id))
            return await perform(plain(error.status, body, named), request)
        address = request.rel_url
        occasion = Occasion(address.raw_path, request.headers, identity, query=address.raw_query_string)
        return await perform(dialect(api).refuse(error, named, occasion=occasion), request)

    async def _perform(self, steps: list[Step], identity: Identity, request: web.BaseRequest) -> web.StreamResponse:
        occasion = Occasion(request.path, request.headers, identity)
        return await perform(in_manner(steps, self.provider_for(request), occasion), request)

    def provider_for(self, request: web.BaseRequest) -> Provider:
        """The provider whose format a request is answered in: the server's own, where it asks for an unknown one."""
        settings = self._engine.settings
        with suppress(Refused):
            settings = settings_for(settings, request.headers)
        return PROVIDERS[settings.provider]


def _named(identity: Identity, request: web.BaseRequest, status: int, api: str, *, foreign: bool) -> dict[str, str]:
    """The headers of an answer; a `foreign` page does not hear that it may read it."""
    found = headers_for(identity, request.headers, status, dialect=dialect(api))
    if foreign:
        found.pop("access-control-allow-origin", None)
    return found
