"""The routes: the chat, the models, and the mock's own control under `/_mock/`."""

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.journal import as_json
from mockserver.server.perform import perform
from mockserver.server.pipeline import Pipeline, answer_error
from mockserver.wire import catalogue, describe, model_list
from mockserver.wire.codec import encode
from mockserver.wire.write import plain

BODY_LIMIT = 32 * 1024 * 1024


def application(pipeline: Pipeline) -> web.Application:
    """The aiohttp application that serves an engine."""
    control = Control(pipeline)
    app = web.Application(client_max_size=BODY_LIMIT)
    for prefix in ("/v1", ""):
        _route(app, f"{prefix}/chat/completions", POST=pipeline.chat)
        _route(app, f"{prefix}/models", GET=models, HEAD=models)
        _route(app, prefix + "/models/{id:.+}", GET=model, HEAD=model)
    _route(app, "/_mock/health", GET=control.health)
    _route(app, "/_mock/journal", GET=control.journal, DELETE=control.clear_journal)
    _route(app, "/_mock/reset", POST=control.reset)
    app.router.add_route("*", "/{path:.*}", unknown_path)
    return app


def _route(app: web.Application, path: str, **handlers: Any) -> None:
    resource = app.router.add_resource(path)
    for method, handler in handlers.items():
        resource.add_route(method, handler)
    resource.add_route("*", wrong_method)


async def models(request: web.Request) -> web.StreamResponse:
    """`GET /v1/models`."""
    return await answer_json(model_list(), request)


async def model(request: web.Request) -> web.StreamResponse:
    """`GET /v1/models/{id}`; an id may hold slashes, plain or percent-encoded."""
    name = unquote(request.match_info["id"])
    if name in catalogue():
        return await answer_json(describe(name), request)
    error = ApiError(404, f"The model '{name}' does not exist", param="model", code="model_not_found")
    return await answer_error(error, request)


async def unknown_path(request: web.Request) -> web.StreamResponse:
    """Any path that is not served."""
    return await answer_error(ApiError(404, f"Invalid URL ({request.method} {request.path})"), request)


async def wrong_method(request: web.Request) -> web.StreamResponse:
    """A path that is served, asked with another method."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    error = ApiError(405, f"Not allowed to {request.method} on {request.path}. {hint}")
    return await answer_error(error, request)


async def answer_json(value: Any, request: web.BaseRequest) -> web.StreamResponse:
    """Say a JSON value."""
    return await perform(plain(200, encode(value), {}), request)


class Control:
    """What a test may ask of the mock itself."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def health(self, request: web.Request) -> web.StreamResponse:
        """`GET /_mock/health`."""
        names = [play.scenario.name for play in self._pipeline.engine.plays]
        return await answer_json({"status": "ok", "scenarios": names}, request)

    async def journal(self, request: web.Request) -> web.StreamResponse:
        """`GET /_mock/journal`."""
        journal = self._pipeline.journal
        entries = [as_json(exchange) for exchange in journal]
        return await answer_json({"dropped": journal.dropped, "exchanges": entries}, request)

    async def clear_journal(self, request: web.Request) -> web.StreamResponse:
        """`DELETE /_mock/journal`."""
        self._pipeline.journal.clear()
        return await answer_json({"status": "ok"}, request)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """`POST /_mock/reset`: as at the start."""
        self._pipeline.journal.clear()
        self._pipeline.engine.reset()
        return await answer_json({"status": "ok"}, request)
