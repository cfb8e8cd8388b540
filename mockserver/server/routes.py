"""The routes: who may ask at all is settled first; then the chat answers, and a table of operations all the rest."""

from collections.abc import Awaitable
from functools import cached_property
from typing import TYPE_CHECKING

from aiohttp import web

from mockserver.server.doors import PREFIXES, door
from mockserver.server.guard import Guard
from mockserver.server.pipeline import Pipeline

if TYPE_CHECKING:
    from mockserver.server.operations import Operations

CHAT = "/chat/completions"
HEALTH = "/health"
"""A balancer asks for it by the address of the machine: under any name."""


class Routes:
    """Which operation answers which path and method."""

    def __init__(self, pipeline: Pipeline, worker: str | None = None) -> None:
        self._pipeline = pipeline
        self._worker = worker
        self._judge = Guard(pipeline.access.allowed_hosts).judge
        self._chat = frozenset(f"{prefix}{CHAT}" for prefix in ("", *PREFIXES))

    def __call__(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        """Answer a request."""
        given, target = request.headers, request.raw_path
        # Where the request line holds a whole URL, the host in it counts.
        host = given.get("host") if target.startswith("/") else request.url.raw_authority
        turned_away = self._judge(host, given.get("origin"))
        if turned_away is not None and request.rel_url.raw_path != HEALTH:
            return self._operations.turn_away(turned_away, request)
        refuse_all = self._pipeline.refuse_all
        if refuse_all is not None and request.rel_url.raw_path != HEALTH and not target.startswith("/_mock/"):
            return self._operations.refuse(refuse_all(request), request)
        if target in self._chat and request.method == "POST":
            return self._pipeline.respond(request)
        path = request.rel_url.raw_path
        if request.method == "POST" and door(path).path == CHAT:
            return self._pipeline.respond(request)
        return self._operations.answer(request, path)

    @cached_property
    def _operations(self) -> "Operations":
        """Everything but the chat; made when somebody asks for it, as most tests and starts do without."""
        from mockserver.server.operations import Operations

        return Operations(self._pipeline, self._worker)
