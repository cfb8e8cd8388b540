"""The items of `input` and of `output` → messages: output items between two inputs are one assistant message."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.chat import Message, Role, Thinking, ToolCall
from mockserver.wire.codec import encode
from mockserver.wire.responses.encrypted_content import opened

JsonObject = dict[str, Any]

ROLES = ("assistant", "system", "developer", "user")
CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""The items that call a tool, and the key of what it is called with."""
RESULTS = ("function_call_output", "custom_tool_call_output")
PASSED_OVER = frozenset({"item_reference", "additional_tools", "compaction_trigger"})
"""Items that say nothing in the conversation itself."""


def items_of(value: Any) -> list[JsonObject]:
    """The items of an input: a string is the user's message."""
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    entries = value if isinstance(value, list) else [] if value is None else [value]
    return [entry if isinstance(entry, dict) else {"role": "user", "content": str(entry)} for entry in entries]


def kind_of(item: JsonObject) -> str:
    """The type of an item; one without a type is a message, or a reference where it has nothing but an id."""
    kind = item.get("type")
    if isinstance(kind, str):
        return kind
    return "item_reference" if "role" not in item and "id" in item else "message"


def messages_of(instructions: Any, items: Iterable[JsonObject]) -> tuple[Message, ...]:
    """The conversation: the instructions as a system message, then the items."""
    found = [Message("system", text_of(instructions))] if instructions else []
    turn = _Turn()
    for item in items:
        kind = kind_of(item)
        if kind in PASSED_OVER:
            continue
        if kind == "compaction":
            found += [*turn.messages(), *_compacted(item)]
            turn = _Turn()
            continue
        if kind in RESULTS:
            found += [*turn.messages(), _result(item)]
            turn = _Turn()
        elif kind == "message" and item.get("role") != "assistant":
            found += [*turn.messages(), _message(item)]
            turn = _Turn()
        else:
            turn.add(kind, item)
    return (*found, *turn.messages())


class _Turn:
    """What the model said between two inputs."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._refusal: str | None = None
        self._thinking: list[str] = []
        self._signature: str | None = None
        self._calls: list[ToolCall] = []
        self._is_open = False

    def add(self, kind: str, item: JsonObject) -> None:
        """One more item of the model's."""
        self._is_open = True
        if kind == "message":
            text = text_of(item.get("content"))
            self._texts += [text] if text else []
            self._refusal = refusal_of(item.get("content")) or self._refusal
        elif kind in CALLS:
            self._calls.append(_call(kind, item))
        elif kind == "reasoning" and (thinking := thinking_of(item)):
            self._thinking.append(thinking)
            self._signature = encrypted if isinstance(encrypted := item.get("encrypted_content"), str) else None

    def messages(self) -> list[Message]:
        """The message, if the model said anything."""
        if not self._is_open:
            return []
        text = "\n".join(self._texts) if self._texts else None
        thinking = Thinking("\n".join(self._thinking), self._signature) if self._thinking else None
        return [Message("assistant", text, tuple(self._calls), refusal=self._refusal, thinking=thinking)]


def _compacted(item: JsonObject) -> list[Message]:
    """What an item of ours stands for, as a note to the model; one that cannot be opened says nothing."""
    encrypted = item.get("encrypted_content")
    text = opened(encrypted) if isinstance(encrypted, str) else None
    return [Message("system", text)] if text else []


def _message(item: JsonObject) -> Message:
    role: Role = item["role"] if item.get("role") in ROLES else "user"
    return Message(role, text_of(item.get("content")), parts=parts_of(item.get("content")))


def _result(item: JsonObject) -> Message:
    output = item.get("output")
    call_id = item.get("call_id")
    return Message(
        "tool", text_of(output), tool_call_id=call_id if isinstance(call_id, str) else None, parts=parts_of(output)
    )


def _call(kind: str, item: JsonObject) -> ToolCall:
    given, call_id = item.get(CALLS[kind]), item.get("call_id")
    text = given if isinstance(given, str) else "" if given is None else encode(given).decode()
    return ToolCall(
        str(item.get("name") or ""),
        text,
        call_id if isinstance(call_id, str) else None,
        kind="custom" if kind == "custom_tool_call" else "function",
    )


def text_of(content: Any) -> str | None:
    """The text of a content: itself, or its text parts joined by a newline."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        return encode(content).decode()
    texts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "\n".join(texts)


def refusal_of(content: Any) -> str | None:
    """The refusal in a content of the model's."""
    parts: Sequence[Any] = content if isinstance(content, list) else ()
    found = [part["refusal"] for part in parts if isinstance(part, dict) and isinstance(part.get("refusal"), str)]
    return "\n".join(found) or None


def parts_of(content: Any) -> tuple[JsonObject, ...]:
    """The parts of a content that is more than one text."""
    if not isinstance(content, list):
        return ()
    parts = [part for part in content if isinstance(part, dict)]
    return () if len(parts) == 1 and isinstance(parts[0].get("text"), str) else tuple(parts)


def thinking_of(item: JsonObject) -> str | None:
    """What a reasoning item says of the model's thinking: its sealed text, its content, or its summary."""
    encrypted = item.get("encrypted_content")
    if isinstance(encrypted, str) and (text := opened(encrypted)) is not None:
        return text
    return text_of(item.get("content")) or text_of(item.get("summary")) or None
