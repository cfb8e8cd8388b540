"""The pipeline of a recorder: what is known is played, everything else is passed on to the upstream, live."""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from aiohttp import web

from mockserver.chat import ApiError, Reply
from mockserver.engine import Engine
from mockserver.journal import Exchange, Journal
from mockserver.recording.recorder import Passing, Recorder
from mockserver.recording.upstream import Unreachable
from mockserver.scenario import Asked
from mockserver.server.access import Access, check_key
from mockserver.server.asked import asked_in
from mockserver.server.body import body_at_hand, read_body
from mockserver.server.operation import Operation
from mockserver.server.perform import CLIENT_GONE, perform
from mockserver.server.pipeline import Pipeline, request_in, session_of
from mockserver.server.written import refusal, written
from mockserver.wire import Heard, Identity, Refused, read, write_error
from mockserver.wire.mock_error import mock_error

UPSTREAM = "upstream"
"""What the journal says of an exchange that was passed on."""
_BAD_GATEWAY = 502


class PassingPipeline(Pipeline):
    """Plays what a recording holds already; what it does not hold, the upstream answers."""

    def __init__(self, engine: Engine, journal: Journal, access: Access, recorder: Recorder) -> None:
        super().__init__(engine, journal, access)
        self._recorder = recorder
        self.listing = PassedOn(recorder)

    async def chat(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/chat/completions`: played, or passed on byte for byte as the upstream answers."""
        started, begun = time.time(), time.perf_counter()
        given, body = request.headers, b""
        session, match, ended = session_of(given), None, "complete"
        asking = asked_in(self.engine.settings, request.path, given)
        passing: Passing | None = None
        try:
            check_key(self.access, given)
            body = body_at_hand(request, strict=False) or await read_body(request)
            heard = read(body, strict=False)
            if self._is_known(heard, session, given):
                answer = await self.engine.answer(heard, session, given, self.engine.settings)
                match = answer.match
                return await perform(written(answer, heard, asking).steps, request)
            match, passing = UPSTREAM, self._recorder.pass_on(heard, given, body)
            return await send_back(passing, request)
        except Refused as refused:
            ended = "refused"
            return await perform(refusal(refused, Identity("", body), asking).steps, request)
        except ConnectionError:
            ended = "client_gone"
            return CLIENT_GONE
        except asyncio.CancelledError:
            ended = "client_gone"
            raise
        finally:
            duration, number = time.perf_counter() - begun, self.journal.written + 1
            said = partial(_said, passing) if passing is not None else None
            self.journal.add(
                Exchange(
                    number, session, partial(request_in, body), said, match, (), started, duration, 0, ended, len(body)
                )
            )

    def _is_known(self, heard: Heard, session: str, given: Mapping[str, str]) -> bool:
        asked = Asked(heard.request, 1, session, given)
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
        return await self._ask(request, "models")

    async def one(self, request: web.BaseRequest, id: str) -> web.StreamResponse:
        """`GET /v1/models/{id}`."""
        return await self._ask(request, f"models/{quote(id, safe='')}")

    async def _ask(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        try:
            async with self._recorder.upstream.ask("GET", path, request.headers) as answering:
                body = b"".join([data async for data in answering])
                status, headers = answering.answered.status or _BAD_GATEWAY, answering.headers
        except Unreachable as error:
            return await perform(write_error(_unreachable(error), {}), request)
        return web.Response(status=status, headers=headers, body=body)


async def send_back(passing: Passing, request: web.BaseRequest) -> web.StreamResponse:
    """Send an answer back while it comes in; where the upstream's connection broke, the client's breaks too.

    Raises:
        ConnectionError: the client went away.
    """
    try:
        answering = await passing.head()
    except Unreachable as error:
        return await perform(write_error(_unreachable(error), {}), request)
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


def _unreachable(error: Unreachable) -> ApiError:
    told = mock_error("upstream_unreachable", f"The upstream cannot be reached, and nothing was recorded. {error}")
    return ApiError(_BAD_GATEWAY, told.message, told.type, code=told.code)


def _said(passing: Passing) -> Reply | ApiError:
    said = passing.said
    return said if isinstance(said, Reply | ApiError) else Reply()
