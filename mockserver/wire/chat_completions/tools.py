"""The offered tools: wire → chat, with the API's checks."""

import re
from functools import lru_cache
from typing import Any

from mockserver.chat import JsonObject, Tool
from mockserver.wire.chat_completions.json_schema import check_parameters
from mockserver.wire.codec import decode, encode
from mockserver.wire.models import Family
from mockserver.wire.refusal import empty_array, empty_string, invalid, missing, not_supported, too_long, wrong_type

NAME_PATTERN, MODERN_NAME_PATTERN = r"^[a-zA-Z0-9_-]+$", r"^[a-zA-Z0-9_.-]+$"
NAME_LENGTH = 64
MOST_TOOLS = 128
KINDS = ("function", "custom")
_SYNTAXES = ("lark", "regex")


def read_tools(value: Any, checked: Family | None, *, legacy: bool = False) -> tuple[Tool, ...]:
    """The tools as offered; the same list is read and checked once, since an application sends it every time.

    `checked` is the family whose rules are kept to, None for none. `legacy`: the list is one of `functions`, the form
    before `tools`.

    Raises:
        Refused: a tool breaks the rules.
    """
    return _read_tools(encode(value), checked, legacy) if value is not None else ()


@lru_cache(maxsize=256)
def _read_tools(text: bytes, checked: Family | None, legacy: bool) -> tuple[Tool, ...]:
    value = decode(text)
    if checked is not None:
        _check_tools("functions" if legacy else "tools", value, checked, legacy)
    entries = value if isinstance(value, list) else []
    if legacy:
        return tuple(tool for entry in entries if (tool := _function(entry)) is not None)
    found = (_custom(entry["custom"]) if "custom" in entry else _function(entry.get("function"))
             for entry in entries if isinstance(entry, dict))  # fmt: skip
    return tuple(tool for tool in found if tool is not None)


def _function(function: Any) -> Tool | None:
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    return Tool(
        function["name"],
        str(function.get("description") or ""),
        function.get("parameters") if isinstance(function.get("parameters"), dict) else None,
        function.get("strict") is True,
    )


def _custom(custom: Any) -> Tool | None:
    if not isinstance(custom, dict) or not isinstance(custom.get("name"), str):
        return None
    described = str(custom.get("description") or "")
    return Tool(custom["name"], described, kind="custom", format=_grammar(custom.get("format")))


def _grammar(written: Any) -> JsonObject | None:
    """The grammar of a format that has one."""
    found = written.get("grammar") if isinstance(written, dict) else None
    return found if isinstance(found, dict) else None


def _check_tools(path: str, value: Any, family: Family, legacy: bool) -> None:
    if not isinstance(value, list):
        raise wrong_type(path, "an array of function definitions" if legacy else "an array of objects", value)
    if not value:
        raise empty_array(path)
    if len(value) > MOST_TOOLS:
        raise too_long(path, "array", MOST_TOOLS, len(value))
    for index, entry in enumerate(value):
        where = f"{path}[{index}]"
        if not isinstance(entry, dict):
            raise wrong_type(where, "an object", entry)
        if legacy:
            _check_function(where, entry, family)
        else:
            _check_tool(where, entry, family)


def _check_tool(path: str, entry: dict[str, Any], family: Family) -> None:
    kind = entry.get("type")
    if kind is None:
        raise missing(f"{path}.type")
    if kind not in KINDS:
        raise not_supported(f"{path}.type", kind, KINDS)
    described = entry.get(kind)
    if described is None:
        raise missing(f"{path}.{kind}")
    if not isinstance(described, dict):
        raise wrong_type(f"{path}.{kind}", "an object", described)
    (_check_function if kind == "function" else _check_custom)(f"{path}.{kind}", described, family)


def _check_function(path: str, function: dict[str, Any], family: Family) -> None:
    _check_head(path, function, family)
    strict = function.get("strict")
    if not isinstance(strict, bool | None):
        raise wrong_type(f"{path}.strict", "a boolean", strict)
    check_parameters(f"{path}.parameters", function["name"], function.get("parameters"), strict=strict is True)


def _check_custom(path: str, custom: dict[str, Any], family: Family) -> None:
    _check_head(path, custom, family)
    written = custom.get("format")
    if written is None:
        return
    path = f"{path}.format"
    if not isinstance(written, dict):
        raise wrong_type(path, "an object", written)
    if written.get("type") is None:
        raise missing(f"{path}.type")
    if written["type"] not in ("text", "grammar"):
        raise not_supported(f"{path}.type", written["type"], ("text", "grammar"))
    if written["type"] == "grammar":
        _check_grammar(f"{path}.grammar", written.get("grammar"))


def _check_grammar(path: str, grammar: Any) -> None:
    if grammar is None:
        raise missing(path)
    if not isinstance(grammar, dict):
        raise wrong_type(path, "an object", grammar)
    for key in ("syntax", "definition"):
        if grammar.get(key) is None:
            raise missing(f"{path}.{key}")
        if not isinstance(grammar[key], str):
            raise wrong_type(f"{path}.{key}", "a string", grammar[key])
    if grammar["syntax"] not in _SYNTAXES:
        raise not_supported(f"{path}.syntax", grammar["syntax"], _SYNTAXES)


def _check_head(path: str, described: dict[str, Any], family: Family) -> None:
    """The name and the description, which functions and custom tools have alike."""
    if described.get("name") is None:
        raise missing(f"{path}.name")
    check_name(f"{path}.name", described["name"], family)
    description = described.get("description")
    if not isinstance(description, str | None):
        raise wrong_type(f"{path}.description", "a string", description)
    longest = family.description
    if description is not None and longest is not None and len(description) > longest:
        raise too_long(f"{path}.description", "string", longest, len(description))


def check_name(path: str, name: Any, family: Family) -> None:
    """The rule for a tool's name: letters, digits, `_` and `-`, at most 64 of them; newer models take dots too."""
    if not isinstance(name, str):
        raise wrong_type(path, "a string", name)
    if not name:
        raise empty_string(path)
    if len(name) > NAME_LENGTH:
        raise too_long(path, "string", NAME_LENGTH, len(name))
    pattern = NAME_PATTERN if family.older else MODERN_NAME_PATTERN
    check_pattern(path, name, pattern)


def check_pattern(path: str, name: str, pattern: str) -> None:
    """The rule for a name that fits a pattern, which is anchored by `^` and `$`.

    Raises:
        Refused: it does not fit.
    """
    if not re.fullmatch(pattern[1:-1], name):
        message = f"Invalid '{path}': string does not match pattern. "
        message += f"Expected a string that matches the pattern '{pattern}'."
        raise invalid(message, path, "invalid_value")
