"""The offered tools and the choice among them: wire ⇄ chat, with the API's checks."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mockserver.chat import Tool, ToolChoice
from mockserver.wire.codec import decode, encode
from mockserver.wire.refusal import (
    Refused,
    empty_array,
    invalid,
    missing,
    not_supported,
    too_long,
    wrong_type,
)

NAME_PATTERN = r"^[a-zA-Z0-9_-]+$"
NAME_LENGTH = 64
MOST_TOOLS = 128
_NAME = re.compile(NAME_PATTERN)
_CHOICES = ("none", "auto", "required")
_AUTO, _NONE, _REQUIRED = ToolChoice(), ToolChoice("none"), ToolChoice("required")
_WORDS = {"none": _NONE, "required": _REQUIRED, "any": _REQUIRED}


def read_tools(value: Any, strict: bool) -> tuple[Tool, ...]:
    """The tools as offered; the same list is read and checked once, since an application sends it every time.

    Raises:
        Refused: the checks are strict and a tool breaks the API's rules.
    """
    return _read_tools(encode(value), strict) if value is not None else ()


@lru_cache(maxsize=256)
def _read_tools(text: bytes, strict: bool) -> tuple[Tool, ...]:
    value = decode(text)
    if strict:
        check_tools(value)
    entries = value if isinstance(value, list) else []
    functions = [entry.get("function") for entry in entries if isinstance(entry, dict)]
    return tuple(
        Tool(
            function["name"],
            str(function.get("description") or ""),
            function.get("parameters") if isinstance(function.get("parameters"), dict) else None,
            function.get("strict") is True,
        )
        for function in functions
        if isinstance(function, dict) and isinstance(function.get("name"), str)
    )


def check_tools(value: Any) -> None:
    """The rules for `tools`.

    Raises:
        Refused: a tool breaks them.
    """
    if not isinstance(value, list):
        raise wrong_type("tools", "an array of objects", value)
    if not value:
        raise empty_array("tools")
    if len(value) > MOST_TOOLS:
        raise too_long("tools", "array", MOST_TOOLS, len(value))
    for index, entry in enumerate(value):
        _check_tool(f"tools[{index}]", entry)


def _check_tool(path: str, entry: Any) -> None:
    if not isinstance(entry, dict):
        raise wrong_type(path, "an object", entry)
    if "type" not in entry:
        raise missing(f"{path}.type")
    if entry["type"] != "function":
        raise not_supported(f"{path}.type", entry["type"], ("function",))
    function = entry.get("function")
    if function is None:
        raise missing(f"{path}.function")
    if not isinstance(function, dict):
        raise wrong_type(f"{path}.function", "an object", function)
    if function.get("name") is None:
        raise missing(f"{path}.function.name")
    check_name(f"{path}.function.name", function["name"])
    for key in ("description",):
        if not isinstance(function.get(key, ""), str | None):
            raise wrong_type(f"{path}.function.{key}", "a string", function[key])
    _check_schema(f"{path}.function.parameters", function)


def check_name(path: str, name: Any) -> None:
    """The rule for a function's name: letters, digits, `_` and `-`, at most 64 of them."""
    if not isinstance(name, str):
        raise wrong_type(path, "a string", name)
    if len(name) > NAME_LENGTH:
        raise too_long(path, "string", NAME_LENGTH, len(name))
    if not _NAME.match(name):
        message = f"Invalid '{path}': string does not match pattern. "
        message += f"Expected a string that matches the pattern '{NAME_PATTERN}'."
        raise invalid(message, path, "invalid_value")


def _check_schema(path: str, function: Mapping[str, Any]) -> None:
    schema = function.get("parameters")
    if schema is None:
        return
    if not isinstance(schema, dict):
        raise _bad_schema(path, function["name"], f"{_as_json(schema)} is not of type 'object', 'boolean'.")
    if schema.get("type", "object") != "object":
        got = f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema['type']}\"'."
        raise _bad_schema(path, function["name"], got)
    if schema.get("type") == "object" and "properties" not in schema and function.get("strict"):
        raise _bad_schema(path, function["name"], "In context=(), object schema missing properties.")


def _bad_schema(path: str, name: str, reason: str) -> Refused:
    return invalid(f"Invalid schema for function '{name}': {reason}", path, "invalid_function_parameters")


def _as_json(value: Any) -> str:
    return encode(value).decode()


def read_tool_choice(value: Any, tools: Sequence[Tool]) -> ToolChoice:
    """The choice as the model must follow it; what cannot be understood counts as "auto"."""
    if isinstance(value, str):
        return _WORDS.get(value, _AUTO)
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        return ToolChoice("required", (str(value["function"].get("name")),), named=True)
    return _AUTO if tools else _NONE


def check_tool_choice(value: Any, tools: Sequence[Tool]) -> None:
    """The rules for `tool_choice`.

    Raises:
        Refused: it has another form, or names a function that is not offered.
    """
    if not tools:
        raise invalid(
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice"
        )
    if isinstance(value, str):
        if value not in _CHOICES:
            raise not_supported("tool_choice", value, _CHOICES)
        return
    if not isinstance(value, dict):
        raise wrong_type("tool_choice", "one of one of 'none', 'auto', or 'required' or object", value)
    function = value.get("function")
    if function is None:
        raise missing("tool_choice.function")
    if not isinstance(function, dict):
        raise wrong_type("tool_choice.function", "an object", function)
    name = function.get("name")
    if name is None:
        raise missing("tool_choice.function.name")
    if all(tool.name != name for tool in tools):
        raise invalid(f"Invalid value for 'tool_choice': function '{name}' is not among 'tools'.", "tool_choice")
