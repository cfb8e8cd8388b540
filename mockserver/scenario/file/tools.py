"""Tools in the API's shape ⇄ tools."""

from collections.abc import Mapping
from typing import Any

from mockserver.chat import Tool


def tool_of(entry: Mapping[str, Any]) -> Tool:
    """A tool in the API's shape."""
    if entry["type"] == "custom":
        custom = entry["custom"]
        grammar = custom.get("format", {}).get("grammar")
        return Tool(custom["name"], custom.get("description", ""), kind="custom", format=grammar)
    function = entry["function"]
    return Tool(
        function["name"],
        function.get("description", ""),
        function.get("parameters"),
        bool(function.get("strict")),
    )


def tool_data(tool: Tool) -> dict[str, Any]:
    """The same for a file."""
    if tool.kind == "custom":
        grammar = {"type": "grammar", "grammar": dict(tool.format)} if tool.format is not None else None
        custom = {"name": tool.name, "description": tool.description or None, "format": grammar}
        return {"type": "custom", "custom": given(custom)}
    function = {
        "name": tool.name,
        "description": tool.description or None,
        "parameters": dict(tool.parameters) if tool.parameters is not None else None,
        "strict": tool.strict or None,
    }
    return {"type": "function", "function": given(function)}


def given(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is there, without what is not."""
    return {key: value for key, value in found.items() if value is not None}
