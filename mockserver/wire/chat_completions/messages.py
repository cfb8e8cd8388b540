"""The messages of a request: wire → chat, with the API's checks of each message by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.chat import Message, ToolCall, ToolKind
from mockserver.wire.chat_completions.history import ID_LENGTH, check_calls
from mockserver.wire.chat_completions.reasoning import thinking_in
from mockserver.wire.codec import encode
from mockserver.wire.models import Family
from mockserver.wire.refusal import Refused, empty_array, invalid, missing, not_supported, too_long, wrong_type

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_CALLING = frozenset({"tool_calls", "function_call"})
_FIELDS: Mapping[str, tuple[str, ...]] = {"image_url": ("url",), "input_audio": ("data", "format"), "file": ()}
_CONTENT = "one of a string or array of objects"
_SOUNDS = ("wav", "mp3")
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
    return Message(
        entry.get("role") if entry.get("role") in ROLES else "user",  # type: ignore[arg-type]  # one of ROLES by now
        content_text(entry.get("content")),
        _calls(entry) if entry.keys() & _CALLING else (),
        _text(entry.get("tool_call_id")),
        _text(entry.get("name")),
        _text(entry.get("refusal")),
        _parts(entry.get("content")),
        thinking_in(entry) if entry.get("role") == "assistant" else None,
    )


def _calls(entry: dict[str, Any]) -> tuple[ToolCall, ...]:
    """The calls of an assistant message; a `function_call`, the form before `tool_calls`, has no id."""
    calls = entry.get("tool_calls")
    if isinstance(calls, list):
        return tuple(read_call(call) for call in calls if isinstance(call, dict))
    legacy = entry.get("function_call")
    return (read_call({"function": legacy}),) if isinstance(legacy, dict) else ()


def read_call(entry: dict[str, Any]) -> ToolCall:
    """A tool call of the history, its arguments as the text that they are."""
    kind: ToolKind = "custom" if isinstance(entry.get("custom"), dict) else "function"
    called = entry.get(kind)
    if not isinstance(called, dict):
        return ToolCall("", "", _text(entry.get("id")))
    said = called.get("input" if kind == "custom" else "arguments")
    text = said if isinstance(said, str) else encode(said).decode() if said is not None else ""
    return ToolCall(str(called.get("name") or ""), text, _text(entry.get("id")), kind=kind)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _parts(content: Any) -> tuple[dict[str, Any], ...]:
    """The parts of a content that is more than one text."""
    if not isinstance(content, list) or (len(content) == 1 and _is_text(content[0])):
        return ()
    return tuple([part for part in content if isinstance(part, dict)])


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str)


def content_text(content: Any) -> str | None:
    """The text of a message's content: itself, or its text parts joined by a newline."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        return encode(content).decode()
    texts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "\n".join(texts)


def check_messages(value: Any, family: Family) -> None:
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
        _check_message(f"messages[{index}]", entry, family)


def _check_message(path: str, entry: dict[str, Any], family: Family) -> None:
    role = entry.get("role")
    _check_role(f"{path}.role", role, family)
    for key in ("tool_call_id", "name", "refusal"):
        if not isinstance(entry.get(key), str | None):
            raise wrong_type(f"{path}.{key}", "a string", entry[key])
    if role == "tool" and len(entry.get("tool_call_id") or "") > ID_LENGTH:
        raise too_long(f"{path}.tool_call_id", "string", ID_LENGTH, len(entry["tool_call_id"]))
    content = entry.get("content")
    if content is None:
        if role == "developer" and family.older:
            raise _silent_developer(f"{path}.content", entry)
    elif not isinstance(content, str):
        _check_parts(f"{path}.content", content, str(role), family)
    if role == "assistant":
        check_calls(path, entry, family)
        if entry.get("audio") is not None:
            _check_audio(f"{path}.audio", entry["audio"])


def _check_role(path: str, role: Any, family: Family) -> None:
    if role is None:
        raise missing(path)
    if not isinstance(role, str):
        raise wrong_type(path, "a string", role)
    if role not in ROLES:
        raise not_supported(path, role, ROLES)
    if role == "system" and not family.system_role:
        text = f"Unsupported value: '{path}' does not support 'system' with this model."
        raise invalid(text, path, "unsupported_value")


def _silent_developer(path: str, entry: dict[str, Any]) -> Refused:
    """A developer's message without content; that of other roles is found later, with the rules of conversations."""
    return wrong_type(path, _CONTENT, None) if "content" in entry else missing(path)


def _check_audio(path: str, audio: Any) -> None:
    """An answer that was spoken, told by its id."""
    if not isinstance(audio, dict):
        raise wrong_type(path, "an object", audio)
    _check_fields(path, audio, ("id",))


def _check_parts(path: str, content: Any, role: str, family: Family) -> None:
    if role == "function":
        raise wrong_type(path, "a string", content)
    if not isinstance(content, list):
        raise wrong_type(path, _CONTENT, content)
    if not content and family.older:
        raise empty_array(path)
    kinds = _PARTS.get(role, ("text",))
    for index, part in enumerate(content):
        where = f"{path}[{index}]"
        if not isinstance(part, dict):
            raise wrong_type(where, "an object", part)
        _check_part(where, part, kinds)


def _check_part(path: str, part: dict[str, Any], kinds: Sequence[str]) -> None:
    kind = part.get("type")
    if kind is None:
        raise missing(f"{path}.type")
    if kind not in kinds:
        raise not_supported(f"{path}.type", kind, kinds)
    inner, path = part.get(kind), f"{path}.{kind}"
    if inner is None:
        raise missing(path)
    if kind in ("text", "refusal"):
        if not isinstance(inner, str):
            raise wrong_type(path, "a string", inner)
        return
    if not isinstance(inner, dict):
        raise wrong_type(path, "an object", inner)
    _check_fields(path, inner, _FIELDS[kind])
    if kind == "input_audio" and inner["format"] not in _SOUNDS:
        raise not_supported(f"{path}.format", inner["format"], _SOUNDS)


def _check_fields(path: str, inner: dict[str, Any], fields: Sequence[str]) -> None:
    for key in fields:
        if inner.get(key) is None:
            raise missing(f"{path}.{key}")
        if not isinstance(inner[key], str):
            raise wrong_type(f"{path}.{key}", "a string", inner[key])
