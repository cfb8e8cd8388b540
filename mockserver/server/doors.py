"""The doors of the API: what clients put before a path, all of which lead to the same operation.

A base URL ends in `/v1` for most clients, in nothing for some, and in what another service calls its own for others:
groq's SDK asks `/openai/v1/…`, as Azure's newer address does, OpenRouter's clients `/api/v1/…`, Fireworks' clients
`/inference/v1/…`; `/v1/v1/…` comes from clients that add `/v1` to a base URL that has it already. Azure's older
address names a deployment.
"""

import re
from typing import NamedTuple

from mockserver.wire.codec import NotJson, decode, encode

PREFIXES = ("/openai/v1", "/api/v1", "/inference/v1", "/v1/v1", "/v1")
"""The first that a path begins with is the one that counts; without any of them it is served as well."""
DEPLOYMENTS = "/openai/deployments/"
"""What Azure's paths begin with."""

_DEPLOYED = re.compile(re.escape(DEPLOYMENTS) + "([^/]+)(/.*)")


class Door(NamedTuple):
    """The path of an operation without what stood before it, and the deployment that was named there."""

    path: str
    deployment: str | None = None


def door(path: str) -> Door:
    """The operation that a path asks for, and through which deployment."""
    for prefix in PREFIXES:
        if path.startswith(prefix) and path[len(prefix) :].startswith("/"):
            return Door(path[len(prefix) :])
    if deployed := _DEPLOYED.fullmatch(path):
        return Door(deployed[2], deployed[1])
    return Door(path)


def with_model(body: bytes, path: str) -> bytes:
    """The body with the deployment of the path for a model, where it has none; one that is not an object stays."""
    if not path.startswith(DEPLOYMENTS) or (deployment := door(path).deployment) is None:
        return body
    try:
        data = decode(body)
    except NotJson:
        return body
    if not isinstance(data, dict) or data.get("model") is not None:
        return body
    return encode({**data, "model": deployment})
