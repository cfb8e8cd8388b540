"""Routing: an operation is one method of one path, and prefixes of a path lead to the same operation.

A base URL ends in `/v1` for most clients, in nothing for some, and in what another service calls its own for others:
groq's SDK asks `/openai/v1/…`, as Azure's newer address does, OpenRouter's clients `/api/v1/…`, Fireworks' clients
`/inference/v1/…`; `/v1/v1/…` comes from clients that add `/v1` to a base URL that has it already. Azure's older
address names a deployment.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from aiohttp import web

from mockserver.wire.codec import NotJson, decode, encode

Handler = Callable[..., Awaitable[web.StreamResponse]]
"""Takes the request, and by name what stands in the path's braces."""

CHAT = "/chat/completions"
HEALTH = "/health"
"""A balancer asks for it by the address of the machine: under any name."""
PREFIXES = ("/openai/v1", "/api/v1", "/inference/v1", "/v1/v1", "/v1")
"""The first that a path begins with is the one that counts; without any of them it is served as well."""
DEPLOYMENTS = "/openai/deployments/"
"""What Azure's paths begin with."""

_DEPLOYED = re.compile(re.escape(DEPLOYMENTS) + "([^/]+)(/.*)")
_BRACES = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` may hold `{name}` for one segment, `{name:path}` for one or more.

    `about` is a sentence. `takes` and `gives` name schemas of the OpenAPI document (`server/schemas.py`): those of the
    request's body and of the answer; `query` names the parameters of the query string, and `errors` the statuses of
    refusals beside those that every operation has. `keyed`: an API key is needed, where the server requires one.
    `api` is the API in whose shape a request is refused. `rooted`: the path stands as it is, and no prefix leads to it.
    """

    method: str
    path: str
    answer: Handler
    about: str
    gives: str
    takes: str | None = None
    query: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    keyed: bool = False
    api: str = "chat_completions"
    rooted: bool = False

    @property
    def shown_path(self) -> str:
        """The path as OpenAPI writes it."""
        return _BRACES.sub(r"{\1}", self.path)

    @property
    def names(self) -> tuple[str, ...]:
        """What the path leaves open."""
        return tuple(name for name, _ in _BRACES.findall(self.path))


class Paths:
    """Finds the operations of a path: by looking it up, or by trying the templates in their order."""

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self._exact: dict[str, dict[str, Operation]] = {}
        self._templates: dict[str, tuple[re.Pattern[str], dict[str, Operation]]] = {}
        for operation in operations:
            self._of(operation.path)[operation.method] = operation
            if operation.method == "GET":
                self._of(operation.path)["HEAD"] = operation

    def _of(self, path: str) -> dict[str, Operation]:
        if not _BRACES.search(path):
            return self._exact.setdefault(path, {})
        return self._templates.setdefault(path, (_pattern(path), {}))[1]

    def exact(self, path: str) -> dict[str, Operation] | None:
        """The operations of a path that leaves nothing open; None where that is not one."""
        return self._exact.get(path)

    def find(self, path: str) -> tuple[dict[str, Operation], dict[str, str]]:
        """The operations of a path by method, and what stands in its braces; nothing, where nothing is served."""
        if exact := self._exact.get(path):
            return exact, {}
        for pattern, operations in self._templates.values():
            if found := pattern.fullmatch(path):
                return operations, {name: unquote(text) for name, text in found.groupdict().items()}
        return {}, {}


def _pattern(path: str) -> re.Pattern[str]:
    parts, end = [], 0
    for brace in _BRACES.finditer(path):
        parts.append(_literal(path[end : brace.start()]))
        parts.append(f"(?P<{brace[1]}>{'.+' if brace[2] else '[^/]+'})")
        end = brace.end()
    return re.compile("".join(parts) + _literal(path[end:]))


def _literal(text: str) -> str:
    """What stands outside of braces; a colon may be percent-encoded."""
    return re.escape(text).replace(":", "(?::|%3[Aa])")


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
    if (deployment := door(path).deployment) is None:
        return body
    try:
        data = decode(body)
    except NotJson:
        return body
    if not isinstance(data, dict) or data.get("model") is not None:
        return body
    return encode({**data, "model": deployment})
