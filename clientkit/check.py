"""Judges a call before anything runs: is there such a tool, is the text strict JSON, do schema and types agree?"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs

from clientkit.coerce import coerced_arguments
from clientkit.display import as_json, shortened
from clientkit.errors import BadCall
from clientkit.record import NOTHING, Problem
from clientkit.repair import repaired_object
from clientkit.schema import without_stand_ins
from clientkit.signature import path_text
from clientkit.strict_json import NotStrictJSON, parse_object
from clientkit.tools import AnyTool

MAX_PROBLEMS = 10
"""Problems of one call that are reported; more would only bury the first."""

_NO_ARGUMENTS = frozenset({"", "null"})


@dataclass(frozen=True, slots=True)
class FittingCall:
    """A call that may run: `arguments` as the model meant them.

    `coerced` are the places where a value was mended, `repaired` tells whether the text was broken JSON.
    """

    tool: AnyTool
    arguments: dict[str, Any]
    coerced: tuple[str, ...] = ()
    repaired: bool = False


def check_call(tools: Mapping[str, AnyTool], name: str, arguments: str) -> FittingCall:
    """Check a call against its tool: the name, the JSON, the schema and the types.

    `tools` are all that were offered, by name. Blank arguments are those of a tool that requires none.

    Raises:
        BadCall: It does not fit; for each problem the error says what is allowed.
    """
    tool = tools.get(name)
    if tool is None:
        offered = "one of the offered tools: " + ", ".join(tools) if tools else "no tool, for none was offered"
        raise BadCall(name, [Problem("name", name, offered)])
    values, repaired = _parse(tool, arguments)
    if tool.strict:
        values = without_stand_ins(values, tool.parameters, tool.parameters)
    mended: tuple[str, ...] = ()
    if tool.coerce:
        values, mended = coerced_arguments(tool, values)
    if problems := list(islice(_problems(tool, values), MAX_PROBLEMS)):
        raise BadCall(name, problems)
    read_values(tool, values)
    return FittingCall(tool, values, mended, repaired)


def read_values(tool: AnyTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the function's own types.

    Raises:
        BadCall: They do not fit these types.
    """
    try:
        return tool.read(copy.deepcopy(dict(arguments)))
    except BadCall as bad:
        raise BadCall(tool.name, bad.problems) from None


def _parse(tool: AnyTool, arguments: str) -> tuple[dict[str, Any], bool]:
    """The arguments as an object, and whether they had to be repaired for that."""
    if arguments.strip() in _NO_ARGUMENTS:
        return {}, False
    try:
        return parse_object(arguments), False
    except NotStrictJSON as error:
        why = str(error)
    if tool.repair:
        try:
            return repaired_object(arguments), True
        except NotStrictJSON as error:
            why += f", and {error}"
    raise BadCall(tool.name, [Problem("arguments", arguments, f"one strict JSON object, but {why}")])


def _problems(tool: AnyTool, values: dict[str, Any]) -> Iterator[Problem]:
    for error in tool.validator.iter_errors(values):
        yield from _problems_of(error, tool)


def _problems_of(error: jsonschema_rs.ValidationError, tool: AnyTool) -> Iterator[Problem]:
    place = tuple(error.instance_path)
    kind: Any = error.kind
    if meant := _branch_meant(error):
        for inner in meant:
            yield from _problems_of(inner, tool)
    elif kind.name == "required":
        yield Problem(path_text((*place, kind.property)), NOTHING, "it is required")
    elif kind.name == "additionalProperties":
        named = tool.parameters.get("properties", {}) if not place else {}
        allowed = f"no such parameter; the tool takes {', '.join(named) or 'none'}" if not place else "no such key"
        for name in kind.unexpected:
            yield Problem(path_text((*place, name)), _at(error.instance, name), allowed)
    else:
        yield Problem(path_text(place), error.instance, _allowed(error))


def _branch_meant(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """What is wrong within the one part of a union that can have been meant; nothing if no part or several can."""
    kind: Any = error.kind
    if kind.name not in {"anyOf", "oneOf"}:
        return []
    parts = [
        part for part in getattr(kind, "context", []) if part and not any(_rules_out(error, each) for each in part)
    ]
    return parts[0] if len(parts) == 1 else []


def _rules_out(union: jsonschema_rs.ValidationError, error: jsonschema_rs.ValidationError) -> bool:
    """Whether the value is of another kind altogether: its type, or what tells the parts of a union apart, differs."""
    kind: Any = error.kind
    same_place = list(error.instance_path) == list(union.instance_path)
    return kind.name == "const" or (same_place and kind.name in {"type", "enum"})


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
