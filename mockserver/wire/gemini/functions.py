"""The function declarations and the choice among them → the vocabulary, with the service's checks."""

import re
from functools import lru_cache
from typing import Any

from mockserver.chat import Tool, ToolChoice
from mockserver.wire.codec import decode, encode
from mockserver.wire.gemini.contents import listed
from mockserver.wire.gemini.refusal import NAME_RULE, NO_DECLARATIONS, broken_rule, invalid_value, refused, unknown_name
from mockserver.wire.gemini.schema import FIELDS, json_schema

JsonObject = dict[str, Any]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_DECLARATION = frozenset(
    {"name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema", "behavior"}
)
_MODES = frozenset({"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"})


def read_functions(value: Any) -> tuple[Tool, ...]:
    """The functions as declared; tools that the service runs itself are left alone. The same list is read once."""
    return _read_functions(encode(value)) if value else ()


@lru_cache(maxsize=256)
def _read_functions(text: bytes) -> tuple[Tool, ...]:
    return tuple(
        Tool(entry["name"], str(entry.get("description") or ""), _parameters(entry))
        for _, entry in declarations(decode(text))
        if isinstance(entry.get("name"), str)
    )


def declarations(tools: Any) -> list[tuple[str, JsonObject]]:
    """Each declaration with its path."""
    return [
        (f"tools[{place}].function_declarations[{index}]", entry)
        for place, tool in enumerate(listed(tools))
        if isinstance(tool, dict)
        for index, entry in enumerate(listed(tool.get("functionDeclarations")))
        if isinstance(entry, dict)
    ]


def _parameters(entry: JsonObject) -> JsonObject | None:
    schema = entry.get("parametersJsonSchema")
    if isinstance(schema, dict):
        return schema
    converted = json_schema(entry.get("parameters"))
    return converted if isinstance(converted, dict) else None


def check_functions(tools: Any) -> None:
    """The rules for declarations.

    Raises:
        Refused: one breaks a rule, or a name is declared twice.
    """
    names: set[str] = set()
    for path, entry in declarations(tools):
        for key in entry:
            if key not in _DECLARATION:
                raise unknown_name(key, path)
        name = entry.get("name")
        if not isinstance(name, str | None):
            raise invalid_value(f"{path}.name", "TYPE_STRING", name)
        if not name or not _NAME.fullmatch(name):
            raise broken_rule(f"{path}.name", NAME_RULE)
        if name in names:
            raise refused(f"Duplicate function declaration found: {name}")
        names.add(name)
        _check_schema(entry.get("parameters"), f"{path}.parameters")


def _check_schema(schema: Any, path: str) -> None:
    if schema is None:
        return
    if not isinstance(schema, dict):
        raise invalid_value(path, "type.googleapis.com/google.ai.generativelanguage.v1beta.Schema", schema)
    for key in schema:
        if key not in FIELDS:
            raise unknown_name(key, path)
    properties = schema.get("properties")
    for place, inner in enumerate(properties.values() if isinstance(properties, dict) else ()):
        _check_schema(inner, f"{path}.properties[{place}].value")
    if isinstance(schema.get("items"), dict):
        _check_schema(schema["items"], f"{path}.items")


def read_choice(config: Any, tools: tuple[Tool, ...]) -> ToolChoice:
    """The choice; one allowed name that must be called is a named function."""
    calling = config.get("functionCallingConfig") if isinstance(config, dict) else None
    calling = calling if isinstance(calling, dict) else {}
    if not tools:
        return ToolChoice("none")
    mode = str(calling.get("mode") or "AUTO").upper()
    names = [name for name in listed(calling.get("allowedFunctionNames")) if isinstance(name, str)]
    only = tuple(names) or None
    if mode == "NONE":
        return ToolChoice("none")
    if mode == "ANY":
        return ToolChoice("required", only, named=len(names) == 1)
    return ToolChoice("auto", only)


def check_choice(config: Any, tools: tuple[Tool, ...]) -> None:
    """The rules for `toolConfig`.

    Raises:
        Refused: the mode is unknown, or a call is demanded where nothing is declared.
    """
    if config is None:
        return
    if not isinstance(config, dict):
        raise invalid_value("tool_config", "ToolConfig", config)
    calling = config.get("functionCallingConfig")
    if not isinstance(calling, dict):
        return
    mode = calling.get("mode")
    if mode is not None and str(mode).upper() not in _MODES:
        kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode"
        raise invalid_value("tool_config.function_calling_config.mode", kind, mode)
    if str(mode).upper() == "ANY" and not tools:
        raise refused(NO_DECLARATIONS)
