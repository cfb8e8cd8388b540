"""Answers that no scenario is asked for: they follow from the request alone, and stand in the journal as `built_in`."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from mockserver.server.access import Access, check_model
from mockserver.server.apis import CHAT_COMPLETIONS, dialect
from mockserver.server.json_answers import JsonAnswers
from mockserver.server.pipeline import ExchangeDraft, Pipeline
from mockserver.server.request_context import check_headers, read_body, settings_for
from mockserver.wire.refusal import Refused

MATCH = "built_in"

Answer = Callable[[bytes, bool], Any]
"""The bytes of a request, and whether checks are strict → a JSON value.

Raises:
    Refused: with what the API says instead.
"""


class BuiltIn:
    """Says what is built in, and writes it down."""

    def __init__(self, pipeline: Pipeline, answers: JsonAnswers) -> None:
        self._pipeline = pipeline
        self._answers = answers

    @property
    def access(self) -> Access:
        """Who may ask, and for what."""
        return self._pipeline.access

    async def say(self, request: web.BaseRequest, answer: Answer, api: str = CHAT_COMPLETIONS) -> web.StreamResponse:
        """Read a request and say what answers it."""
        draft = ExchangeDraft(request, api)
        try:
            strict = settings_for(self._pipeline.engine.settings, request.headers).checks == "strict"
            check_headers(request.headers, strict=strict)
            body = await read_body(request)
            draft.size = len(body)
            value = answer(body, strict)
            draft.match = MATCH
            return await self._answers.say(value, request, {"x-mock-match": MATCH}, api=api)
        except Refused as refused:
            error = refused.error
            draft.reply, draft.ended = lambda: error, "refused"
            return await self._answers.refuse(error, request, api=api)
        finally:
            journal = self._pipeline.journal
            journal.add(draft.finish(journal.written + 1, 1))

    def check_model(self, model: str, api: str = CHAT_COMPLETIONS) -> None:
        """Whether a model is served.

        Raises:
            Refused: only known models are, and this is not one.
        """
        check_model(self.access, model, dialect(api))
