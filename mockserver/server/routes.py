"""The routes: the chat, the models, and the mock's own control under `/_mock/`."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.control import Control
from mockserver.server.faults import Faults
from mockserver.server.pipeline import Pipeline, answer_error, answer_json
from mockserver.server.scenarios import Scenarios
from mockserver.wire import catalogue, describe, model_list

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Methods = Mapping[str, Handler]

_PREFIXES = ("/v1", "")


class Routes:
    """Which handler answers which path and method. Every path of the API is served with `/v1` and without."""

    def __init__(self, pipeline: Pipeline) -> None:
        control, scenarios, faults = Control(pipeline), Scenarios(pipeline), Faults(pipeline)
        self._exact: dict[str, Methods] = {
            "/_mock/health": {"GET": control.health},
            "/_mock/journal": {"GET": control.journal, "DELETE": control.clear_journal},
            "/_mock/conduct": {"GET": control.conduct},
            "/_mock/faults": {"GET": faults.show, "PUT": faults.choose, "DELETE": faults.stop},
            "/_mock/reset": {"POST": control.reset},
            "/_mock/scenario": {"PUT": scenarios.replace, "POST": scenarios.add, "DELETE": scenarios.remove},
        }
        for prefix in _PREFIXES:
            self._exact[f"{prefix}/chat/completions"] = {"POST": pipeline.chat}
            self._exact[f"{prefix}/models"] = {"GET": models, "HEAD": models}
        self._below: dict[str, Methods] = {f"{prefix}/models/": {"GET": model, "HEAD": model} for prefix in _PREFIXES}

    def __call__(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        """Answer a request."""
        path = request.rel_url.raw_path
        methods = self._exact.get(path) or next(
            (methods for prefix, methods in self._below.items() if path.startswith(prefix)), None
        )
        if methods is None:
            return unknown_path(request)
        return methods.get(request.method, wrong_method)(request)


async def models(request: web.BaseRequest) -> web.StreamResponse:
    """`GET /v1/models`."""
    return await answer_json(model_list(), request)


async def model(request: web.BaseRequest) -> web.StreamResponse:
    """`GET /v1/models/{id}`; an id may hold slashes, plain or percent-encoded."""
    name = unquote(request.rel_url.raw_path.partition("/models/")[2])
    if name in catalogue():
        return await answer_json(describe(name), request)
    error = ApiError(404, f"The model '{name}' does not exist", param="model", code="model_not_found")
    return await answer_error(error, request)


async def unknown_path(request: web.BaseRequest) -> web.StreamResponse:
    """Any path that is not served."""
    return await answer_error(ApiError(404, f"Invalid URL ({request.method} {request.path})"), request)


async def wrong_method(request: web.BaseRequest) -> web.StreamResponse:
    """A path that is served, asked with another method."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    return await answer_error(ApiError(405, f"Not allowed to {request.method} on {request.path}. {hint}"), request)
