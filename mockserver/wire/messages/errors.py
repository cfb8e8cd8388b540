"""Errors as the Messages API words them, and its response headers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.chat.api_errors import HIGHEST, LOWEST, api_error
from mockserver.steps import Step
from mockserver.wire.codec import encode
from mockserver.wire.identity import Identity
from mockserver.wire.messages.framing import with_headers
from mockserver.wire.messages.ids import request_id
from mockserver.wire.messages.render import error_steps
from mockserver.wire.provider import Occasion, Provider

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_MESSAGES = {
    401: "invalid x-api-key",
    402: "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
    "purchase credits.",
    403: "Your API key does not have permission to use the specified resource.",
    404: "Not found",
    409: "The request conflicts with the current state of the resource.",
    413: "Request exceeds the maximum size",
    429: "This request would exceed your organization's rate limit of 30,000 input tokens per minute. For details, "
    "refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please "
    "reduce the prompt length or the maximum tokens requested, or try again later. You may also contact sales at "
    "https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.",
    500: "Internal server error",
    503: "Overloaded",
    504: "Request timed out",
    529: "Overloaded",
}
_CODES = frozenset({"host_not_allowed", "origin_not_allowed", "state_unavailable"})
_NO_KEY, _WRONG_KEY = "x-api-key header is required", "invalid x-api-key"
_ORGANIZATION = "00000000-0000-4000-8000-000000000000"
_UNITS = {"requests": ("requests",), "tokens": ("tokens", "input-tokens", "output-tokens")}
_LIMITED = "rate_limit_exceeded"
_FOREVER = 10_000_000


def error_body(error: ApiError, request: str) -> JsonObject:
    """The body of an error; what a script leaves open has the API's own words for the status."""
    kind, message = error.type, error.message
    if error.type != MOCK_ERROR and LOWEST <= error.status <= HIGHEST:
        usual = api_error(error.status, code=error.code)
        if error.code == _LIMITED and error.type in _UNITS:
            return _limited(error, request)
        if error.type == usual.type:
            kind = _type_of(error.status)
        if error.message == usual.message and error.type == usual.type:
            message = _MESSAGES.get(error.status, error.message)
    said: JsonObject = {"type": kind, "message": message}
    if error.type == MOCK_ERROR and error.code is not None:
        said["code"] = error.code
    elif error.code in _CODES:
        said["details"] = {"error_code": error.code}
    return {"type": "error", "error": {**said, **error.extra}, "request_id": request}


def _limited(error: ApiError, request: str) -> JsonObject:
    """The body for a limit of this server: OpenAI's words for it are not this API's."""
    own = not error.message.startswith(("Rate limit reached for", "Request too large for"))
    said = {"type": _TYPES[429], "message": error.message if own else _MESSAGES[429]}
    return {"type": "error", "error": said, "request_id": request}


def _type_of(status: int) -> str:
    if status in _TYPES:
        return _TYPES[status]
    return "invalid_request_error" if status < 500 else "api_error"


def refuse(
    error: ApiError,
    headers: Headers,
    *,
    time_scale: float = 1.0,
    provider: Provider | None = None,
    occasion: Occasion | None = None,
) -> list[Step]:
    """The response that says an error."""
    body = error_body(error, headers.get("request-id", ""))
    own = provider is not None and provider.error is not None and error.sent is None and error.type != MOCK_ERROR
    if not own or provider is None or provider.error is None or occasion is None:
        return error_steps(error, encode(body), headers, time_scale)
    body = provider.error({"error": {**body["error"], "param": None, "code": None}}, error.status, occasion)
    return with_headers(error_steps(error, encode(body), headers, time_scale), provider, body, occasion)


def unauthorized(key: str) -> ApiError:
    """The error for a key that does not open the server, "" for none."""
    return ApiError(401, _WRONG_KEY if key else _NO_KEY, "authentication_error")


def unknown_model(model: str) -> ApiError:
    """The error for a model that is not served."""
    return ApiError(404, f"model: {model}", "not_found_error")


def response_headers(identity: Identity, status: int, limits: Headers) -> dict[str, str]:
    """The headers of a response: its id, the organization, and what is left of the rate limits.

    A 401 leaves out the account and its limits.
    """
    found = {"request-id": request_id(identity)}
    if status == 401:
        return found
    found["anthropic-organization-id"] = _ORGANIZATION
    reset = datetime.fromtimestamp(identity.created + _FOREVER, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for unit, names in _UNITS.items():
        for name in names:
            found[f"anthropic-ratelimit-{name}-limit"] = limits[f"x-ratelimit-limit-{unit}"]
            found[f"anthropic-ratelimit-{name}-remaining"] = limits[f"x-ratelimit-remaining-{unit}"]
            found[f"anthropic-ratelimit-{name}-reset"] = reset
    return found
