"""`/_mock/faults`: the catalogue, and what a test may say about the faults of the whole server."""

import json
from typing import Any

from aiohttp import web

from mockserver.faults import PROFILES, Fault, UnknownFault, specs_of
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import Pipeline
from mockserver.server.request_context import read_body
from mockserver.server.routing import Operation
from mockserver.wire.mock_error import fault_error
from mockserver.wire.refusal import Refused


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
    }


def _written(text: str) -> Any:
    """What a body says: JSON where it is JSON, else the text itself."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found["faults"] if isinstance(found, dict) and "faults" in found else found
