"""Judges a call before anything runs: is there such a tool, is the text strict JSON, do schema and types agree?

For a tool with `coerce`, a value of the wrong type is corrected where it has only one possible meaning.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import jsonschema_rs

from clientkit.display import as_json, shorten
from clientkit.errors import NOTHING, BadCall, Problem
from clientkit.repair import repair_object
from clientkit.schema import without_stand_ins
from clientkit.signature import path_text
from clientkit.strict_json import NotStrictJSON, parse_array, parse_object
from clientkit.tools import AnyTool

MAX_PROBLEMS = 10
"""Problems of one call that are reported; more would only bury the first."""

_NO_ARGUMENTS = frozenset({"", "null"})

Place: TypeAlias = tuple[int | str, ...]

_WORDS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ValidCall:
    """A call that may run: `arguments` as the model meant them.

    `coerced` are the places where a value was corrected, `repaired` tells whether the text was broken JSON.
    """

    tool: AnyTool
    arguments: dict[str, Any]
    coerced: tuple[str, ...] = ()
    repaired: bool = False


def check_call(tools: Mapping[str, AnyTool], name: str, arguments: str) -> ValidCall:
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
    corrections: tuple[str, ...] = ()
    if tool.coerce:
        values, corrections = coerce_arguments(tool, values)
    if problems := list(islice(_problems(tool, values), MAX_PROBLEMS)):
        raise BadCall(name, problems)
    read_values(tool, values)
    return ValidCall(tool, values, corrections, repaired)


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
            return repair_object(arguments), True
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
        yield Problem(path_text(place), error.instance, _expectation(error))


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


def _expectation(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    match kind.name:
        case "enum":
            return "one of " + ", ".join(as_json(option) for option in kind.options)
        case "const":
            return as_json(kind.expected_value)
        case "type":
            return "a value of type " + " or ".join(kind.types)
        case "anyOf" | "oneOf" if getattr(kind, "context", None):
            ways = dict.fromkeys(_expectation(inner) for branch in kind.context for inner in branch)
            return shorten("; or ".join(ways), 500)
        case _:
            return f"{kind.name} {shorten(as_json(kind.value), 200)}"


def _at(instance: Any, name: str) -> Any:
    return instance[name] if isinstance(instance, dict) and name in instance else NOTHING


def coerce_arguments(tool: AnyTool, arguments: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments with everything corrected that can be, and the places where something was.

    Text becomes the number, boolean, object or array that it spells, a single value the list of it, a word of an enum
    gets its case, and null is left out where the parameter may be left out.
    """
    result = without_stand_ins(arguments, tool.parameters, tool.parameters)
    places = list(_omissions(arguments, result))
    for path, value in list(_corrections(tool, result)):
        *way, last = path
        place: Any = result
        for step in way:
            place = place[step]
        place[last] = value
        places.append(path)
    return result, tuple(path_text(path) for path in places)


def _omissions(before: Any, after: Any, path: Place = ()) -> Iterator[Place]:
    if isinstance(before, dict):
        for name, value in before.items():
            if name in after:
                yield from _omissions(value, after[name], (*path, name))
            else:
                yield (*path, name)
    elif isinstance(before, list):
        for place, (earlier, later) in enumerate(zip(before, after, strict=True)):
            yield from _omissions(earlier, later, (*path, place))


def _corrections(tool: AnyTool, arguments: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    for error in tool.validator.iter_errors(arguments):
        path = tuple(error.instance_path)
        meanings = {as_json(value): value for value in _meanings(error)} if path else {}
        if len(meanings) == 1:
            yield path, next(iter(meanings.values()))


def _meanings(error: jsonschema_rs.ValidationError) -> Iterator[Any]:
    """Every value that could be meant, as far as each branch of the schema tells."""
    kind: Any = error.kind
    if kind.name == "type":
        with suppress(ValueError):
            yield of_type(error.instance, kind.types)
    elif kind.name == "enum" and isinstance(error.instance, str):
        word = error.instance.casefold()
        yield from (option for option in kind.options if isinstance(option, str) and option.casefold() == word)
    elif kind.name == "anyOf":
        for branch in kind.context:
            if len(branch) == 1 and branch[0].instance_path == error.instance_path:
                yield from _meanings(branch[0])


def of_type(value: Any, types: Collection[str]) -> Any:
    """The value of one of the JSON types that `value` stands for.

    Raises:
        ValueError: It stands for none, or for several.
    """
    if isinstance(value, str) and "string" not in types:
        with suppress(ValueError):
            return _parse_text(value, types)
    if "array" not in types or value in ("", None) or (isinstance(value, str) and ("," in value or "[" in value)):
        raise ValueError("it stands for no value of these types, or for several")
    return [value]


def _parse_text(text: str, types: Collection[str]) -> Any:
    if "boolean" in types and text in _WORDS:
        return _WORDS[text]
    if {"integer", "number"} & set(types) and _INTEGER.fullmatch(text) and text != "-0":
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "object" in types:
        return parse_object(text)
    if "array" in types:
        return parse_array(text)
    raise ValueError("the text spells no value of these types")
