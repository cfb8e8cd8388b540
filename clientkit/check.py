"""Judges a call before anything runs: is there such a tool, is the text strict JSON, do schema and types agree?"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs

from clientkit.coerce import coerced
from clientkit.errors import NOTHING, BadCall, Problem
from clientkit.printable import as_json, shortened
from clientkit.signature import path_text
from clientkit.strict_form import without_stand_ins
from clientkit.strict_json import NotStrictJSON, parse_object
from clientkit.tools import AnyTool

MAX_PROBLEMS = 10
"""Problems of one call that are told; more would only bury the first."""

_NO_ARGUMENTS = frozenset({"", "null"})


@dataclass(frozen=True, slots=True)
class FittingCall:
    """A call that may run: `arguments` as the model sent them, `coerced` the places where the type was mended."""

    tool: AnyTool
    arguments: dict[str, Any]
    coerced: tuple[str, ...] = ()


def check_call(tools: Mapping[str, AnyTool], name: str, arguments: str) -> FittingCall:
    """The call as one that fits. Raises BadCall, which says for each problem what is allowed.

    `tools` are all that were offered, by name. Blank arguments are those of a tool that requires none.
    """
    tool = tools.get(name)
    if tool is None:
        offered = "one of the offered tools: " + ", ".join(tools) if tools else "no tool, for none was offered"
        raise BadCall(name, [Problem("name", name, offered)])
    try:
        values = {} if arguments.strip() in _NO_ARGUMENTS else parse_object(arguments)
    except NotStrictJSON as error:
        raise BadCall(name, [Problem("arguments", arguments, f"one strict JSON object, but {error}")]) from None
    if tool.strict:
        values = without_stand_ins(values, tool.parameters, tool.parameters)
    mended: tuple[str, ...] = ()
    if tool.coerce:
        values, mended = _coerce(tool, values)
    if problems := list(islice(_problems(tool, values), MAX_PROBLEMS)):
        raise BadCall(name, problems)
    read_values(tool, values)
    return FittingCall(tool, values, mended)


def read_values(tool: AnyTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the function's own types. Raises BadCall if they do not fit these."""
    try:
        return tool.read(copy.deepcopy(dict(arguments)))
    except BadCall as bad:
        raise BadCall(tool.name, bad.problems) from None


def _coerce(tool: AnyTool, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    result, mended = copy.deepcopy(values), []
    for error in tool.validator.iter_errors(values):
        kind: Any = error.kind
        if kind.name != "type" or not error.instance_path:
            continue
        try:
            value = coerced(error.instance, list(kind.types))
        except ValueError:
            continue
        *way, last = error.instance_path
        place: Any = result
        for step in way:
            place = place[step]
        place[last] = value
        mended.append(path_text(tuple(error.instance_path)))
    return result, tuple(mended)


def _problems(tool: AnyTool, values: dict[str, Any]) -> Iterator[Problem]:
    for error in tool.validator.iter_errors(values):
        yield from _told(error, tool)


def _told(error: jsonschema_rs.ValidationError, tool: AnyTool) -> Iterator[Problem]:
    place = tuple(error.instance_path)
    kind: Any = error.kind
    if kind.name == "required":
        yield Problem(path_text((*place, kind.property)), NOTHING, "it is required")
    elif kind.name == "additionalProperties":
        named = tool.parameters.get("properties", {}) if not place else {}
        allowed = f"no such parameter; the tool takes {', '.join(named) or 'none'}" if not place else "no such key"
        for name in kind.unexpected:
            yield Problem(path_text((*place, name)), _at(error.instance, name), allowed)
    else:
        yield Problem(path_text(place), error.instance, _allowed(error))


def _allowed(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    match kind.name:
        case "enum":
            return "one of " + ", ".join(as_json(option) for option in kind.options)
        case "const":
            return as_json(kind.expected_value)
        case "type":
            return "a value of type " + " or ".join(kind.types)
        case "anyOf" | "oneOf" if getattr(kind, "context", None):
            ways = dict.fromkeys(_allowed(inner) for branch in kind.context for inner in branch)
            return shortened("; or ".join(ways), 500)
        case _:
            return f"{kind.name} {shortened(as_json(kind.value), 200)}"


def _at(instance: Any, name: str) -> Any:
    return instance[name] if isinstance(instance, dict) and name in instance else NOTHING
