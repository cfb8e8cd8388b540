"""How a call's arguments differ from what its tool takes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockserver.chat import Tool, ToolCall
from mockserver.scenario.placeholders import paths, texts_in

# What is wrong about an object's keys is wrong whatever a placeholder among its values will be.
_ABOUT_KEYS = ("Required", "AdditionalProperties", "MinProperties", "MaxProperties")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One difference; `path` leads into the arguments."""

    path: tuple[str | int, ...]
    message: str


def misfits_of(call: ToolCall, tool: Tool) -> Iterator[Misfit]:
    """Everything in a call's arguments that its tool does not take; values of placeholders are anybody's guess.

    A custom tool takes any text.
    """
    if tool.kind == "custom":
        return
    try:
        values = json.loads(call.arguments)
    except ValueError as error:
        yield Misfit((), f"the arguments are not JSON ({error})")
        return
    if not isinstance(values, dict):
        yield Misfit((), "the arguments are not an object")
    elif tool.parameters is None:
        if values:
            yield Misfit((), f"`{tool.name}` takes no arguments")
    elif not wrong_schema(tool):
        for found in _validator(tool).iter_errors(values):
            path = tuple(found.instance_path)
            if call.verbatim or _certain(found, _at(values, path)):
                yield Misfit(path, found.message)


@lru_cache(maxsize=4096)
def first_misfit(arguments: str, tool: Tool) -> Misfit | None:
    """The first difference of final arguments; asked for every reply, and mostly about the same ones."""
    return next(misfits_of(ToolCall(tool.name, arguments, verbatim=True), tool), None)


def wrong_schema(tool: Tool) -> str | None:
    """What is wrong with a tool's schema itself."""
    if tool.parameters is None:
        return None
    import jsonschema_rs

    try:
        _validator(tool)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).splitlines()[0]
    return None


@lru_cache(maxsize=256)
def _validator(tool: Tool) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(dict(tool.parameters or {}))


def _certain(found: Any, value: Any) -> bool:
    guessed = any(True for text in texts_in(value) for _ in paths(text))
    return not guessed or type(found.kind).__name__ in _ABOUT_KEYS


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value
