"""API errors in the real API's words, by status, and the check of the headers that come with them."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mockserver.chat import ApiError

_INVALID = "invalid_request_error"
# status, code -> type, message
_TEXTS: dict[tuple[int, str | None], tuple[str, str]] = {
    (401, "invalid_api_key"): (
        _INVALID,
        "Incorrect API key provided: mock-***. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
    ),
    (404, "model_not_found"): (_INVALID, "The model does not exist or you do not have access to it."),
    (429, "rate_limit_exceeded"): (
        "requests",
        "Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. "
        "Visit https://platform.openai.com/account/rate-limits to learn more.",
    ),
    (429, "insufficient_quota"): (
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    (429, "slow_down"): ("rate_limit_error", "Slow down: the rate of requests rose too fast."),
    (500, None): ("server_error", "The server had an error while processing your request. Sorry about that!"),
    (503, "server_is_overloaded"): (
        "service_unavailable_error",
        "The engine is currently overloaded, please try again later.",
    ),
}
_USUAL_CODES: dict[int, str] = {
    401: "invalid_api_key",
    404: "model_not_found",
    429: "rate_limit_exceeded",
    503: "server_is_overloaded",
}
LOWEST, HIGHEST = 400, 599

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ENDS_A_LINE = {"\r": "a carriage return", "\n": "a line feed", "\0": "a NUL"}
"""Signs that may end a header, and begin another (RFC 9110, section 5.5)."""


def api_error(status: int, **given: Any) -> ApiError:
    """The API's error for this status; what is given (message, type, param, code, extra, headers) wins.

    `code=None`: the error has no code; without it the status has its usual one.

    Raises:
        ValueError: the status is not that of an error, or a header has a name or a value that none can have.
    """
    if not LOWEST <= status <= HIGHEST:
        raise ValueError(f"{status} is not the status of an error: expected {LOWEST} to {HIGHEST}")
    headers = given.get("headers") or {}
    for name, value in headers.items():
        if wrong := header_name_mistake(name) or header_value_mistake(value):
            raise ValueError(wrong)
    code = given["code"] if "code" in given else _USUAL_CODES.get(status)
    kind, message = _TEXTS.get((status, code), (_INVALID if status < 500 else "server_error", _phrase(status)))
    return ApiError(
        status,
        given["message"] if given.get("message") is not None else message,
        given.get("type") or kind,
        param=given.get("param"),
        code=code,
        extra=given.get("extra") or {},
        headers=headers,
    )


def refuse(
    status: int, *, message: str | None = None, code: str | None = None, retry_after: float | None = None
) -> ApiError:
    """An error in place of a reply, in the API's own shape: `refuse(429, retry_after=0)`.

    Raises:
        ValueError: the status is not that of an error.
    """
    given = {"code": code} if code is not None else {}
    return api_error(status, message=message, headers=retry_headers(retry_after, None), **given)


def retry_headers(seconds: float | None, milliseconds: float | None) -> Mapping[str, str]:
    """How the API tells a client when to come again."""
    given = {"retry-after": seconds, "retry-after-ms": milliseconds}
    return {name: f"{value:g}" for name, value in given.items() if value is not None}


def header_name_mistake(name: str) -> str | None:
    """What is wrong with a header's name."""
    if _TOKEN.fullmatch(name):
        return None
    return f"{name!r} is not the name of a header: expected letters, digits and any of !#$%&'*+-.^_`|~"


def header_value_mistake(value: str) -> str | None:
    """What is wrong with a header's value."""
    found = next((name for sign, name in _ENDS_A_LINE.items() if sign in value), None)
    return f"the value of a header cannot hold {found}, and {value!r} does" if found else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "The request failed."
