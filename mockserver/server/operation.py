"""An operation: one method of one path, what answers it, and what the OpenAPI document says of it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

Handler = Callable[..., Awaitable[web.StreamResponse]]
"""Takes the request, and by name what stands in the path's braces."""

_BRACES = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` may hold `{name}` for one segment, `{name:path}` for one or more.

    `about` is a sentence. `takes` and `gives` name schemas of the OpenAPI document (`server/schemas.py`): those of the
    request's body and of the answer; `query` names the parameters of the query string, and `errors` the statuses of
    refusals beside those that every operation has. `keyed`: an API key is needed, where the server wants one.
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
        parts.append(re.escape(path[end : brace.start()]))
        parts.append(f"(?P<{brace[1]}>{'.+' if brace[2] else '[^/]+'})")
        end = brace.end()
    return re.compile("".join(parts) + re.escape(path[end:]))
