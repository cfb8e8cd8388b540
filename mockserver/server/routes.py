"""The routes: the chat, the models, and the mock's own control under `/_mock/`; who may ask at all is settled first."""

from collections.abc import Awaitable, Iterator
from dataclasses import replace

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.access import check_key
from mockserver.server.asked import DEPLOYMENTS
from mockserver.server.completions import Completions
from mockserver.server.control import Control
from mockserver.server.faults import Faults
from mockserver.server.guard import PREFLIGHT_HEADERS, Guard
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.models import Models
from mockserver.server.operation import Operation, Paths
from mockserver.server.pipeline import Pipeline
from mockserver.server.scenarios import Scenarios
from mockserver.wire import Refused

_ABOUT_CHAT = "The model's next message, whole or as server-sent events."
_PREFIXES = ("/v1", "")
_CHAT = "/chat/completions"


class Routes:
    """Which operation answers which path and method. Every path of the API is served with `/v1` and without."""

    def __init__(self, pipeline: Pipeline, worker: str | None = None) -> None:
        self._pipeline = pipeline
        self._answers = JsonAnswers(pipeline.engine, worker)
        self._judge = Guard(pipeline.access.allowed_hosts).judge
        self._chat = frozenset(f"{prefix}{_CHAT}" for prefix in _PREFIXES)
        self.operations = (*self._api(), *self._control())
        self._paths = Paths(self.operations)

    def _api(self) -> Iterator[Operation]:
        """What the API serves, under each prefix, and what other services serve under paths of their own."""
        chat = Operation("POST", _CHAT, self._pipeline.chat, _ABOUT_CHAT, "ChatCompletion", "ChatRequest", keyed=True)
        models = Models(self._answers)
        listing = self._pipeline.listing or models
        stored = Completions(self._pipeline.store, self._answers)
        for prefix in _PREFIXES:
            for operation in (chat, *stored.operations(), *listing.operations()):
                yield replace(operation, path=prefix + operation.path)
        yield replace(chat, path=f"{DEPLOYMENTS}{{deployment}}{_CHAT}", about=f"{_ABOUT_CHAT} Azure's path.")
        one = "One model, as AI/ML API has it."
        yield Operation("GET", "/model/{id:path}", models.wrapped, one, "OneModel", errors=(404,))

    def _control(self) -> Iterator[Operation]:
        """What a test may ask of the mock itself."""
        yield Operation("GET", "/_mock/openapi.json", self._document, "This document.", "Document")
        for room in (Control, Scenarios, Faults):
            yield from room(self._pipeline, self._answers).operations()

    async def _document(self, request: web.BaseRequest) -> web.StreamResponse:
        from mockserver.server.openapi import document

        return await self._answers.say(document(self.operations), request)

    def __call__(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        """Answer a request."""
        given, target = request.headers, request.raw_path
        # Where the request line holds a whole URL, the host in it counts.
        host = given.get("host") if target.startswith("/") else request.url.raw_authority
        turned_away = self._judge(host, given.get("origin"))
        if turned_away is not None:
            return self._answers.refuse(turned_away, request)
        if target in self._chat and request.method == "POST":
            return self._pipeline.chat(request)
        path = request.rel_url.raw_path
        if request.method == "POST" and (path in self._chat or _is_deployed(path)):
            return self._pipeline.chat(request)
        return self._answer(request, path)

    async def _answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        operations, names = self._paths.find(path)
        if not operations:
            return await self._answers.refuse(ApiError(404, f"Invalid URL ({request.method} {path})"), request)
        if request.method == "OPTIONS":
            return await self._answers.say({}, request, _preflight(request, operations))
        operation = operations.get(request.method)
        if operation is None:
            hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
            error = ApiError(405, f"Not allowed to {request.method} on {path}. {hint}", headers=_allow(operations))
            return await self._answers.refuse(error, request)
        try:
            listing = path.endswith("/models")
            if operation.keyed and not (listing and self._answers.provider_for(request).lists_openly):
                check_key(self._pipeline.access, request.headers, listing=listing)
            return await operation.answer(request, **names)
        except Refused as refused:
            return await self._answers.refuse(refused.error, request)


def _is_deployed(path: str) -> bool:
    """Whether it is a path of Azure's."""
    return path.startswith(DEPLOYMENTS) and path.endswith(_CHAT)


def _allow(operations: dict[str, Operation]) -> dict[str, str]:
    return {"allow": ", ".join(sorted({*operations, "OPTIONS"}))}


def _preflight(request: web.BaseRequest, operations: dict[str, Operation]) -> dict[str, str]:
    """What a page may ask; a browser wants to hear it before it lets the page ask."""
    if "origin" not in request.headers:
        return _allow(operations)
    asked = request.headers.get("access-control-request-headers", "authorization, content-type")
    return {**_allow(operations), **PREFLIGHT_HEADERS, "access-control-allow-headers": asked}
