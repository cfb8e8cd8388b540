"""`/_mock/scenario`: what a test may say about the scenarios that are played."""

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.scenario import Play, ScenarioErrors, parse
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import read_body
from mockserver.server.routing import Operation
from mockserver.wire.refusal import Refused

_NAME = "<scenario>"


class Scenarios:
    """The routes that replace, add and take away scenarios while the server runs; a reset comes back to the start."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route, with what the OpenAPI document says of it."""
        path = "/_mock/scenario"
        text, played, wrong = "ScenarioFile", "Played", (400, 413)
        return (
            Operation("PUT", path, self.replace, "Play this scenario and no other.", played, text, errors=wrong),
            Operation("POST", path, self.add, "Play this scenario, too.", played, text, errors=wrong),
            Operation("DELETE", path, self.remove, "Play no scenario.", played),
        )

    async def replace(self, request: web.BaseRequest) -> web.StreamResponse:
        """`PUT /_mock/scenario`: play the scenario in the body, which is a file's text, and nothing else."""
        return await self._take(request, keep=False)

    async def add(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /_mock/scenario`: play the scenario in the body, too."""
        return await self._take(request, keep=True)

    async def remove(self, request: web.BaseRequest) -> web.StreamResponse:
        """`DELETE /_mock/scenario`: play none."""
        self._pipeline.engine.play(())
        return await self._told(request)

    async def _take(self, request: web.BaseRequest, *, keep: bool) -> web.StreamResponse:
        try:
            text = (await read_body(request)).decode()
            play = Play(parse(text, _NAME))
        except UnicodeDecodeError:
            raise _invalid("the body is not UTF-8 text") from None
        except ScenarioErrors as errors:
            problems = [{"line": each.line, "column": each.column, "message": each.message} for each in errors.errors]
            raise _invalid(str(errors), problems=problems) from None
        engine = self._pipeline.engine
        engine.play((*engine.plays, play) if keep else (play,))
        return await self._told(request)

    async def _told(self, request: web.BaseRequest) -> web.StreamResponse:
        names = [play.scenario.name for play in self._pipeline.engine.plays]
        return await self._answers.say({"status": "ok", "scenarios": names}, request)


def _invalid(message: str, **extra: object) -> Refused:
    return Refused(ApiError(400, message, code="invalid_scenario", extra=extra))
