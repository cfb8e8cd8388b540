"""Which scenario a request asks for by name: in a header, or as its model."""

from collections.abc import Mapping

from mockserver.chat import ChatRequest

HEADER = "x-mock-scenario"
MODEL = "scenario:"
"""A model of this name and a scenario's after it asks for that scenario, whatever models the scenario is meant for."""


def scenario_wanted(request: ChatRequest, headers: Mapping[str, str]) -> str | None:
    """The name of the scenario that shall answer; None when any may."""
    if HEADER in headers:
        return headers[HEADER]
    return request.model.removeprefix(MODEL) if request.model.startswith(MODEL) else None
