"""The pipeline of a recorder: what is known is played, everything else is passed on to the upstream, live."""

from collections.abc import Mapping
from functools import partial

from aiohttp import web

from mockserver.chat import ApiError, Reply
from mockserver.engine import Engine
from mockserver.journal import Journal
from mockserver.recording.recorder import Passing, Recorder
from mockserver.recording.unpack import UnknownEncoding
from mockserver.recording.upstream import Outgoing, Unreachable
from mockserver.scenario import Asked
from mockserver.server.access import Access, check_key
from mockserver.server.body import body_at_hand, read_body
from mockserver.server.perform import CLIENT_GONE, Performance, perform
from mockserver.server.pipeline import ExchangeDraft, Pipeline
from mockserver.server.request_context import context_of
from mockserver.server.respond import prepare, prepare_refusal
from mockserver.server.routing import Operation
from mockserver.wire.chat_completions.providers import comparison_of
from mockserver.wire.chat_completions.render import render_error
from mockserver.wire.dialect import Dialect, ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.mock_error import mock_error
from mockserver.wire.refusal import Refused

UPSTREAM = "upstream"
"""What the journal says of an exchange that was passed on."""
_BAD_GATEWAY = 502


class PassingPipeline(Pipeline):
    """Plays what a recording holds already; what it does not hold, the upstream answers."""

    def __init__(self, engine: Engine, journal: Journal, access: Access, recorder: Recorder) -> None:
        super().__init__(engine, journal, access)
        self._recorder = recorder
        self.listing = PassedOn(recorder)

    async def _respond(
        self, request: web.BaseRequest, dialect: Dialect, draft: ExchangeDraft, performance: Performance
    ) -> web.StreamResponse:
        """Play what is known, or pass the request on: what comes back goes out byte for byte."""
        headers, settings = request.headers, self.engine.settings
        context = context_of(dialect, settings, request.rel_url.raw_path, headers)
        try:
            check_key(self.access, headers)
            body = body_at_hand(request, strict=False) or await read_body(request)
            draft.size = len(body)
            draft.parsed = parsed = context.parse_unchecked(body)
        except Refused as refused:
            response = prepare_refusal(refused, Identity("", b""), context)
            draft.reply, draft.ended = response.reply, response.ended
            return await performance.run(response.steps)
        if self._is_known(parsed, draft.session, headers):
            answer = await self.engine.answer(parsed, draft.session, headers, settings)
            response = prepare(answer, parsed, context)
            draft.match, draft.reply, draft.ended = answer.match, response.reply, response.ended
            return await performance.run(response.steps)
        asked = Outgoing("POST", request.rel_url.raw_path, request.rel_url.raw_query_string, headers, body)
        draft.match, passing = UPSTREAM, self._recorder.pass_on(parsed, asked)
        draft.reply = partial(_said, passing)
        return await send_back(passing, request)

    def _is_known(self, parsed: ParsedRequest, session: str, given: Mapping[str, str]) -> bool:
        asked = Asked(parsed.request, 1, session, given, comparison_of(self.engine.settings.provider))
        return any(play.look(asked) is not None for play in self.engine.plays)


class PassedOn:
    """The models as the upstream lists them; nothing of it is recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def operations(self) -> tuple[Operation, ...]:
        """Every route, without its prefix."""
        return (
            Operation("GET", "/models", self.every, "The upstream's models.", "ModelList"),
            Operation("GET", "/models/{id:path}", self.one, "One of the upstream's models.", "Model"),
        )

    async def every(self, request: web.BaseRequest) -> web.StreamResponse:
        """`GET /v1/models`."""
        return await self._ask(request)

    async def one(self, request: web.BaseRequest, **_: str) -> web.StreamResponse:
        """`GET /v1/models/{id}`."""
        return await self._ask(request)

    async def _ask(self, request: web.BaseRequest) -> web.StreamResponse:
        address = request.rel_url
        asked = Outgoing("GET", address.raw_path, address.raw_query_string, request.headers)
        try:
            async with self._recorder.upstream.ask(asked) as answering:
                body = b"".join([data async for data in answering])
                status, headers = answering.answered.status or _BAD_GATEWAY, answering.headers
        except (Unreachable, UnknownEncoding) as error:
            return await perform(render_error(_bad_gateway(error), {}), request)
        return web.Response(status=status, headers=headers, body=body)


async def send_back(passing: Passing, request: web.BaseRequest) -> web.StreamResponse:
    """Send an answer back while it comes in; where the upstream's connection broke, the client's breaks too.

    Raises:
        ConnectionError: the client went away.
    """
    try:
        answering = await passing.head()
    except (Unreachable, UnknownEncoding) as error:
        return await perform(render_error(_bad_gateway(error), {}), request)
    transport = request.transport
    if answering.answered.status is None:
        if transport is not None:
            transport.close()
        return CLIENT_GONE
    response = web.StreamResponse(status=answering.answered.status, headers=answering.headers)
    given = answering.answered.headers
    length = given.get("content-length", "")
    # What was compressed on the way arrives here longer than that.
    if length.isdecimal() and "content-encoding" not in given:
        response.content_length = int(length)
    await response.prepare(request)
    async for data in passing:
        await response.write(data)
    if passing.cut:
        if transport is not None:
            transport.close()
        return CLIENT_GONE
    await response.write_eof()
    return response


def _bad_gateway(error: Unreachable | UnknownEncoding) -> ApiError:
    if isinstance(error, Unreachable):
        told = mock_error("upstream_unreachable", f"The upstream cannot be reached, and nothing was recorded. {error}")
    else:
        told = mock_error("upstream_encoding", f"The answer cannot be passed on, and nothing was recorded: {error}.")
    return ApiError(_BAD_GATEWAY, told.message, told.type, code=told.code)


def _said(passing: Passing) -> Reply | ApiError:
    said = passing.said
    return said if isinstance(said, Reply | ApiError) else Reply()
