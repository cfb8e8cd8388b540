"""The headers of every answer; their values are derived, so that equal requests get equal bytes."""

from collections.abc import Mapping

from mockserver.server.limits import FULL
from mockserver.wire.identity import Identity

_UNAUTHENTICATED = 401
_ACCOUNT = {"openai-version": "2020-10-01", "openai-organization": "org-mock", "openai-project": "proj_mock"}
_EXPOSED = {"access-control-expose-headers": "X-Request-ID"}
_UNLIMITED = {**_ACCOUNT, **FULL, **_EXPOSED}


def headers(
    identity: Identity,
    given: Mapping[str, str],
    status: int = 200,
    limits: Mapping[str, str] = FULL,
    match: str | None = None,
) -> dict[str, str]:
    """What goes with an answer to a request that gave these headers.

    Who could not say who they are hear nothing of the account: neither its name nor its limits.
    """
    found: dict[str, str]
    if status == _UNAUTHENTICATED:
        found = {"x-request-id": identity.request_id, **_EXPOSED}
    else:
        account = _UNLIMITED if limits is FULL else {**_ACCOUNT, **limits, **_EXPOSED}
        milliseconds = str(identity.processing_milliseconds)
        found = {"x-request-id": identity.request_id, "openai-processing-ms": milliseconds, **account}
    origin = given.get("origin")
    if origin is not None:
        found["access-control-allow-origin"] = origin
        found["vary"] = "Origin"
    if match is not None:
        found["x-mock-match"] = match
    return found
