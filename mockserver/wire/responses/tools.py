"""The offered tools and the choice among them: flat, unlike those of chat completions; wire → chat, with the checks.

Hosted tools (web search, file search, code interpreter …) are run by the real service. They are accepted, echoed and
left alone: the model here calls none of them.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from mockserver.chat import Tool, ToolChoice
from mockserver.wire.chat_completions.json_schema import check_parameters
from mockserver.wire.chat_completions.tools import check_name
from mockserver.wire.codec import decode, encode
from mockserver.wire.models import Family
from mockserver.wire.refusal import Refused, invalid, missing, not_supported, too_long, wrong_type

JsonObject = dict[str, Any]

KINDS = ("function", "custom")
HOSTED = (
    "web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11", "file_search",
    "code_interpreter", "computer", "computer_use", "computer_use_preview", "image_generation", "mcp", "local_shell",
    "shell", "apply_patch", "tool_search", "programmatic_tool_calling",
)  # fmt: skip
GROUP = "namespace"
MOST_TOOLS = 128
_WORDS = {"none": ToolChoice("none"), "auto": ToolChoice(), "required": ToolChoice("required")}
_MODES = ("auto", "required")
_SYNTAXES = ("lark", "regex")


def read_tools(value: Any, checked: Family | None) -> tuple[Tool, ...]:
    """The functions and custom tools as offered; the same list is read and checked once.

    `checked` is the family whose rules are kept to, None for none.

    Raises:
        Refused: a tool breaks the rules.
    """
    return _read_tools(encode(value), checked) if value is not None else ()


@lru_cache(maxsize=256)
def _read_tools(text: bytes, checked: Family | None) -> tuple[Tool, ...]:
    value = decode(text)
    if checked is not None:
        _check_tools("tools", value, checked)
    return tuple(_tools_in(value))


def _tools_in(value: Any) -> Iterator[Tool]:
    for entry in value if isinstance(value, list) else ():
        if not isinstance(entry, dict):
            continue
        if entry.get("type") == GROUP:
            yield from _tools_in(entry.get("tools"))
        elif entry.get("type") in KINDS and isinstance(entry.get("name"), str):
            yield _tool(entry)


def _tool(entry: JsonObject) -> Tool:
    name, described = entry["name"], str(entry.get("description") or "")
    if entry["type"] == "custom":
        return Tool(name, described, kind="custom", format=_grammar(entry.get("format")))
    parameters = entry.get("parameters") if isinstance(entry.get("parameters"), dict) else None
    return Tool(name, described, parameters, entry.get("strict") is True)


def _grammar(written: Any) -> JsonObject | None:
    """The grammar of a format that has one."""
    if not isinstance(written, dict) or written.get("type") != "grammar":
        return None
    return {key: written[key] for key in ("syntax", "definition") if key in written}


def _check_tools(path: str, value: Any, family: Family) -> None:
    if not isinstance(value, list):
        raise wrong_type(path, "an array of objects", value)
    if len(value) > MOST_TOOLS:
        raise too_long(path, "array", MOST_TOOLS, len(value))
    for index, entry in enumerate(value):
        where = f"{path}[{index}]"
        if not isinstance(entry, dict):
            raise wrong_type(where, "an object", entry)
        kind = entry.get("type")
        if kind is None:
            raise missing(f"{where}.type")
        if kind in KINDS:
            _check_tool(where, entry, family)
        elif kind == GROUP:
            _check_tools(f"{where}.tools", entry.get("tools", []), family)
        elif kind not in HOSTED:
            raise not_supported(where, kind, (*KINDS, *HOSTED, GROUP))


def _check_tool(path: str, entry: JsonObject, family: Family) -> None:
    if entry.get("name") is None:
        raise missing(f"{path}.name")
    check_name(f"{path}.name", entry["name"], family)
    description = entry.get("description")
    if not isinstance(description, str | None):
        raise wrong_type(f"{path}.description", "a string", description)
    if entry["type"] == "custom":
        _check_format(f"{path}.format", entry.get("format"))
        return
    strict = entry.get("strict")
    if not isinstance(strict, bool | None):
        raise wrong_type(f"{path}.strict", "a boolean", strict)
    check_parameters(f"{path}.parameters", entry["name"], entry.get("parameters"), strict=strict is True)


def _check_format(path: str, written: Any) -> None:
    if written is None:
        return
    if not isinstance(written, dict):
        raise wrong_type(path, "an object", written)
    if written.get("type") is None:
        raise missing(f"{path}.type")
    if written["type"] not in ("text", "grammar"):
        raise not_supported(f"{path}.type", written["type"], ("text", "grammar"))
    if written["type"] == "text":
        return
    for key in ("syntax", "definition"):
        if written.get(key) is None:
            raise missing(f"{path}.{key}")
        if not isinstance(written[key], str):
            raise wrong_type(f"{path}.{key}", "a string", written[key])
    if written["syntax"] not in _SYNTAXES:
        raise not_supported(f"{path}.syntax", written["syntax"], _SYNTAXES)


def read_tool_choice(value: Any, tools: Sequence[Tool]) -> ToolChoice:
    """The choice as the model must follow it; a hosted tool, or what cannot be understood, counts as `auto`."""
    usual = _WORDS["auto"] if tools else _WORDS["none"]
    if isinstance(value, str):
        return _WORDS.get(value, usual)
    if not isinstance(value, dict):
        return usual
    if value.get("type") == "allowed_tools":
        listed = value.get("tools")
        references = listed if isinstance(listed, list) else []
        names = tuple(one["name"] for one in references if isinstance(one, dict) and isinstance(one.get("name"), str))
        return ToolChoice("required" if value.get("mode") == "required" else "auto", names)
    if value.get("type") in KINDS and isinstance(value.get("name"), str):
        return ToolChoice("required", (value["name"],), named=True)
    return usual


def check_tool_choice(value: Any, tools: Sequence[Tool], offered: Any) -> None:
    """The rules for `tool_choice`; `offered` are the tools as they came, hosted ones among them.

    Raises:
        Refused: it has another form, or names a tool that is not offered.
    """
    if isinstance(value, str):
        if value not in _WORDS:
            raise not_supported("tool_choice", value, _WORDS)
        if value == "required" and not offered:
            raise _not_found("required")
        return
    if not isinstance(value, dict):
        raise wrong_type("tool_choice", "one of 'none', 'auto', or 'required' or object", value)
    kind = value.get("type")
    if kind is None:
        raise missing("tool_choice.type")
    if kind == "allowed_tools":
        _check_allowed(value, tools, offered)
    elif kind in KINDS:
        _check_reference("tool_choice", value, tools)
    elif kind not in HOSTED:
        raise not_supported("tool_choice.type", kind, (*KINDS, "allowed_tools", *HOSTED))
    elif all(not isinstance(tool, dict) or tool.get("type") != kind for tool in offered or ()):
        raise _not_found(kind)


def _check_allowed(value: JsonObject, tools: Sequence[Tool], offered: Any) -> None:
    for key in ("mode", "tools"):
        if value.get(key) is None:
            raise missing(f"tool_choice.{key}")
    if value["mode"] not in _MODES:
        raise not_supported("tool_choice.mode", value["mode"], _MODES)
    if not isinstance(value["tools"], list):
        raise wrong_type("tool_choice.tools", "an array of objects", value["tools"])
    for index, reference in enumerate(value["tools"]):
        path = f"tool_choice.tools[{index}]"
        if not isinstance(reference, dict):
            raise wrong_type(path, "an object", reference)
        if reference.get("type") in KINDS:
            _check_reference(path, reference, tools)
        elif all(not isinstance(tool, dict) or tool.get("type") != reference.get("type") for tool in offered or ()):
            raise _not_found(str(reference.get("type")))


def _check_reference(path: str, reference: JsonObject, tools: Sequence[Tool]) -> None:
    kind, name = reference["type"], reference.get("name")
    if name is None and isinstance(reference.get(kind), dict):
        # The nested form of chat completions: the service looks for a tool of that name, and finds none.
        raise _not_found(kind)
    if name is None:
        raise missing(f"{path}.name")
    if not isinstance(name, str):
        raise wrong_type(f"{path}.name", "a string", name)
    if all(tool.name != name or tool.kind != kind for tool in tools):
        raise _not_found(name)


def _not_found(name: str) -> Refused:
    return invalid(f"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice")
