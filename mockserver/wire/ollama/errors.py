"""Errors as Ollama words them: `{"error": TEXT}` and nothing else."""

from collections.abc import Mapping
from typing import Any

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.chat.api_errors import HIGHEST, LOWEST, api_error
from mockserver.steps import Step
from mockserver.wire.chat_completions.render import dated
from mockserver.wire.codec import encode
from mockserver.wire.identity import Identity
from mockserver.wire.ollama.framing import plain
from mockserver.wire.provider import Occasion, Provider

Headers = Mapping[str, str]

_MESSAGES = {
    400: "invalid request",
    401: "unauthorized",
    403: "ollama cloud is disabled: remote model is unavailable",
    404: "model not found",
    429: "you have reached your session usage limit, upgrade for higher limits: https://ollama.com/upgrade",
    500: "llama runner process has terminated: exit status 2",
    502: "dial tcp: connection refused",
    503: "server busy, please try again.  maximum pending requests exceeded",
}
_OWN = frozenset({"host_not_allowed", "origin_not_allowed", "state_unavailable", "no_test_running"})
_LIMITED = ("Rate limit reached for", "Request too large for")


def error_body(error: ApiError) -> dict[str, Any]:
    """The body of an error; what a script leaves open has Ollama's own words for the status."""
    if error.type == MOCK_ERROR:
        return {"error": error.message, "mock_error": {"code": error.code, **error.extra}}
    if error.code in _OWN:
        return {"error": f"{error.message} ({error.code})", **error.extra}
    return {"error": _message(error), **error.extra}


def _message(error: ApiError) -> str:
    if LOWEST <= error.status <= HIGHEST:
        usual = api_error(error.status, code=error.code)
        limited = error.status == 429 and error.message.startswith(_LIMITED)
        if limited or (error.message == usual.message and error.type == usual.type):
            return _MESSAGES.get(error.status, usual.message.lower())
    return error.message


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
    """The error for a key that does not open the server, "" for none: Ollama tells no difference."""
    del key
    return ApiError(401, _MESSAGES[401])


def unknown_model(model: str) -> ApiError:
    """The error for a model that is not served."""
    return ApiError(404, f"model '{model}' not found")


def response_headers(identity: Identity, status: int, limits: Headers) -> dict[str, str]:
    """Ollama's responses have no headers of their own."""
    del identity, status, limits
    return {}
