"""The messages of a request: wire → chat, with the API's checks of each message and of the conversation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.chat import Message, ToolCall, ToolKind
from mockserver.wire.chat_completions.reasoning import thinking_in
from mockserver.wire.chat_completions.tools import KINDS, check_name, check_pattern
from mockserver.wire.codec import encode
from mockserver.wire.models import Family
from mockserver.wire.refusal import Refused, empty_array, invalid, missing, not_supported, too_long, wrong_type

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
ID_LENGTH = 40
_NAME = r"^[^\s<|\\/>]+$"  # agentscope-ai/agentscope-java#2347, microsoft/semantic-kernel#9340
_SAID_OTHERWISE = ("tool_calls", "function_call", "refusal", "audio")
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


def read_messages(value: Any) -> tuple[Message, ...]:
    """The messages of a request; a single value counts as a list of one."""
    return tuple([read_message(entry) for entry in (value if isinstance(value, list) else [value])])


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
    if entry.get("name"):
        check_pattern(f"{path}.name", entry["name"], _NAME)
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


def check_calls(path: str, entry: dict[str, Any], family: Family) -> None:
    """The rules for `tool_calls` and for `function_call`, the form before it.

    Raises:
        Refused: a call breaks them.
    """
    legacy = entry.get("function_call")
    if legacy is not None:
        _check_called(f"{path}.function_call", legacy, "arguments", family)
    calls = entry.get("tool_calls")
    if calls is None:
        return
    if not isinstance(calls, list):
        raise wrong_type(f"{path}.tool_calls", "an array of objects", calls)
    if not calls:
        raise empty_array(f"{path}.tool_calls")
    for index, call in enumerate(calls):
        _check_call(f"{path}.tool_calls[{index}]", call, family)


def _check_call(path: str, call: Any, family: Family) -> None:
    if not isinstance(call, dict):
        raise wrong_type(path, "an object", call)
    call_id, kind = call.get("id"), call.get("type")
    if call_id is None:
        raise missing(f"{path}.id")
    if not isinstance(call_id, str):
        raise wrong_type(f"{path}.id", "a string", call_id)
    if len(call_id) > ID_LENGTH:
        raise too_long(f"{path}.id", "string", ID_LENGTH, len(call_id))
    if kind is None:
        raise missing(f"{path}.type")
    if kind not in KINDS:
        raise not_supported(f"{path}.type", kind, KINDS)
    _check_called(f"{path}.{kind}", call.get(kind), "input" if kind == "custom" else "arguments", family)


def _check_called(path: str, called: Any, said: str, family: Family) -> None:
    """What is called, and with what: arguments and inputs are always text."""
    if called is None:
        raise missing(path)
    if not isinstance(called, dict):
        raise wrong_type(path, "an object", called)
    for key in ("name", said):
        if called.get(key) is None:
            raise missing(f"{path}.{key}")
    check_name(f"{path}.name", called["name"], family)
    if not isinstance(called[said], str):
        raise wrong_type(f"{path}.{said}", "a string", called[said])


def check_conversation(messages: Sequence[dict[str, Any]], family: Family) -> None:
    """Tool results follow the assistant message that asked for them, one for each id, before any other role.

    The API writes the paths of these faults with a dot before the bracket: `messages.[2].role`.

    Raises:
        Refused: a result answers nothing, answers twice, or is missing; a message says nothing.
    """
    open_ids: dict[str, None] = {}
    answered: dict[str, int] = {}
    for index, message in enumerate(messages):
        role = message["role"]
        if message.get("content") is None and family.older and not _may_be_silent(message):
            raise invalid("Invalid value for 'content': expected a string, got null.", f"messages.[{index}].content")
        if role == "tool":
            _answered_call(index, message, open_ids, answered)
            continue
        if open_ids:
            raise _unanswered(index, open_ids)
        if answered:
            answered = {}
        if role == "assistant" and message.get("tool_calls"):
            open_ids = {call["id"]: None for call in message["tool_calls"]}
        elif role == "function" and not message.get("name"):
            text = "Missing parameter 'name': messages with role 'function' must have a 'name'."
            raise invalid(text, f"messages.[{index}].name")
    if open_ids:
        raise _unanswered(len(messages), open_ids)


def _may_be_silent(message: dict[str, Any]) -> bool:
    """Whether a message says something without content; only a model's own message can."""
    role = message["role"]
    return role == "function" or (role == "assistant" and any(message.get(key) for key in _SAID_OTHERWISE))


def _answered_call(index: int, message: dict[str, Any], open_ids: dict[str, None], answered: dict[str, int]) -> None:
    if not open_ids and not answered:
        text = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
        raise invalid(text + "with 'tool_calls'.", f"messages.[{index}].role")
    call_id = message.get("tool_call_id")
    if call_id is None:
        text = "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'."
        raise invalid(text, f"messages.[{index}].tool_call_id")
    if call_id in answered:
        text = f"Invalid parameter: Duplicate value for 'tool_call_id' of '{call_id}', "
        text += f"in messages[{answered[call_id]}] and messages[{index}]."
        raise invalid(text, f"messages.[{index}].tool_call_id")
    if call_id not in open_ids:
        text = f"Invalid parameter: 'tool_call_id' of '{call_id}' not found in 'tool_calls' of previous message."
        raise invalid(text, f"messages.[{index}].tool_call_id")
    del open_ids[call_id]
    answered[call_id] = index


def _unanswered(index: int, ids: Iterable[str]) -> Exception:
    text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
    text += "'tool_call_id'. The following tool_call_ids did not have response messages: "
    return invalid(text + ", ".join(ids), f"messages.[{index}].role")
