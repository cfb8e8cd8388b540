"""Tools and tool calls in a file ⇄ `Tool` and `ToolCall`."""

from collections.abc import Mapping
from typing import Any

from mockserver.chat import AS_WRITTEN, Tool, ToolCall
from mockserver.faults import specs_of
from mockserver.scenario.file.tree import DEEPEST
from mockserver.scenario.placeholders import as_text, read_back

_DEEPEST_ARGUMENTS = DEEPEST - 10
"""Values of arguments lie some levels deep in a file themselves."""


def call_of(entry: Mapping[str, Any]) -> ToolCall:
    """A tool call from an entry of `calls`; its arguments become text."""
    name, marks = entry["call"], (entry.get("id"), _call_fault(entry.get("fault")))
    if "input" in entry:
        return ToolCall(name, entry["input"], *marks, kind="custom")
    if "arguments" in entry:
        return ToolCall(name, entry["arguments"], *marks, verbatim=True)
    return ToolCall(name, as_text(entry.get("with", {}), compact=entry.get("compact", False)), *marks)


def call_data(call: ToolCall) -> dict[str, Any]:
    """An entry of `calls`: arguments as values (`with`) where exactly this text can be made of them again."""
    found: dict[str, Any] = {"call": call.name}
    written = None if call.verbatim else read_back(call.arguments)
    if call.kind == "custom" and not call.verbatim:
        found["input"] = call.arguments
    elif written is None or _depth(written.values) > _DEEPEST_ARGUMENTS:
        found["arguments"] = call.arguments
    elif written.values:
        found |= {"with": written.values, "compact": written.compact or None}
    return without_none({**found, "id": call.id, "fault": call.fault})


def tool_of(entry: Mapping[str, Any]) -> Tool:
    """A tool from an entry of `tools`, which has the API's shape."""
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
    """An entry of `tools`."""
    if tool.kind == "custom":
        grammar = {"type": "grammar", "grammar": dict(tool.format)} if tool.format is not None else None
        custom = {"name": tool.name, "description": tool.description or None, "format": grammar}
        return {"type": "custom", "custom": without_none(custom)}
    function = {
        "name": tool.name,
        "description": tool.description or None,
        "parameters": dict(tool.parameters) if tool.parameters is not None else None,
        "strict": tool.strict or None,
    }
    return {"type": "function", "function": without_none(function)}


def without_none(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object without the keys whose value is None."""
    return {key: value for key, value in found.items() if value is not None}


def _call_fault(written: Any) -> str | None:
    return written if written in (None, AS_WRITTEN) else "; ".join(map(str, specs_of(written)))


def _depth(value: Any) -> int:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, entries), default=0)
