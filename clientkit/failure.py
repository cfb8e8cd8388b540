"""Reads the error that a server describes, in whichever shape it does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from clientkit.errors import APIError
from clientkit.printable import printable, shortened
from clientkit.reply import Reply
from clientkit.retry import asked_retry, asked_wait

MESSAGE_LIMIT = 4000


def error_from_response(status: int, headers: Mapping[str, str], body: bytes) -> APIError:
    """The error that a response with this status, these headers (lower-case names) and this body stands for."""
    try:
        described = described_error(json.loads(body))
    except (ValueError, RecursionError):
        described = None
    described = described or {"message": _plain_message(status, body)}
    return _error(described, status, headers)


def error_in_body(described: Mapping[str, Any]) -> APIError:
    """The error that a server told in an answer whose status says that all is well."""
    return _error({**described, "code": described.get("code") or "unreadable_reply"}, 200, {})


def error_from_event(described: Mapping[str, Any], partial: Reply) -> APIError:
    """The error that a server told in the middle of a stream."""
    return _error(described, None, {}, partial)


def described_error(value: Any) -> dict[str, Any] | None:
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
        retry_after=asked_wait(headers),
        should_retry=asked_retry(headers),
        partial=partial,
    )


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The name under which the server knows a request; header names are lower-case."""
    return headers.get("x-request-id") or headers.get("x-inference-id")


def _text(value: Any) -> str | None:
    return None if value is None else shortened(str(value), 200)


def _plain_message(status: int, body: bytes) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    text = shortened(body.decode("utf-8", "replace").strip(), 200)
    return f"{phrase}, and no JSON that explains it" + (f"; it begins: {text}" if text else "; the body is empty")
