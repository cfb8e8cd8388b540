"""The choice among the offered tools: wire → chat, with the API's checks."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.chat import Tool, ToolChoice
from mockserver.wire.chat_completions.tools import KINDS
from mockserver.wire.refusal import Refused, empty_array, invalid, missing, not_supported, wrong_type

_AUTO, _NONE, _REQUIRED = ToolChoice(), ToolChoice("none"), ToolChoice("required")
_WORDS = {"none": _NONE, "auto": _AUTO, "required": _REQUIRED, "any": _REQUIRED}
_CHOICES = ("none", "auto", "required")
_FORMS = ("function", "allowed_tools", "custom")
_MODES = ("auto", "required")
_OTHER_TYPE = "one of one of 'none', 'auto', or 'required' or object"


def read_tool_choice(value: Any, tools: Sequence[Tool]) -> ToolChoice:
    """The choice as the model must follow it; what cannot be understood counts as absent."""
    if isinstance(value, str):
        return _WORDS.get(value, _AUTO)
    if isinstance(value, dict):
        if isinstance(allowed := value.get("allowed_tools"), dict):
            names = tuple(name for reference in _references(allowed) if (name := _name(reference)) is not None)
            return ToolChoice("required" if allowed.get("mode") == "required" else "auto", names)
        if (name := _name(value)) is not None:
            return ToolChoice("required", (name,), named=True)
    return _AUTO if tools else _NONE


def read_function_call(value: Any, tools: Sequence[Tool]) -> ToolChoice:
    """The same for `function_call`, the form before `tool_choice`."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return ToolChoice("required", (value["name"],), named=True)
    return _NONE if value == "none" or not tools else _AUTO


def check_tool_choice(value: Any, tools: Sequence[Tool]) -> None:
    """The rules for `tool_choice`.

    Raises:
        Refused: it has another form, or names a tool that is not offered.
    """
    if not tools:
        raise _only_allowed("tool_choice", "tools")
    if isinstance(value, str):
        if value not in _CHOICES:
            raise not_supported("tool_choice", value, _CHOICES)
    elif not isinstance(value, dict):
        raise wrong_type("tool_choice", _OTHER_TYPE, value)
    elif value.get("type") == "allowed_tools":
        _check_allowed(value.get("allowed_tools"), tools)
    else:
        _check_reference("tool_choice", value, tools)


def check_function_call(value: Any, functions: Sequence[Tool]) -> None:
    """The rules for `function_call`.

    Raises:
        Refused: it has another form, or names a function that is not offered.
    """
    if not functions:
        raise _only_allowed("function_call", "functions")
    if isinstance(value, str):
        if value not in ("none", "auto"):
            raise not_supported("function_call", value, ("none", "auto"))
    elif not isinstance(value, dict):
        raise wrong_type("function_call", "one of one of 'none' or 'auto' or object", value)
    elif value.get("name") is None:
        raise missing("function_call.name")
    elif not isinstance(value["name"], str):
        raise wrong_type("function_call.name", "a string", value["name"])
    elif all(tool.name != value["name"] for tool in functions):
        text = f"Invalid value for 'function_call': no function named '{value['name']}' was specified in the "
        raise invalid(text + "'functions' parameter.", "function_call")


def _check_allowed(allowed: Any, tools: Sequence[Tool]) -> None:
    path = "tool_choice.allowed_tools"
    if allowed is None:
        raise missing(path)
    if not isinstance(allowed, dict):
        raise wrong_type(path, "an object", allowed)
    for key in ("mode", "tools"):
        if allowed.get(key) is None:
            raise missing(f"{path}.{key}")
    if allowed["mode"] not in _MODES:
        raise not_supported(f"{path}.mode", allowed["mode"], _MODES)
    if not isinstance(allowed["tools"], list):
        raise wrong_type(f"{path}.tools", "an array of objects", allowed["tools"])
    if not allowed["tools"]:
        raise empty_array(f"{path}.tools")
    for index, reference in enumerate(allowed["tools"]):
        where = f"{path}.tools[{index}]"
        if not isinstance(reference, dict):
            raise wrong_type(where, "an object", reference)
        _check_reference(where, reference, tools)


def _check_reference(path: str, reference: dict[str, Any], tools: Sequence[Tool]) -> None:
    """A tool named by kind and name, as in `{"type": "function", "function": {"name": …}}`."""
    given = reference.get("type")
    kind = given if given in KINDS else "function"
    inner = reference.get(kind)
    if inner is None:
        raise missing(f"{path}.{kind}")
    if not isinstance(inner, dict):
        raise wrong_type(f"{path}.{kind}", "an object", inner)
    name = inner.get("name")
    if name is None:
        raise missing(f"{path}.{kind}.name")
    if not isinstance(name, str):
        raise wrong_type(f"{path}.{kind}.name", "a string", name)
    if given is not None and given not in KINDS:
        raise not_supported(f"{path}.type", given, _FORMS if path == "tool_choice" else KINDS)
    if all(tool.name != name or tool.kind != kind for tool in tools):
        what = "function" if kind == "function" else "custom tool"
        raise invalid(f"Invalid value for '{path}': {what} '{name}' is not among 'tools'.", path)


def _only_allowed(key: str, beside: str) -> Refused:
    return invalid(f"Invalid value for '{key}': '{key}' is only allowed when '{beside}' are specified.", key)


def _references(allowed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    entries = allowed.get("tools")
    return (entry for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else iter(())


def _name(reference: dict[str, Any]) -> str | None:
    for kind in KINDS:
        inner = reference.get(kind)
        if isinstance(inner, dict) and isinstance(inner.get("name"), str):
            name: str = inner["name"]
            return name
    return None
