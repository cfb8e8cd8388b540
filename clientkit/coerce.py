"""Mends arguments whose value has the wrong type, where it has only one possible meaning."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, TypeAlias

import jsonschema_rs

from clientkit.display import as_json
from clientkit.schema import without_stand_ins
from clientkit.signature import path_text
from clientkit.strict_json import parse_array, parse_object
from clientkit.tools import AnyTool

Path: TypeAlias = tuple[int | str, ...]

_WORDS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,6}", re.ASCII)


def coerced_arguments(tool: AnyTool, arguments: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments with everything mended that can be, and the places where something was.

    Text becomes the number, boolean, object or array that it spells, a single value the list of it, a word of an enum
    gets its case, and null is left out where the parameter may be left out.
    """
    result = without_stand_ins(arguments, tool.parameters, tool.parameters)
    places = list(_left_out(arguments, result))
    for path, value in list(_mended(tool, result)):
        *way, last = path
        place: Any = result
        for step in way:
            place = place[step]
        place[last] = value
        places.append(path)
    return result, tuple(path_text(path) for path in places)


def _left_out(before: Any, after: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(before, dict):
        for name, value in before.items():
            if name in after:
                yield from _left_out(value, after[name], (*path, name))
            else:
                yield (*path, name)
    elif isinstance(before, list):
        for place, (earlier, later) in enumerate(zip(before, after, strict=True)):
            yield from _left_out(earlier, later, (*path, place))


def _mended(tool: AnyTool, arguments: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
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
            return _spelt(value, types)
    if "array" not in types or value in ("", None) or (isinstance(value, str) and ("," in value or "[" in value)):
        raise ValueError("it stands for no value of these types, or for several")
    return [value]


def _spelt(text: str, types: Collection[str]) -> Any:
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
