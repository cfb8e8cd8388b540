"""The tools of a request and the choice among them: checked as the API checks them, and read."""

import re
from typing import Any

from mockserver.chat import Tool, ToolChoice
from mockserver.wire.messages.refusal import (
    at,
    extra,
    list_at,
    mismatch,
    missing_tag,
    object_at,
    refused,
    required,
    text_at,
    unknown_tag,
)

JsonObject = dict[str, Any]

NAME_PATTERN = "^[a-zA-Z0-9_-]{1,128}$"
_NAME = re.compile(NAME_PATTERN[1:-1])
_KEYS = frozenset(
    "name description input_schema type strict eager_input_streaming input_examples cache_control defer_loading "
    "allowed_callers".split()
)
_FLAGS = ("strict", "defer_loading", "eager_input_streaming")
_CHOICES = ("auto", "any", "tool", "none")
_HOSTED = re.compile(r"[a-z_]+_[0-9]{8}|mcp_toolset|[a-z_]+_toolset")
_BAD_SCHEMA = (
    "JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn "
    "more about tool use at https://docs.claude.com/en/docs/tool-use."
)


def is_hosted(tool: Any) -> bool:
    """Whether a tool is one that the API runs itself; such tools are accepted and left alone."""
    return isinstance(tool, dict) and tool.get("type") not in (None, "custom")


def read_tools(value: Any) -> tuple[Tool, ...]:
    """The tools that the application runs."""
    tools = [tool for tool in value if isinstance(tool, dict)] if isinstance(value, list) else []
    return tuple([_read(tool) for tool in tools if not is_hosted(tool) and isinstance(tool.get("name"), str)])


def _read(tool: JsonObject) -> Tool:
    schema, description = tool.get("input_schema"), tool.get("description")
    return Tool(
        tool["name"],
        description if isinstance(description, str) else "",
        schema if isinstance(schema, dict) else None,
        tool.get("strict") is True,
    )


def read_choice(value: Any, tools: tuple[Tool, ...]) -> ToolChoice:
    """The choice among the tools; a hosted tool that is named leaves it open."""
    kind = value.get("type") if isinstance(value, dict) else None
    if not tools:
        return ToolChoice("none")
    if kind == "none":
        return ToolChoice("none")
    if kind == "any":
        return ToolChoice("required")
    if isinstance(value, dict) and kind == "tool" and any(tool.name == value.get("name") for tool in tools):
        return ToolChoice("required", (value["name"],), named=True)
    return ToolChoice()


def is_parallel(choice: Any) -> bool:
    """Whether several calls may come in one reply."""
    return not (isinstance(choice, dict) and choice.get("disable_parallel_tool_use") is True)


def check_tools(value: Any) -> None:
    """The rules for the tools.

    Raises:
        Refused: a tool breaks them.
    """
    names: set[str] = set()
    for place, tool in enumerate(list_at("tools", value)):
        object_at(f"tools.{place}", tool)
        if is_hosted(tool):
            _check_hosted(f"tools.{place}", tool)
        else:
            _check_custom(f"tools.{place}.custom", tool)
        name = tool.get("name")
        if isinstance(name, str) and name in names:
            raise at("tools", "Tool names must be unique.")
        names.add(name if isinstance(name, str) else f"{place}")


def _check_hosted(path: str, tool: JsonObject) -> None:
    kind = text_at(f"{path}.type", tool["type"])
    if not _HOSTED.fullmatch(kind):
        raise unknown_tag(
            path, kind, ("bash_20250124", "custom", "memory_20250818", "text_editor_20250728", "web_search_20250305")
        )


def _check_custom(path: str, tool: JsonObject) -> None:
    for key in ("name", "input_schema"):
        if tool.get(key) is None:
            raise required(f"{path}.{key}")
    name = text_at(f"{path}.name", tool["name"])
    if not _NAME.fullmatch(name):
        raise mismatch(f"{path}.name", NAME_PATTERN)
    if tool.get("description") is not None:
        text_at(f"{path}.description", tool["description"])
    for key in _FLAGS:
        if not isinstance(tool.get(key), bool | None):
            raise at(f"{path}.{key}", "Input should be a valid boolean")
    for key in tool:
        if key not in _KEYS:
            raise extra(f"{path}.{key}")
    _check_schema(f"{path}.input_schema", tool["input_schema"])


def _check_schema(path: str, schema: Any) -> None:
    kind = object_at(path, schema).get("type")
    if kind is None:
        raise required(f"{path}.type")
    if kind != "object":
        raise at(f"{path}.type", "Input should be 'object'")
    import jsonschema_rs  # requests without tools do without

    for key in ("oneOf", "allOf", "anyOf"):
        if key in schema:
            raise at(path, "input_schema does not support oneOf, allOf, or anyOf at the top level")
    if not jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}):
        raise at(path, _BAD_SCHEMA)


def check_choice(value: Any, tools: Any) -> None:
    """The rules for the choice among the tools.

    Raises:
        Refused: it breaks them.
    """
    kind = object_at("tool_choice", value).get("type")
    if kind is None:
        raise missing_tag("tool_choice")
    if kind not in _CHOICES:
        raise unknown_tag("tool_choice", kind, _CHOICES)
    known = {"type", "name"} if kind == "tool" else {"type"}
    known |= set() if kind == "none" else {"disable_parallel_tool_use"}
    for key in value:
        if key not in known:
            raise extra(f"tool_choice.{kind}.{key}")
    if not isinstance(value.get("disable_parallel_tool_use"), bool | None):
        raise at(f"tool_choice.{kind}.disable_parallel_tool_use", "Input should be a valid boolean")
    if kind == "tool":
        if value.get("name") is None:
            raise required("tool_choice.tool.name")
        text_at("tool_choice.tool.name", value["name"])
    if kind in ("any", "tool") and not tools:
        raise refused(f"tool_choice.{kind} may only be specified while providing tools")
    if kind == "tool" and not any(isinstance(tool, dict) and tool.get("name") == value["name"] for tool in tools):
        raise refused(f"Tool '{value['name']}' not found in provided tools")
