"""Whether the calls of a scenario fit the tools that it names, and are wrong where they say so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from mockserver.chat import Reply, Tool, ToolCall
from mockserver.scenario.file.tree import Node, Path, Report, written
from mockserver.scenario.placeholders import paths, texts_in
from mockserver.scenario.values import Scenario
from mockserver.scenario.words import nearest

# What is wrong about an object's keys is wrong whatever a placeholder among its values will be.
_ABOUT_KEYS = ("Required", "AdditionalProperties", "MinProperties", "MaxProperties")


@dataclass(frozen=True, slots=True)
class Misfit:
    """How a call differs from what its tool wants; `path` leads into its arguments."""

    path: Path
    message: str


def prove_calls(tree: Node, scenario: Scenario, report: Report) -> None:
    """Report wrong calls that do not say so, calls that say so and are right, and schemas that are none."""
    if not scenario.tools:
        return
    for index, tool in enumerate(scenario.tools):
        schema = ("tools", index, "function", "parameters")
        if mistake := _wrong_schema(tool):
            report.error(tree.at(schema).mark, f"{written(schema)}: this is no JSON Schema: {mistake}")
    for path, part in scenario.parts():
        for index, call in enumerate(part.say.calls if isinstance(part.say, Reply) else ()):
            _prove(tree, (*path, "calls", index), call, scenario.tools, report)


def _prove(tree: Node, path: Path, call: ToolCall, tools: tuple[Tool, ...], report: Report) -> None:
    tool = next((tool for tool in tools if tool.name == call.name), None)
    misfits = [_unknown(call.name, tools)] if tool is None else list(misfits_of(call, tool))
    if call.fault == "as_written":
        if not misfits:
            place = (*path, "fault")
            message = "this call is right: leave `fault: as_written` out, or make the call wrong"
            report.error(tree.at(place).mark, f"{written(place)}: {message}")
        return
    key = "call" if tool is None else "arguments" if call.verbatim else "with"
    for misfit in misfits:
        inside = (*path, key, *misfit.path)
        # Raw text has no places inside it.
        mark = tree.at((*path, key)).mark if call.verbatim else tree.at(inside).mark
        message = f"{misfit.message} (if it is meant to be wrong, say `fault: as_written`)"
        report.error(mark, f"{written(inside)}: {message}")


def misfits_of(call: ToolCall, tool: Tool) -> Iterator[Misfit]:
    """Everything in a call's arguments that its tool does not take; values of placeholders are anybody's guess."""
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
    elif not _wrong_schema(tool):
        for found in _validator(json.dumps(tool.parameters)).iter_errors(values):
            path = tuple(found.instance_path)
            if call.verbatim or _certain(found, _at(values, path)):
                yield Misfit(path, found.message)


def _certain(found: Any, value: Any) -> bool:
    guessed = any(True for text in texts_in(value) for _ in paths(text))
    return not guessed or type(found.kind).__name__ in _ABOUT_KEYS


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _unknown(name: str, tools: tuple[Tool, ...]) -> Misfit:
    return Misfit(
        (), f"the tool `{name}` is not among `tools`.{nearest(name, [tool.name for tool in tools])}".rstrip(".")
    )


def _wrong_schema(tool: Tool) -> str | None:
    if tool.parameters is None:
        return None
    try:
        _validator(json.dumps(tool.parameters))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).splitlines()[0]
    return None


@cache
def _validator(schema: str) -> Any:
    return jsonschema_rs.validator_for(json.loads(schema))
