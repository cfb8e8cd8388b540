"""The one pipeline: bytes → request → answer → steps → socket, and one line in the journal."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from aiohttp import web

from mockserver.chat import ApiError, Reply
from mockserver.engine import Answer, Engine, Settings, explanation_of
from mockserver.journal import Exchange, Journal
from mockserver.server.access import Access, check_key, check_model, session_of
from mockserver.server.answer_cache import AnswerCache
from mockserver.server.apis import CHAT_COMPLETIONS
from mockserver.server.apis import dialect as dialect_named
from mockserver.server.perform import CLIENT_GONE, Performance
from mockserver.server.rate_limits import Clock, RateLimits, tokens_at_most
from mockserver.server.request_context import (
    RequestContext,
    body_at_hand,
    check_headers,
    context_of,
    read_body,
    settings_for,
)
from mockserver.server.respond import PreparedResponse, prepare, prepare_refusal
from mockserver.server.stored_completions import Store
from mockserver.steps import Step
from mockserver.wire.dialect import Dialect, ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.refusal import Refused, too_deep

if TYPE_CHECKING:
    from mockserver.engine.scripts import Delivery
    from mockserver.server.routing import Operation
    from mockserver.wire.responses.stored import ResponseStore

LOG = logging.getLogger("mockserver")
"""Tells of unmatched requests and of scripts that contradict a request; `serve` shows it in the terminal."""


class LiveResponse(NamedTuple):
    """A response that is still coming in: its steps as they are made, and what the journal is told of it afterwards."""

    steps: AsyncGenerator[Step]
    reply: Callable[[], Reply | ApiError]
    match: str


class Source(Protocol):
    """What answers the requests that no script answers, and questions about models: a recorder's upstream."""

    def pass_on(
        self, request: web.BaseRequest, body: bytes, parsed: ParsedRequest, context: RequestContext
    ) -> LiveResponse:
        """The response to a request, which was parsed but not checked."""

    def operations(self) -> "tuple[Operation, ...]":
        """The routes about models, without their prefix."""


class ExchangeDraft:
    """The journal entry of a request that is being answered."""

    __slots__ = (
        "_began", "_started", "api", "delivery", "ended", "faults", "match", "method", "others", "parsed", "path",
        "reply", "served", "session", "size",
    )  # fmt: skip

    def __init__(self, request: web.BaseRequest, api: str = CHAT_COMPLETIONS, *, served: bool = True) -> None:
        self._started, self._began = time.time(), time.perf_counter()
        self.session = session_of(request)
        self.api = api
        self.method, self.path, self.served = request.method, request.rel_url.raw_path, served
        self.parsed: ParsedRequest | None = None
        self.reply: Callable[[], Reply | ApiError] | None = None
        self.match: str | None = None
        self.size, self.ended = 0, "complete"
        self.faults: tuple[str, ...] = ()
        self.others: tuple[str, ...] = ()
        self.delivery: Delivery | None = None

    def leave(self) -> None:
        """The client went away: the answer does not come whole."""
        self.ended = "client_gone"
        if self.delivery is not None:
            self.delivery.is_whole = False

    def finish(self, id: int, events_sent: int) -> Exchange:
        """The entry as it goes into the journal."""
        return Exchange(
            id=id,
            session=self.session,
            request=self.parsed.request if self.parsed is not None else None,
            read_reply=self.reply,
            match=self.match,
            faults=self.faults,
            started=self._started,
            duration=time.perf_counter() - self._began,
            events_sent=events_sent,
            ended=self.ended,
            size=self.size,
            others=self.others,
            method=self.method,
            path=self.path,
            served=self.served,
            api=self.api,
            read_why=explanation_of(self.match, self.parsed),
        )


