"""Messages and tools of a chat request → the vocabulary; what has another type counts as absent."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mockserver.chat import Message, Role, Thinking, Tool, ToolCall
from mockserver.wire.call_pairing import paired
from mockserver.wire.codec import decode, encode
from mockserver.wire.json_text import dump

JsonObject = dict[str, Any]

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def read_messages(value: Any) -> tuple[Message, ...]:
    """The messages; a result that has no id belongs to a call by its name, if it has one, and its order."""
    listed = value if isinstance(value, list) else []
    return paired([_message(entry) for entry in listed if isinstance(entry, dict)])


def _message(entry: JsonObject) -> Message:
    role = _ROLES.get(str(entry.get("role")).lower(), "user")
    content = _text(entry.get("content"))
    if role == "tool":
        return Message(
            role, content or "", tool_call_id=_text(entry.get("tool_call_id")), name=_text(entry.get("tool_name"))
        )
    thinking = _text(entry.get("thinking"))
    calls = entry.get("tool_calls") if role == "assistant" else None
    return Message(
        role,
        content if content or role != "assistant" else None,
        tuple(_calls(calls if isinstance(calls, list) else [])),
        parts=with_images(content or "", entry.get("images")),
        thinking=Thinking(thinking) if thinking else None,
    )


def with_images(text: str, images: Any) -> tuple[JsonObject, ...]:
    """The parts of a content with images, as chat completions has them; nothing where there are none."""
    pictures = [image for image in images if isinstance(image, str)] if isinstance(images, list) else []
    if not pictures:
        return ()
    shown = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}} for image in pictures]
    return ({"type": "text", "text": text}, *shown)


def _calls(entries: list[Any]) -> Iterator[ToolCall]:
    for entry in entries:
        function = entry.get("function") if isinstance(entry, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            arguments = function.get("arguments")
            written = arguments if isinstance(arguments, str) else dump(arguments if arguments is not None else {})
            yield ToolCall(function["name"], written, _text(entry.get("id")) or None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def read_tools(value: Any) -> tuple[Tool, ...]:
    """The functions as offered; the same list is read once."""
    return _read_tools(encode(value)) if value else ()


@lru_cache(maxsize=256)
def _read_tools(text: bytes) -> tuple[Tool, ...]:
    listed = decode(text)
    found = []
    for entry in listed if isinstance(listed, list) else []:
        function = entry.get("function") if isinstance(entry, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            schema = function.get("parameters")
            found.append(
                Tool(
                    function["name"],
                    _text(function.get("description")) or "",
                    schema if isinstance(schema, dict) else None,
                )
            )
    return tuple(found)
