"""Errors as Google's services word them: `{"error": {"code", "message", "status", "details"}}`."""

from collections.abc import Mapping
from typing import Any

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.chat.api_errors import HIGHEST, LOWEST, api_error
from mockserver.steps import Step
from mockserver.wire.chat_completions.render import dated
from mockserver.wire.codec import encode
from mockserver.wire.gemini.framing import plain
from mockserver.wire.identity import Identity
from mockserver.wire.provider import Occasion, Provider

JsonObject = dict[str, Any]
Headers = Mapping[str, str]

_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_MESSAGES = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    429: "You exceeded your current quota, please check your plan and billing details. For more information on this "
    "error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.",
    500: "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/"
    "troubleshooting",
    503: "The model is overloaded. Please try again later.",
    504: "Deadline expired before operation could complete.",
}
_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other "
    "form of API consumer identity to call this API."
)
_WRONG_KEY = "API key not valid. Please pass a valid API key."
_INFO, _RETRY = "type.googleapis.com/google.rpc.ErrorInfo", "type.googleapis.com/google.rpc.RetryInfo"
_OWN = frozenset({"host_not_allowed", "origin_not_allowed", "state_unavailable", "no_test_running"})
_LIMITED = ("Rate limit reached for", "Request too large for")


def error_body(error: ApiError) -> JsonObject:
    """The body of an error; what a script leaves open has the service's own words for the status."""
    if error.type == MOCK_ERROR:
        details = [{"@type": _INFO, "reason": error.code, "domain": "mockserver"}]
        details += [dict(error.extra)] if error.extra else []
        return {"error": {"code": error.status, "message": error.message, "status": "MOCK_ERROR", "details": details}}
    message, word = _words(error)
    said: JsonObject = {"code": error.status, "message": message, "status": word}
    extra = dict(error.extra)
    details = list(extra.pop("details", ()))
    if error.code in _OWN:
        details.append({"@type": _INFO, "reason": error.code, "domain": "mockserver"})
    if "retry-after" in error.headers:
        details.append({"@type": _RETRY, "retryDelay": f"{error.headers['retry-after']}s"})
    if details:
        said["details"] = details
    return {"error": {**said, **extra}}


def _words(error: ApiError) -> tuple[str, str]:
    """The message and the word for the status: the service's own where a script gave none."""
    word = _WORDS.get(error.status) or ("INVALID_ARGUMENT" if error.status < 500 else "INTERNAL")
    if not LOWEST <= error.status <= HIGHEST:
        return error.message, word
    usual = api_error(error.status, code=error.code)
    if error.status == 429 and error.message.startswith(_LIMITED):
        return _MESSAGES[429], word
    is_usual = error.message == usual.message and error.type == usual.type
    message = _MESSAGES.get(error.status, error.message) if is_usual else error.message
    return message, word if error.type in (usual.type, "invalid_request_error") else error.type


def refuse(
    error: ApiError,
    headers: Headers,
    *,
    time_scale: float = 1.0,
    provider: Provider | None = None,
    occasion: Occasion | None = None,
) -> list[Step]:
    """The response that says an error; a recorded one is sent as it was."""
    del provider, occasion
    data = encode(error_body(error))
    if error.sent is not None:
        from mockserver.wire.chat_completions.replay import render_recorded_error

        return render_recorded_error(error, headers, data, time_scale)
    steps = plain(error.status, data, {**headers, **error.headers})
    return steps if error.retry_at is None else dated(steps, error.retry_at)


def unauthorized(key: str) -> ApiError:
    """The error for a key that does not open the server, "" for none."""
    if not key:
        return ApiError(403, _NO_KEY, "PERMISSION_DENIED")
    info = {"@type": _INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"}}  # fmt: skip
    return ApiError(400, _WRONG_KEY, "INVALID_ARGUMENT", extra={"details": [info]})


def unknown_model(model: str) -> ApiError:
    """The error for a model that is not served."""
    message = f"models/{model} is not found for API version v1beta, or is not supported for generateContent. Call "
    message += "ModelService.ListModels to see the list of available models and their supported methods."
    return ApiError(404, message, "NOT_FOUND")


def response_headers(identity: Identity, status: int, limits: Headers) -> dict[str, str]:
    """The headers of a response; this service has none that say what is left of a limit."""
    del status, limits
    timing = f"gfet4t7; dur={identity.processing_milliseconds}"
    return {"vary": "Origin, X-Origin, Referer", "server-timing": timing, "x-content-type-options": "nosniff"}