class Pipeline:
    """Answers the requests of every dialect with an engine, and writes down what happened.

    Where there is a `source`, it answers what no script answers, in place of the engine's fallback.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        access: Access | None = None,
        clock: Clock = time.monotonic,
        *,
        source: Source | None = None,
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.access = access or Access()
        self.limits = RateLimits(self.access, clock)
        self._is_limited = bool(self.limits)
        self._answers = AnswerCache(engine)
        self.store = Store()
        self.responses: ResponseStore | None = None
        """The stored responses and conversations; None until the first request of their API."""
        self.clock = clock
        self.draining = False
        """Whether a stop signal has come."""
        self.source = source
        self.refuse_all: Callable[[web.BaseRequest], ApiError] | None = None
        """Says what every request to the API is refused with; None where requests are answered."""

    def reset(self) -> None:
        """As at the start: no journal, no attempts, nothing stored, every limit untouched."""
        self.journal.clear()
        self.engine.reset()
        self.start_anew()

    def start_anew(self) -> None:
        """Nothing is stored, and every limit is untouched."""
        self.limits.reset()
        self.store.clear()
        self.responses = None

    def _continued(self, parsed: ParsedRequest, settings: Settings, *, strict: bool) -> ParsedRequest:
        """The request with what it leaves to the server."""
        whole = parsed.held is None
        return parsed if whole else self.response_store().continued(parsed, self.engine.seeds(settings), strict=strict)

    def response_store(self) -> "ResponseStore":
        """The stored responses and conversations."""
        if self.responses is None:
            from mockserver.wire.responses.stored import ResponseStore  # most servers never need it

            self.responses = ResponseStore()
        return self.responses

    async def respond(self, request: web.BaseRequest, api: str = CHAT_COMPLETIONS, **_: str) -> web.StreamResponse:
        """Answer a request of an API's conversations, and write it down however it ends."""
        dialect = dialect_named(api)
        draft = ExchangeDraft(request, api)
        performance = Performance(request)
        try:
            return await self._respond(request, dialect, draft, performance)
        except ConnectionError:
            draft.leave()
            return CLIENT_GONE
        except asyncio.CancelledError:
            draft.leave()
            raise
        finally:
            self.journal.add(draft.finish(self.journal.written + 1, performance.events_sent))

    async def _respond(
        self, request: web.BaseRequest, dialect: Dialect, draft: ExchangeDraft, performance: Performance
    ) -> web.StreamResponse:
        """Answer a request, and note in its draft what there is to be known.

        Raises:
            ConnectionError: the client went away.
        """
        headers, settings, body = request.headers, self.engine.settings, b""
        context = context_of(dialect, settings, draft.path, headers, request.rel_url.raw_query_string)
        try:
            settings = settings_for(settings, headers)
            strict = settings.checks == "strict"
            if settings is not self.engine.settings:
                context = context_of(dialect, settings, context.path, headers, context.query)
            if self.access.require_key is not False:
                check_key(self.access, request, dialect)
            unchecked = self.source is not None or self.engine.has_recordings
            body = body_at_hand(request, strict=strict and not unchecked) or await read_body(request)
            draft.size = len(body)
            parsed, source = self._unchecked(body, context, settings, draft.session) if unchecked else (None, None)
            if parsed is None:
                if unchecked:
                    check_headers(headers, strict=strict)
                context, parsed = context.parse(body, strict=strict)
                draft.parsed = parsed
                draft.parsed = parsed = self._continued(parsed, settings, strict=strict)
                if self.access.known_models_only:
                    check_model(self.access, parsed.request.model, dialect)
            draft.parsed = parsed
        except (Refused, RecursionError) as error:
            refused = error if isinstance(error, Refused) else too_deep()
            if settings.checks == "strict":
                refused = await self._hinted(refused, request, body, context)
            draft.parsed = draft.parsed or context.understood(body)
            response: LiveResponse | PreparedResponse = self._refuse(refused, context)
        else:
            if source is not None:
                response = self._pass_on(source, request, body, context, draft)
            else:
                response = await self._answer(parsed, body, context, settings, draft)
        if isinstance(response, LiveResponse):
            performed = await performance.run_live(response.steps)
            if parsed is not None and parsed.request.api == "responses":
                self.response_store().keep_recorded(response.reply(), parsed)
            return performed
        draft.reply, draft.ended = response.reply, response.ended
        return await performance.run(response.steps)

    async def _answer(
        self, parsed: ParsedRequest, body: bytes, context: RequestContext, settings: Settings, draft: ExchangeDraft
    ) -> PreparedResponse:
        """The response to a request that passed the checks."""
        try:
            if self._is_limited:
                limits = self.limits.take(draft.session, parsed.request.model, tokens_at_most(parsed))
                context = context._replace(rate_limits=limits)
            answer = await self._answers.answer(parsed, draft.session, context.headers, settings)
            if answer.provider is not None:
                context = context.with_provider(answer.provider, parsed)
            template = self._answers.template(answer, parsed, context.dialect)
            response = prepare(answer, parsed, context, template)
        except (Refused, RecursionError) as error:
            return self._refuse(error if isinstance(error, Refused) else too_deep(), context)
        if response.hits:
            self.engine.note_hits(draft.session, response.hits)
            if answer.delivery is not None and any(hit.fault.promises.breaks for hit in response.hits):
                answer.delivery.is_whole = False
        draft.match, draft.others, draft.faults = answer.match, answer.others, response.faults
        draft.delivery = answer.delivery
        if response.ended == "refused" and isinstance(told := response.reply(), ApiError):
            LOG.info("%s", told.message)
        is_kept = parsed.request.api == "responses" or parsed.request.options.get("store") is True
        if is_kept and not isinstance(answer.content, ApiError):
            self._keep(answer, answer.content, parsed, body, context.time_scale)
        return response

    def _keep(
        self, answer: Answer, content: tuple[Reply, ...], parsed: ParsedRequest, body: bytes, time_scale: float
    ) -> None:
        """Keep an answer where its API does: chat completions where asked to, responses unless asked not to."""
        if parsed.request.api == CHAT_COMPLETIONS:
            self.store.add(content, parsed, answer.identity, body)
        else:
            self.response_store().keep(content, parsed, answer.identity, self.clock(), time_scale)

    def _pass_on(
        self, source: Source, request: web.BaseRequest, body: bytes, context: RequestContext, draft: ExchangeDraft
    ) -> LiveResponse | PreparedResponse:
        """The source's response, within the limits of access; the source checks the request itself."""
        parsed = draft.parsed
        assert parsed is not None, "a request is parsed before it is passed on"
        try:
            check_model(self.access, parsed.request.model, context.dialect)
            if self._is_limited:
                self.limits.take(draft.session, parsed.request.model, tokens_at_most(parsed))
        except Refused as refused:
            return self._refuse(refused, context)
        live = source.pass_on(request, body, parsed, context)
        draft.match, draft.reply = live.match, live.reply
        return live

    def _unchecked(
        self, body: bytes, context: RequestContext, settings: Settings, session: str
    ) -> tuple[ParsedRequest | None, Source | None]:
        """The request as it stands where no check may refuse it, and the source if it answers; None where checks may.

        What was answered once, no check refuses; what is passed on, the upstream checks.
        """
        try:
            parsed = context.parse_unchecked(body)
        except Refused:
            return None, None
        with suppress(Refused):
            parsed = self._continued(parsed, settings, strict=False)
        if self.engine.recalls(parsed, session, context.headers, settings):
            return parsed, None
        if self.source is None or self.engine.is_scripted(parsed, session, context.headers, settings):
            return None, None
        return parsed, self.source

    def _refuse(self, refused: Refused, context: RequestContext) -> PreparedResponse:
        return prepare_refusal(refused, Identity("", str(self.journal.written).encode()), context)

    async def _hinted(
        self, refused: Refused, request: web.BaseRequest, body: bytes, context: RequestContext
    ) -> Refused:
        """The refusal, with a hint where lenient checks would not make it: in a header and in the terminal."""
        from mockserver.server.hint import hinted, passes_leniently, told  # a server that refuses nothing does without

        if not await passes_leniently(request, body, context, self.access, self.engine.settings):
            return refused
        LOG.info("%s", told(refused))
        return hinted(refused)
