"""The contents of a request → messages.

Model contents in a row are one assistant message. A user content that holds results is these results, and a user
message after them where it holds text, too.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mockserver.chat import Message, Thinking, ToolCall
from mockserver.wire.call_pairing import paired
from mockserver.wire.json_text import dump

JsonObject = dict[str, Any]

MODEL = "model"
_WRAPPERS = ("result", "output", "return_value")
"""The keys under which SDKs put a value that is not an object."""


class Turn(NamedTuple):
    """Contents of one side in a row: who speaks, and all their parts."""

    role: str
    parts: list[JsonObject]


def listed(value: Any) -> list[Any]:
    """A repeated field: the service takes a single value for a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def turns_of(contents: Any) -> list[Turn]:
    """The contents by turns; the role is the user's where none is given."""
    found: list[Turn] = []
    for entry in listed(contents):
        content = {"parts": [{"text": entry}]} if isinstance(entry, str) else entry
        if not isinstance(content, dict):
            continue
        role = MODEL if content.get("role") == MODEL else "user"
        parts = [part for part in listed(content.get("parts")) if isinstance(part, dict)]
        if found and found[-1].role == role == MODEL:
            found[-1].parts.extend(parts)
        else:
            found.append(Turn(role, parts))
    return found


def read_messages(system: Any, contents: Any) -> tuple[Message, ...]:
    """The conversation, with the system's instruction before it."""
    found: list[Message] = []
    instruction = turns_of(system)
    text = _texts(part for turn in instruction for part in turn.parts)
    if text is not None:
        found.append(Message("system", text))
    for turn in turns_of(contents):
        found += [_assistant(turn.parts)] if turn.role == MODEL else _user(turn.parts)
    return paired(found)


def _assistant(parts: list[JsonObject]) -> Message:
    thoughts = [part for part in parts if part.get("thought") is True]
    said = [part["text"] for part in parts if part not in thoughts and isinstance(part.get("text"), str)]
    calls = tuple(call for part in parts if (call := _call(part.get("functionCall"))) is not None)
    thinking = "".join([part["text"] for part in thoughts if isinstance(part.get("text"), str)])
    signature = next(
        (part["thoughtSignature"] for part in parts if isinstance(part.get("thoughtSignature"), str)), None
    )
    return Message(
        "assistant",
        "".join(said) or (None if calls else ""),
        calls,
        thinking=Thinking(thinking, signature) if thinking or signature else None,
    )


def _call(entry: Any) -> ToolCall | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return None
    own = entry.get("id")
    return ToolCall(entry["name"], dump(entry.get("args") or {}), own if isinstance(own, str) and own else None)


def _user(parts: list[JsonObject]) -> Iterator[Message]:
    results = [part["functionResponse"] for part in parts if isinstance(part.get("functionResponse"), dict)]
    for result in results:
        text, is_error = result_text(result.get("response"))
        own, name = result.get("id"), result.get("name")
        yield Message(
            "tool",
            text,
            tool_call_id=own if isinstance(own, str) and own else None,
            name=name if isinstance(name, str) else None,
            is_error=is_error,
        )
    rest = [part for part in parts if not isinstance(part.get("functionResponse"), dict)]
    if rest or not results:
        shown = [_part(part) for part in rest]
        yield Message("user", _texts(rest), parts=tuple(shown) if _is_more_than_a_text(shown) else ())


def result_text(response: Any) -> tuple[str, bool]:
    """A result as text, and whether it is an error; what an SDK wrapped into an object is taken out of it."""
    value, is_error = response, False
    if isinstance(response, dict) and len(response) == 1:
        ((key, inner),) = response.items()
        is_error = key == "error"
        value = inner if is_error or key in _WRAPPERS else response
    return value if isinstance(value, str) else dump(value if value is not None else {}), is_error


def _texts(parts: Iterable[JsonObject]) -> str | None:
    found = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "\n".join(found) if found else None


def _part(part: JsonObject) -> JsonObject:
    """A part as chat completions has it, where it has one."""
    if isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    data = part.get("inlineData")
    if isinstance(data, dict):
        return {"type": "image_url", "image_url": {"url": f"data:{data.get('mimeType')};base64,{data.get('data')}"}}
    file = part.get("fileData")
    if isinstance(file, dict):
        return {"type": "image_url", "image_url": {"url": str(file.get("fileUri"))}}
    return dict(part)


def _is_more_than_a_text(parts: list[JsonObject]) -> bool:
    return len(parts) > 1 or any(part.get("type") != "text" for part in parts)
