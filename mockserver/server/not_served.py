"""Requests for paths that are not served: told to the client, in the terminal and in the journal."""

from collections.abc import Iterable

from aiohttp import web

from mockserver.server.doors import door
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.operation import Operation
from mockserver.server.pipeline import LOG, ExchangeDraft, Pipeline, session_of
from mockserver.wire.not_served import not_served, shape_of

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
        draft = ExchangeDraft(session_of(request.headers), request.method, path, served=False)
        asked = path if controls else _API + door(path).path
        base_url = f"http://{request.headers.get('host', _LOCALHOST)}{_API}"
        error = not_served(request.method, path, asked, self._control if controls else self._api, base_url)
        draft.reply, draft.ended = lambda: error, "refused"
        LOG.info("%s", error.message)
        journal.add(draft.finish(journal.written + 1, 0))
        return await self._answers.refuse(error, request, shape=shape_of(path, request.headers))
