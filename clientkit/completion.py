"""Reads a chat completion that came in one piece, in any of the spellings that servers use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clientkit.errors import APIError
from clientkit.failure import described_error, error_in_body
from clientkit.printable import as_json, shortened
from clientkit.reply import Reply, ToolCall, with_usable_ids


def read_completion(body: Any) -> Reply:
    """The reply that a completion (parsed JSON) holds. Raises APIError if it holds none."""
    if described := described_error(body):
        raise error_in_body(described)
    choice = first_choice(body)
    message = choice.get("message") if choice else None
    if not choice or not isinstance(message, dict):
        raise unreadable(as_json(body))
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list):
        raise unreadable(as_json(body))
    if legacy := message.get("function_call"):
        calls = [*calls, {"function": legacy}]
    return Reply(
        text=_characters(text_of(message.get("content"))),
        refusal=_characters(text_of(message.get("refusal"))) or None,
        calls=with_usable_ids(_read_call(call, body) for call in calls),
        finish=finish_of(choice),
        usage=usage if isinstance(usage := body.get("usage"), dict) else None,
        reasoning=_characters(text_of(message.get("reasoning_content"))) or None,
    )


def unreadable(body: str) -> APIError:
    """The error for a successful answer that holds no reply."""
    return APIError(
        f"The server answered, but not with a chat completion. It begins: {shortened(body, 200) or '(empty)'}",
        status=200,
        code="unreadable_reply",
    )


def first_choice(body: Any) -> dict[str, Any] | None:
    """The choice with index 0 of a completion or a chunk, or the only one without an index."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list):
        return None
    return next((choice for choice in choices if isinstance(choice, dict) and not index_of(choice.get("index"))), None)


def index_of(value: Any) -> int | None:
    """A place in a list that was sent as a number or as text; None if it is neither."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def finish_of(choice: Mapping[str, Any]) -> str | None:
    """The finish reason, None if there is none yet."""
    finish = choice.get("finish_reason")
    return str(finish) if finish else None


def text_of(content: Any) -> str | None:
    """The text of a message's content: a string, or the text parts of a list; None if it has none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str)) or None
    return None


def arguments_text(arguments: Any) -> str:
    """The arguments as text: as written, an object as its JSON, nothing as the empty text."""
    if arguments is None:
        return ""
    return arguments if isinstance(arguments, str) else as_json(arguments)


def function_of(call: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a call that names the function; a custom tool's input stands in for its arguments."""
    function = call.get("function")
    if isinstance(function, dict):
        return function
    custom = call.get("custom")
    return {"name": custom.get("name"), "arguments": custom.get("input")} if isinstance(custom, dict) else {}


def _characters(text: str | None) -> str | None:
    """The text without halves of characters, which could neither be shown nor sent."""
    return None if text is None else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read_call(call: Any, body: Any) -> ToolCall:
    if not isinstance(call, dict):
        raise unreadable(as_json(body))
    function = function_of(call)
    identity, extra = call.get("id"), call.get("extra_content")
    return ToolCall(
        id="" if identity is None else str(identity),
        name=str(function.get("name") or ""),
        arguments=arguments_text(function.get("arguments")),
        extra_content=extra if isinstance(extra, dict) else None,
    )
