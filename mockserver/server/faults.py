"""`/_mock/faults`: the catalogue, and what a test may say about the faults of the whole server."""

import json
from typing import Any

from aiohttp import web

from mockserver.faults import CATALOGUE, Fault, UnknownFault, given_as
from mockserver.server.pipeline import Pipeline, answer_error, answer_json, read_body
from mockserver.wire import Refused
from mockserver.wire.mock_error import fault_error


class Faults:
    """The routes that show the catalogue and the faults in force, choose faults, and take them back."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def show(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /_mock/faults`."""
        return await answer_json({**self._in_force(), "catalogue": list(map(entry, CATALOGUE.values()))}, request)

    async def choose(self, request: web.BaseRequest) -> web.StreamResponse:
        """`PUT /_mock/faults`: show these from now on, and no others.

        The body is a text as `x-mock-fault` takes it, or JSON: a text, `{"name": …, …}`, a list of these, or
        `{"faults": …}`.
        """
        try:
            chosen = given_as(_written((await read_body(request)).decode("utf-8", "replace")))
        except Refused as refused:
            return await answer_error(refused.error, request)
        except UnknownFault as unknown:
            return await answer_error(fault_error(unknown), request)
        self._pipeline.engine.stop_faults()
        self._pipeline.engine.ask_for(chosen)
        return await answer_json({"status": "ok", **self._in_force()}, request)

    async def stop(self, request: web.BaseRequest) -> web.StreamResponse:
        """`DELETE /_mock/faults`: show none any more."""
        self._pipeline.engine.stop_faults()
        return await answer_json({"status": "ok", **self._in_force()}, request)

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
