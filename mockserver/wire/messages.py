"""The messages of a request: wire → chat, with the API's checks of each message by itself."""

from typing import Any

from mockserver.chat import Message, ToolCall
from mockserver.wire.codec import encode
from mockserver.wire.refusal import empty_array, invalid, missing, not_supported, wrong_type
from mockserver.wire.tools import check_name

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_PARTS = {
    "system": ("text",),
    "developer": ("text",),
    "tool": ("text",),
    "assistant": ("text", "refusal"),
    "user": ("text", "image_url", "input_audio", "file"),
}


def read_message(entry: Any) -> Message:
    """A message as far as it can be understood; extra keys that SDKs send back are passed over."""
    if not isinstance(entry, dict):
        return Message("user", str(entry))
    calls = entry.get("tool_calls")
    return Message(
        entry.get("role") if entry.get("role") in ROLES else "user",  # type: ignore[arg-type]  # one of ROLES by now
        content_text(entry.get("content")),
        tuple(read_call(call) for call in calls if isinstance(call, dict)) if isinstance(calls, list) else (),
        _text(entry.get("tool_call_id")),
        _text(entry.get("name")),
    )


def read_call(entry: dict[str, Any]) -> ToolCall:
    """A tool call of the history, its arguments as the text that they are."""
    function = entry.get("function")
    if not isinstance(function, dict):
        return ToolCall("", "", _text(entry.get("id")))
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else encode(arguments).decode() if arguments is not None else ""
    return ToolCall(str(function.get("name") or ""), text, _text(entry.get("id")))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def content_text(content: Any) -> str | None:
    """The text of a message's content: itself, or its text parts joined by a newline."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        return encode(content).decode()
    texts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "\n".join(texts)


def check_messages(value: Any) -> None:
    """The rules for each message by itself.

    Raises:
        Refused: a message breaks them.
    """
    if not isinstance(value, list):
        raise wrong_type("messages", "an array of objects", value)
    if not value:
        raise empty_array("messages")
    for index, entry in enumerate(value):
        if not isinstance(entry, dict):
            raise wrong_type(f"messages[{index}]", "an object", entry)
        _check_message(f"messages[{index}]", entry, index)


def _check_message(path: str, entry: dict[str, Any], index: int) -> None:
    role = entry.get("role")
    if role is None:
        raise missing(f"{path}.role")
    if role not in ROLES:
        if not isinstance(role, str):
            raise wrong_type(f"{path}.role", "a string", role)
        raise not_supported(f"{path}.role", role, ROLES)
    for key in ("tool_call_id", "name"):
        if not isinstance(entry.get(key), str | None):
            raise wrong_type(f"{path}.{key}", "a string", entry[key])
    content = entry.get("content")
    if role == "assistant":
        _check_calls(path, entry)
        if content is None and (entry.get("tool_calls") or entry.get("function_call") or entry.get("refusal")):
            return
    if content is None and role != "function":
        if "content" not in entry:
            raise missing(f"{path}.content")
        message = "Invalid value for 'content': expected a string, got null."
        raise invalid(message, f"messages.[{index}].content")
    if not isinstance(content, str | None):
        _check_parts(f"{path}.content", content, role)


def _check_parts(path: str, content: Any, role: str) -> None:
    if not isinstance(content, list):
        raise wrong_type(path, "one of a string or array of objects", content)
    if not content:
        raise empty_array(path)
    for index, part in enumerate(content):
        if not isinstance(part, dict):
            raise wrong_type(f"{path}[{index}]", "an object", part)
        if "type" not in part:
            raise missing(f"{path}[{index}].type")
        kinds = _PARTS.get(role, ("text",))
        if part["type"] not in kinds:
            raise not_supported(f"{path}[{index}].type", part["type"], kinds)
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            if part.get("text") is None:
                raise missing(f"{path}[{index}].text")
            raise wrong_type(f"{path}[{index}].text", "a string", part["text"])


def _check_calls(path: str, entry: dict[str, Any]) -> None:
    calls = entry.get("tool_calls")
    if calls is None:
        return
    if not isinstance(calls, list):
        raise wrong_type(f"{path}.tool_calls", "an array of objects", calls)
    if not calls:
        raise empty_array(f"{path}.tool_calls")
    for index, call in enumerate(calls):
        where = f"{path}.tool_calls[{index}]"
        if not isinstance(call, dict):
            raise wrong_type(where, "an object", call)
        if call.get("id") is None:
            raise missing(f"{where}.id")
        if not isinstance(call["id"], str):
            raise wrong_type(f"{where}.id", "a string", call["id"])
        _check_called_function(f"{where}.function", call.get("function"))


def _check_called_function(path: str, function: Any) -> None:
    if function is None:
        raise missing(path)
    if not isinstance(function, dict):
        raise wrong_type(path, "an object", function)
    for key in ("name", "arguments"):
        if function.get(key) is None:
            raise missing(f"{path}.{key}")
    check_name(f"{path}.name", function["name"])
    if not isinstance(function["arguments"], str):
        raise wrong_type(f"{path}.arguments", "a string", function["arguments"])
