"""What a test may ask of the mock itself, under `/_mock/`."""

import json
from typing import Any

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.faults import PROFILES, Fault, UnknownFault, specs_of
from mockserver.journal.exchange import exchange_json
from mockserver.scenario import Play, ScenarioErrors, parse
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import read_body
from mockserver.server.routing import Operation
from mockserver.wire.mock_error import fault_error
from mockserver.wire.refusal import Refused

_NAME = "<scenario>"


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
        entries = [exchange_json(exchange) for exchange in journal]
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


class Faults:
    """The routes that show the catalogue and the faults in force, choose faults, and take them back."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    def operations(self) -> tuple[Operation, ...]:
        """Every route, with what the OpenAPI document says of it."""
        path, said, asked = "/_mock/faults", "FaultsInForce", "ChosenFaults"
        return (
            Operation("GET", path, self.show, "The catalogue, and the faults in force.", "FaultCatalogue"),
            Operation("PUT", path, self.choose, "Show these faults from now on.", said, asked, errors=(413, 422)),
            Operation("DELETE", path, self.stop, "Show no fault any more.", said),
        )

    async def show(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/faults`."""
        from mockserver.faults import CATALOGUE  # only a server that is asked for it needs it

        profiles = [{"name": one.name, "model": one.model, "source": one.source} for one in PROFILES.values()]
        catalogue = list(map(entry, CATALOGUE.values()))
        return await self._answers.say({**self._in_force(), "catalogue": catalogue, "profiles": profiles}, request)

    async def choose(self, request: web.BaseRequest) -> web.StreamResponse:
        """`PUT /_mock/faults`: show these from now on, and no others.

        The body is a text as `x-mock-fault` takes it, or JSON: a text, `{"name": …, …}`, a list of these, or
        `{"faults": …}`.
        """
        try:
            chosen = specs_of(_written((await read_body(request)).decode("utf-8", "replace")))
        except UnknownFault as unknown:
            raise Refused(fault_error(unknown)) from None
        self._pipeline.engine.stop_faults()
        self._pipeline.engine.ask_for(chosen)
        return await self._answers.say({"status": "ok", **self._in_force()}, request)

    async def stop(self, request: web.BaseRequest) -> web.StreamResponse:
        """`DELETE /_mock/faults`: show none any more."""
        self._pipeline.engine.stop_faults()
        return await self._answers.say({"status": "ok", **self._in_force()}, request)

    def _in_force(self) -> dict[str, Any]:
        settings = self._pipeline.engine.settings
        habits = settings.profile.name if settings.profile is not None else None
        return {"faults": list(map(str, settings.faults)), "profile": habits}


def entry(fault: Fault) -> dict[str, Any]:
    """An entry of the catalogue as plain data."""
    from mockserver.faults.catalogue import apis_of  # only a server that is asked for it needs it

    promises = {name: getattr(fault.promises, name) for name in fault.promises.__slots__}
    return {
        "name": fault.name,
        "category": fault.category,
        "layer": fault.layer,
        "definition": fault.definition,
        "needs": list(fault.needs),
        "parameters": {
            name: {"default": parameter.default, "about": parameter.about}
            for name, parameter in fault.parameters.items()
        },
        "promises": promises,
        "source": fault.source,
        "robust": fault.robust,
        "impossible": fault.impossible,
        "apis": list(apis_of(fault)),
    }


def _written(text: str) -> Any:
    """What a body says: JSON where it is JSON, else the text itself."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found["faults"] if isinstance(found, dict) and "faults" in found else found
