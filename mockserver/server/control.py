"""What a test may ask of the mock itself, under `/_mock/`."""

from aiohttp import web

from mockserver.journal.as_json import as_json
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.routing import Operation


class Control:
    """The control routes of one server."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route, with what the OpenAPI document says of it."""
        return (
            Operation("GET", "/_mock/health", self.health, "Whether the mock is up, and what it plays.", "Health"),
            Operation("GET", "/_mock/journal", self.journal, "What happened so far.", "Journal"),
            Operation("DELETE", "/_mock/journal", self.clear_journal, "Forget what happened.", "Done"),
            Operation("GET", "/_mock/conduct", self.conduct, "What the application did after each fault.", "Conduct"),
            Operation("POST", "/_mock/reset", self.reset, "As at the start.", "Done"),
        )

    async def health(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/health`."""
        names = [play.scenario.name for play in self._pipeline.engine.plays]
        return await self._answers.say({"status": "ok", "scenarios": names}, request)

    async def journal(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/journal`."""
        journal = self._pipeline.journal
        entries = [as_json(exchange) for exchange in journal]
        return await self._answers.say({"dropped": journal.dropped, "exchanges": entries}, request)

    async def clear_journal(self, request: web.BaseRequest) -> web.StreamResponse:
        """`DELETE /_mock/journal`."""
        self._pipeline.journal.clear()
        return await self._answers.say({"status": "ok"}, request)

    async def conduct(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/conduct`: what the application did after each fault."""
        from mockserver.conduct import conduct, conduct_json  # most servers are never asked

        found = conduct(self._pipeline.journal.conversations)
        return await self._answers.say({"conduct": [conduct_json(verdict) for verdict in found]}, request)

    async def reset(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /_mock/reset`: as at the start."""
        self._pipeline.reset()
        return await self._answers.say({"status": "ok"}, request)
