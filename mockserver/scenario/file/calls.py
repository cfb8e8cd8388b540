"""Tool calls as files write them ⇄ tool calls."""

from collections.abc import Mapping
from typing import Any

from mockserver.chat import AS_WRITTEN, ToolCall
from mockserver.faults import specs_of
from mockserver.scenario.file.tools import given
from mockserver.scenario.file.tree import DEEPEST
from mockserver.scenario.placeholders import as_text, read_back

_DEEPEST_ARGUMENTS = DEEPEST - 10
"""Values of arguments lie some levels deep in a file themselves."""


def call_of(entry: Mapping[str, Any]) -> ToolCall:
    """The call: its arguments as text."""
    name, marks = entry["call"], (entry.get("id"), _call_fault(entry.get("fault")))
    if "input" in entry:
        return ToolCall(name, entry["input"], *marks, kind="custom")
    if "arguments" in entry:
        return ToolCall(name, entry["arguments"], *marks, verbatim=True)
    return ToolCall(name, as_text(entry.get("with", {}), compact=entry.get("compact", False)), *marks)


def _call_fault(written: Any) -> str | None:
    return written if written in (None, AS_WRITTEN) else "; ".join(map(str, specs_of(written)))


def call_data(call: ToolCall) -> dict[str, Any]:
    """The same for a file: values where exactly this text can be made of them again."""
    found: dict[str, Any] = {"call": call.name}
    written = None if call.verbatim else read_back(call.arguments)
    if call.kind == "custom" and not call.verbatim:
        found["input"] = call.arguments
    elif written is None or _depth(written.values) > _DEEPEST_ARGUMENTS:
        found["arguments"] = call.arguments
    elif written.values:
        found |= {"with": written.values, "compact": written.compact or None}
    return given({**found, "id": call.id, "fault": call.fault})


def _depth(value: Any) -> int:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, entries), default=0)
