"""Requests outside a test: refused, and counted for the end of the run."""

from collections import Counter

from aiohttp import web

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.server.access import Access
from mockserver.server.pipeline import Pipeline
from mockserver.server.thread import Host

CODE = "no_test_running"
MOST = 1_000
"""So many different requests are counted apart; more would help nobody."""

_MESSAGE = (
    "No test that takes the fixture mock_llm is running, and this request came outside of one: at import time, between "
    "two tests, or in a test without the fixture. Ask within a test that takes mock_llm."
)


class Outside:
    """Answers every request to the API with 503 while no MockLLM is served, and knows which ones came."""

    def __init__(self) -> None:
        self._came: Counter[str] = Counter()

    def serve(self, host: Host) -> None:
        """Answer on this server until a MockLLM does."""
        host.serve(Engine(Settings()), Journal(), pipeline=self._closed)

    @property
    def came(self) -> dict[str, int]:
        """How often each request came, by method and path."""
        return dict(self._came)

    def _closed(self, engine: Engine, journal: Journal, access: Access) -> Pipeline:
        pipeline = Pipeline(engine, journal, access)
        pipeline.refuse_all = self._refuse
        return pipeline

    def _refuse(self, request: web.BaseRequest) -> ApiError:
        asked = f"{request.method} {request.rel_url.raw_path}"
        if asked in self._came or len(self._came) < MOST:
            self._came[asked] += 1
        return ApiError(503, _MESSAGE, MOCK_ERROR, code=CODE, headers={"x-should-retry": "false"})
