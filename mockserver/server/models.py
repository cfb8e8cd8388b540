"""The models over HTTP: the list, one of them, and AI/ML API's filters and entity tags."""

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.server.answering import Answering
from mockserver.server.operation import Operation
from mockserver.wire import Refused, catalogue, describe, model_list


class Models:
    """The routes of the models."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def operations(self) -> tuple[Operation, ...]:
        """Every route, without its prefix."""
        return (
            Operation("GET", "/models", self.every, "The models that answer here.", "ModelList", keyed=True),
            Operation("GET", "/models/{id:path}", self.one, "One model.", "Model", errors=(404,), keyed=True),
        )

    async def every(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /v1/models`."""
        return await self._answering.say(model_list(), request)

    async def one(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/models/{id}`; an id may hold slashes, plain or percent-encoded."""
        if id not in catalogue():
            raise Refused(ApiError(404, f"The model '{id}' does not exist", param="model", code="model_not_found"))
        return await self._answering.say(describe(id), request)
