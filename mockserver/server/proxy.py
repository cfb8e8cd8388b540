"""The proxy of a recorder: what nothing recorded answers goes to the upstream, and the response comes back live."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from functools import partial

from aiohttp import web

from mockserver.chat import ApiError, Reply
from mockserver.recording.answered import EventCounter
from mockserver.recording.recorder import Passing, Recorder
from mockserver.recording.unpack import UnknownEncoding
from mockserver.recording.upstream import Answering, Outgoing, Unreachable
from mockserver.server.perform import CLIENT_GONE, Performance
from mockserver.server.pipeline import LiveResponse
from mockserver.server.request_context import RequestContext
from mockserver.server.respond import cors_headers, response_headers
from mockserver.server.routing import Operation
from mockserver.steps import Drop, Head, Send, Step
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.mock_error import mock_error
from mockserver.wire.provider import OPENAI

UPSTREAM = "upstream"
"""What the journal names as the match of a request that was passed on."""

_BAD_GATEWAY = 502
_WITHOUT_BODY = (204, 304)


class Proxy:
    """The upstream as the pipeline's last source: it answers what no recorded turn, rule or scenario answers."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def pass_on(
        self, request: web.BaseRequest, body: bytes, parsed: ParsedRequest, context: RequestContext
    ) -> LiveResponse:
        """Send a request to the upstream as it is; its response is recorded whether or not the client stays."""
        address = request.rel_url
        outgoing = Outgoing(request.method, address.raw_path, address.raw_query_string, request.headers, body)
        passing = self._recorder.pass_on(parsed, outgoing)
        return LiveResponse(_recorded_steps(passing, context, Identity("", body)), partial(_reply, passing), UPSTREAM)

    def operations(self) -> tuple[Operation, ...]:
        """The routes of the models, which the upstream lists; nothing of it is recorded."""
        return (
            Operation("GET", "/models", self.models, "The upstream's models.", "ModelList", keyed=True),
            Operation("GET", "/models/{id:path}", self.models, "One of the upstream's models.", "Model", keyed=True),
        )

    async def models(self, request: web.BaseRequest, **_: str) -> web.StreamResponse:
        """`GET /v1/models` and `GET /v1/models/{id}`."""
        try:
            return await Performance(request).run_live(self._unrecorded_steps(request))
        except ConnectionError:
            return CLIENT_GONE

    async def _unrecorded_steps(self, request: web.BaseRequest) -> AsyncGenerator[Step]:
        address, headers = request.rel_url, request.headers
        context = RequestContext(CHAT_COMPLETIONS, OPENAI, address.raw_path, headers)
        outgoing = Outgoing(request.method, address.raw_path, address.raw_query_string, headers)
        try:
            async with self._recorder.upstream.ask(outgoing) as answering:
                async for step in _steps(answering, answering, headers):
                    yield step
                if answering.answered.cut or answering.garbled:
                    yield Drop()
        except (Unreachable, UnknownEncoding) as error:
            for step in _bad_gateway(error, context, Identity("", address.raw_path.encode())):
                yield step


async def _recorded_steps(passing: Passing, context: RequestContext, identity: Identity) -> AsyncGenerator[Step]:
    """The response as it comes in; where the upstream's connection breaks, the client's breaks too."""
    try:
        answering = await passing.head()
    except (Unreachable, UnknownEncoding) as error:
        for step in _bad_gateway(error, context, identity):
            yield step
        return
    async for step in _steps(answering, passing, context.headers):
        yield step
    if passing.cut:
        yield Drop()


async def _steps(
    answering: Answering, pieces: AsyncIterable[bytes], headers: Mapping[str, str]
) -> AsyncGenerator[Step]:
    """Head and pieces of a response; nothing at all where the connection went away before it began."""
    status = answering.answered.status
    if status is None:
        return
    yield Head(status, (*answering.headers.items(), *_framing(answering), *cors_headers(headers).items()))
    events, rest = EventCounter(answering.answered), _length(answering)
    last = b""
    async for data in pieces:
        rest = rest - len(data) if rest is not None else None
        if rest == 0:
            # Held until the exchange is kept: with the last byte of its length a client knows that this was all.
            last = data
        else:
            yield Send(data, events=events.completed_by(data))
    yield Send(last, events=events.completed_by(last) + events.at_end())


def _framing(answering: Answering) -> tuple[tuple[str, str], ...]:
    """The header that frames the body: the upstream's length, where it is that of the unpacked bytes, or chunks."""
    if answering.answered.status in _WITHOUT_BODY:
        return ()
    length = _length(answering)
    return (("content-length", str(length)) if length is not None else ("transfer-encoding", "chunked"),)


def _length(answering: Answering) -> int | None:
    """The length of the body as it goes out, where the upstream said it: not of a body that was packed."""
    headers = answering.answered.headers
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in headers else None


def _bad_gateway(error: Unreachable | UnknownEncoding, context: RequestContext, identity: Identity) -> list[Step]:
    if isinstance(error, Unreachable):
        told = mock_error("upstream_unreachable", f"The upstream cannot be reached, and nothing was recorded. {error}")
    else:
        told = mock_error("upstream_encoding", f"The answer cannot be passed on, and nothing was recorded: {error}.")
    refused = ApiError(_BAD_GATEWAY, told.message, told.type, code=told.code)
    return context.dialect.refuse(refused, response_headers(identity, context, _BAD_GATEWAY))


def _reply(passing: Passing) -> Reply | ApiError:
    said = passing.said
    return said if isinstance(said, Reply | ApiError) else Reply()
