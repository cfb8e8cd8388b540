"""What a test may ask of the mock itself, under `/_mock/`."""

from aiohttp import web

from mockserver.conduct import conduct, conduct_json
from mockserver.journal import as_json
from mockserver.server.pipeline import Pipeline, answer_json


class Control:
    """The control routes of one server."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def health(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/health`."""
        names = [play.scenario.name for play in self._pipeline.engine.plays]
        return await answer_json({"status": "ok", "scenarios": names}, request)

    async def journal(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/journal`."""
        journal = self._pipeline.journal
        entries = [as_json(exchange) for exchange in journal]
        return await answer_json({"dropped": journal.dropped, "exchanges": entries}, request)

    async def clear_journal(self, request: web.BaseRequest) -> web.StreamResponse:
        """`DELETE /_mock/journal`."""
        self._pipeline.journal.clear()
        return await answer_json({"status": "ok"}, request)

    async def conduct(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/conduct`: what the application did after each fault."""
        found = conduct(self._pipeline.journal.conversations)
        return await answer_json({"conduct": [conduct_json(verdict) for verdict in found]}, request)

    async def reset(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /_mock/reset`: as at the start."""
        self._pipeline.journal.clear()
        self._pipeline.engine.reset()
        return await answer_json({"status": "ok"}, request)
