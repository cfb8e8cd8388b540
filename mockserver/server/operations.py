"""The table of operations: the conversations of every API, models, and the mock's own control under `/_mock/`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.access import PREFLIGHT_HEADERS, Guard, check_key
from mockserver.server.apis import APIS, dialect
from mockserver.server.control import Control, Faults, Scenarios
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.model_list import ANTHROPIC, GOOGLE, Models
from mockserver.server.openapi import document
from mockserver.server.pipeline import LOG, ExchangeDraft, Pipeline
from mockserver.server.routing import CHAT, DEPLOYMENTS, HEALTH, Operation, Paths, door
from mockserver.server.stored_completions import Completions
from mockserver.wire.not_served import is_generation, nearest_api, not_served
from mockserver.wire.refusal import Refused

_SHOWN = ("/v1", "")
"""The document names these doors; the others are in words, or it would say everything seven times."""


class Operations:
    """Every operation, and which of them answers a request."""

    def __init__(self, pipeline: Pipeline, worker: str | None = None) -> None:
        self._pipeline = pipeline
        self._answers = JsonAnswers(pipeline.engine, worker)
        self._judge = Guard(pipeline.access.allowed_hosts).judge
        api, control = (*self._api(),), (*self._control(),)
        deployment = f"{DEPLOYMENTS}{{deployment}}"
        deployed = [
            replace(each, path=deployment + each.path, about=f"{each.about} Azure's path.")
            for each in api
            if each.path == CHAT
        ]
        behind_doors = tuple(each for each in api if not each.rooted)
        rooted = tuple(each for each in api if each.rooted)
        shown = [replace(each, path=prefix + each.path) for prefix in _SHOWN for each in behind_doors]
        self.all = (*shown, *[each for each in deployed if each.method == "POST"], *rooted, *control)
        self._api_paths, self._rooted_paths, self._control_paths = Paths(behind_doors), Paths(rooted), Paths(control)
        self._not_served = NotServed(pipeline, self._answers, self.all)

    def _api(self) -> Iterator[Operation]:
        """What the API serves, behind any door."""
        for name, api in APIS.items():
            respond = partial(self._pipeline.respond, api=name)
            for path in api.paths:
                yield Operation(
                    "POST", path, respond, api.about, api.gives, api.takes, keyed=True, api=name, rooted=api.rooted
                )
            for room in api.make_rooms(self._pipeline, self._answers):
                yield from room.operations()
        models = Models(self._answers, known_only=self._pipeline.access.known_models_only)
        listing = self._pipeline.source or models
        stored = Completions(self._pipeline.store, self._answers)
        yield from (*stored.operations(), *listing.operations())
        one = "One model, as AI/ML API has it."
        yield Operation("GET", "/model/{id:path}", models.wrapped, one, "OneModel", errors=(404,))

    def _control(self) -> Iterator[Operation]:
        """What a balancer and a test may ask of the mock itself."""
        yield Operation("GET", HEALTH, self._health, "Whether the server takes requests, for balancers.", "Alive")
        yield Operation("GET", "/_mock/openapi.json", self._document, "This document.", "Document")
        for room in (Control, Scenarios, Faults):
            yield from room(self._pipeline, self._answers).operations()

    async def _document(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._answers.say(document(self.all), request)

    async def _health(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /health`: for every client and under every host name; a page may read it where it may read anything."""
        foreign = self._judge(None, request.headers.get("origin")) is not None
        draining = self._pipeline.draining
        said = {"status": "draining" if draining else "ok"}
        return await self._answers.say(said, request, status=503 if draining else 200, foreign=foreign)

    async def turn_away(self, error: ApiError, request: web.BaseRequest) -> web.StreamResponse:
        """Turn a request away, and its page with it."""
        return await self._answers.refuse(error, request, api=self._api_of(request), foreign=True)

    async def refuse(self, error: ApiError, request: web.BaseRequest) -> web.StreamResponse:
        """Refuse a request, whatever it asks for."""
        return await self._answers.refuse(error, request, api=self._api_of(request))

    def _api_of(self, request: web.BaseRequest) -> str:
        """The API that a request speaks: that of the operation, and where there is none the nearest one."""
        path = request.rel_url.raw_path
        operations, _ = self._control_paths.find(path)
        if not operations:
            operations, _ = self._find(path)
        for operation in operations.values():
            return _api_of(operation, request)
        return nearest_api(path, request.headers)

    def _find(self, path: str) -> tuple[dict[str, Operation], dict[str, str]]:
        """The operations of an API's path: one that is spelled out, one that no prefix leads to, then the others."""
        inner = door(path).path
        if exact := self._api_paths.exact(inner):
            return exact, {}
        found = self._rooted_paths.find(path)
        return found if found[0] else self._api_paths.find(inner)

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answer a request for this path."""
        operations, names = self._control_paths.find(path)
        if not operations:
            operations, names = self._find(path)
            if not operations or (request.method not in operations and is_generation(path)):
                return await self._not_served.answer(request, path)
            self._pipeline.journal.served = True
        if request.method == "OPTIONS":
            return await self._answers.say({}, request, _preflight(request, operations))
        operation = operations.get(request.method)
        if operation is None:
            hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
            error = ApiError(405, f"Not allowed to {request.method} on {path}. {hint}", headers=_allow(operations))
            return await self._answers.refuse(error, request, api=self._api_of(request))
        try:
            listing = path.endswith("/models")
            if operation.keyed and not (listing and self._answers.provider_for(request).lists_openly):
                check_key(self._pipeline.access, request, dialect(_api_of(operation, request)), listing=listing)
            return await operation.answer(request, **names)
        except Refused as refused:
            return await self._answers.refuse(refused.error, request, api=_api_of(operation, request))


def _api_of(operation: Operation, request: web.BaseRequest) -> str:
    """The API in whose shape an operation answers: models are listed in that of who asks."""
    if operation.path.startswith("/models") and (ANTHROPIC in request.headers or GOOGLE in request.headers):
        return nearest_api(operation.path, request.headers)
    return operation.api


def _allow(operations: dict[str, Operation]) -> dict[str, str]:
    return {"allow": ", ".join(sorted({*operations, "OPTIONS"}))}


def _preflight(request: web.BaseRequest, operations: dict[str, Operation]) -> dict[str, str]:
    """What a page may ask; a browser wants to hear it before it lets the page ask."""
    if "origin" not in request.headers:
        return _allow(operations)
    asked = request.headers.get("access-control-request-headers", "authorization, content-type")
    return {**_allow(operations), **PREFLIGHT_HEADERS, "access-control-allow-headers": asked}


_CONTROL = "/_mock/"
_API = "/v1"
_LOCALHOST = "127.0.0.1"


class NotServed:
    """Answers what no operation does."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers, operations: Iterable[Operation]) -> None:
        self._pipeline = pipeline
        self._answers = answers
        served = [(operation.method, operation.shown_path) for operation in operations]
        self._api = [each for each in served if each[1].startswith(_API)]
        self._control = [each for each in served if each[1].startswith(_CONTROL)]

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """A 404 in the shape of the API that the client speaks; it spends nothing that was scripted."""
        journal, controls = self._pipeline.journal, path.startswith(_CONTROL)
        api = nearest_api(path, request.headers)
        draft = ExchangeDraft(request, api, served=False)
        asked = path if controls else _API + door(path).path
        base_url = f"http://{request.headers.get('host', _LOCALHOST)}{_API}"
        error = not_served(request.method, path, asked, self._control if controls else self._api, base_url)
        draft.reply, draft.ended = lambda: error, "refused"
        LOG.info("%s", error.message)
        journal.add(draft.finish(journal.written + 1, 0))
        return await self._answers.refuse(error, request, api=api)
