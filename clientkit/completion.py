"""Parses what a server answers: a chat completion in one piece, or an error in any shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from clientkit.display import as_json, printable, shorten
from clientkit.errors import APIError
from clientkit.reply import (
    Reply,
    ToolCall,
    arguments_text,
    finish_of,
    first_choice,
    function_of,
    text_of,
    with_usable_ids,
)
from clientkit.retry import retry_after_of, should_retry_of

MESSAGE_LIMIT = 4000
"""Characters of a server's error message that are kept."""


def read_completion(body: Any) -> Reply:
    """Parse a chat completion (as JSON) into a reply.

    Raises:
        APIError: It does not hold one.
    """
    if described := error_object(body):
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
        f"The server answered, but not with a chat completion. It begins: {shorten(body, 200) or '(empty)'}",
        status=200,
        code="unreadable_reply",
    )


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


def error_from_response(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The error that a response with this status, these headers (lower-case names) and this body stands for."""
    try:
        described = error_object(json.loads(body))
    except (ValueError, RecursionError):
        described = None
    described = described or {"message": _plain_message(status, body)}
    return _error(described, status, headers)


def error_in_body(described: Mapping[str, Any]) -> APIError:
    """The error in the body of an answer whose status is 200."""
    return _error({**described, "code": described.get("code") or "unreadable_reply"}, 200, {})


def error_from_event(described: Mapping[str, Any], partial: Reply) -> APIError:
    """The error in an event of a stream."""
    return _error(described, None, {}, partial)


def error_object(value: Any) -> dict[str, Any] | None:
    """The part of a JSON value that describes an error, None if nothing does."""
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {**value, "message": value.get("message") or error}
    if value.get("object") == "error" or ("choices" not in value and isinstance(value.get("message"), str)):
        return value
    return None


def _error(
    described: Mapping[str, Any], status: int | None, headers: Mapping[str, str], partial: Reply | None = None
) -> APIError:
    message = str(described.get("message") or "the server gave no reason")
    return APIError(
        printable(message[:MESSAGE_LIMIT], lines=True),
        status=status,
        code=_text(described.get("code")),
        param=_text(described.get("param")),
        request_id=request_id_of(headers) or _text(described.get("requestId")),
        retry_after=retry_after_of(headers),
        should_retry=should_retry_of(headers),
        partial=partial,
    )


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The name under which the server knows a request; header names are lower-case."""
    return headers.get("x-request-id") or headers.get("x-inference-id")


def _text(value: Any) -> str | None:
    return None if value is None else shorten(str(value), 200)


def _plain_message(status: int, body: bytes) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    text = shorten(body.decode("utf-8", "replace").strip(), 200)
    return f"{phrase}, and no JSON that explains it" + (f"; it begins: {text}" if text else "; the body is empty")
