"""The messages of a request: content blocks → messages of the neutral vocabulary.

A user message that holds results is those results, each a message of its own, and then a user message of what else it
holds. Assistant messages in a row are one message.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.chat import Message, Thinking, ToolCall

JsonObject = dict[str, Any]


def read_messages(system: Any, messages: Iterable[Any]) -> tuple[Message, ...]:
    """The conversation of a request, its system prompt first; what cannot be understood is passed over."""
    found: list[Message] = []
    prompt = text_of(system)
    if prompt:
        found.append(Message("system", prompt))
    for entry in messages:
        role = entry.get("role") if isinstance(entry, dict) else None
        content = entry.get("content") if isinstance(entry, dict) else entry
        if role == "assistant":
            message = _assistant(content)
            if found and found[-1].role == "assistant":
                message = _joined(found.pop(), message)
            found.append(message)
        elif role == "system":
            found.append(Message("system", text_of(content)))
        else:
            found += _user(content)
    return tuple(found)


def text_of(content: Any) -> str:
    """The text of a content: itself, or its text blocks joined by a newline."""
    if content is None or isinstance(content, str):
        return content or ""
    texts = [block["text"] for block in blocks_of(content) if isinstance(block.get("text"), str)]
    return "\n".join(texts)


def blocks_of(content: Any) -> list[JsonObject]:
    """The blocks of a content; a text is one block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _user(content: Any) -> Iterator[Message]:
    blocks = blocks_of(content)
    results = [block for block in blocks if block.get("type") == "tool_result"]
    for result in results:
        answer, call_id = result.get("content"), result.get("tool_use_id")
        yield Message(
            "tool",
            text_of(answer),
            tool_call_id=call_id if isinstance(call_id, str) else None,
            parts=_parts(answer),
            is_error=result.get("is_error") is True,
        )
    rest = [block for block in blocks if block.get("type") != "tool_result"]
    if rest or not results:
        yield Message("user", text_of(rest) if rest else text_of(content), parts=_parts(rest))


def _parts(content: Any) -> tuple[JsonObject, ...]:
    """The blocks of a content that is more than one text, without marks that only concern the cache."""
    blocks = blocks_of(content) if isinstance(content, list) else []
    if not blocks or (len(blocks) == 1 and isinstance(blocks[0].get("text"), str)):
        return ()
    return tuple([{key: value for key, value in block.items() if key != "cache_control"} for block in blocks])


def _assistant(content: Any) -> Message:
    blocks = blocks_of(content)
    calls = tuple([_call(block) for block in blocks if block.get("type") == "tool_use"])
    return Message("assistant", text_of(blocks) or (None if calls else ""), calls, thinking=_thinking(blocks))


def _call(block: JsonObject) -> ToolCall:
    name, call_id = block.get("name"), block.get("id")
    given = block.get("input")
    # Broken arguments come back wrapped so that they fit into an object.
    if isinstance(given, dict) and given.keys() == {"INVALID_JSON"} and isinstance(given["INVALID_JSON"], str):
        arguments = given["INVALID_JSON"]
    else:
        arguments = given if isinstance(given, str) else json.dumps({} if given is None else given, ensure_ascii=False)
    return ToolCall(name if isinstance(name, str) else "", arguments, call_id if isinstance(call_id, str) else None)


def _thinking(blocks: Iterable[JsonObject]) -> Thinking | None:
    found = [block for block in blocks if block.get("type") == "thinking"]
    if not found:
        return None
    texts = [block["thinking"] for block in found if isinstance(block.get("thinking"), str)]
    signature = found[-1].get("signature")
    return Thinking("\n".join(texts), signature if isinstance(signature, str) else None)


def _joined(first: Message, second: Message) -> Message:
    texts = [text for text in (first.content, second.content) if text]
    return Message(
        "assistant",
        "\n".join(texts) or first.content,
        (*first.tool_calls, *second.tool_calls),
        thinking=first.thinking if second.thinking is None else second.thinking,
    )
