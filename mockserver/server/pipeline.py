"""The one pipeline: bytes → request → answer → steps → socket, and one line in the journal."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, cast, get_args

from aiohttp import web

from mockserver.chat import ApiError, ChatRequest, Reply
from mockserver.engine import Answer, Checks, Engine, Settings
from mockserver.faults import NotApplicable, NotProducible
from mockserver.journal import Exchange, Journal
from mockserver.server.perform import CLIENT_GONE, Performance, perform
from mockserver.steps import Step
from mockserver.wire import Heard, Identity, Refused, read, seal, write, write_error
from mockserver.wire.broken import write_broken, write_broken_error
from mockserver.wire.codec import encode
from mockserver.wire.mock_error import MOCK_ERROR, fault_error
from mockserver.wire.refusal import not_supported, too_large
from mockserver.wire.write import plain

ReadReply = Callable[[], Reply | ApiError]


class Pipeline:
    """Answers chat completions with an engine and writes down what happened."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self.engine = engine
        self.journal = journal

    async def chat(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/chat/completions`."""
        started, begun = time.time(), time.perf_counter()
        given, asking, performance = request.headers, session(request.headers), Performance(request)
        body, said, match, ended = b"", None, None, "complete"
        faults: tuple[str, ...] = ()
        try:
            try:
                settings = _settings(self.engine.settings, given)
                body = body_at_hand(request) or await read_body(request)
                heard = read(body, strict=settings.checks == "strict")
                answer = await self.engine.answer(heard, asking, given, settings)
                match = answer.match
                steps, said, ended = _written(answer, heard, settings)
                if answer.injection is not None and ended != "refused":
                    faults = answer.injection.names
            except Refused as refused:
                steps, said, ended = self._refused(refused.error)
            return await performance.run(steps)
        except ConnectionError:
            ended = "client_gone"
            return CLIENT_GONE
        except asyncio.CancelledError:
            ended = "client_gone"
            raise
        finally:
            asked, number = partial(_understood, body), self.journal.written + 1
            duration, sent = time.perf_counter() - begun, performance.events_sent
            self.journal.add(
                Exchange(number, asking, asked, said, match, faults, started, duration, sent, ended, len(body))
            )

    def _refused(self, error: ApiError) -> tuple[Sequence[Step], ReadReply, str]:
        identity = Identity("", str(self.journal.written).encode())
        return write_error(error, headers(identity)), lambda: error, "refused"


def _written(answer: Answer, heard: Heard, settings: Settings) -> tuple[Sequence[Step], ReadReply, str]:
    """The steps of an answer, how to read it later, and how it will have ended when all goes well."""
    if answer.injection is not None:
        return _broken(answer, heard, settings)
    said, identity = answer.said, answer.identity
    named = headers(identity, answer.match)
    if not isinstance(said, ApiError):
        steps = write(said, heard, identity, named, time_scale=settings.time_scale)
        return steps, partial(seal, said[0], heard, identity), "complete"
    ended = "refused" if said.type == MOCK_ERROR else "complete"
    return write_error(said, named, time_scale=settings.time_scale), lambda: said, ended


def _broken(answer: Answer, heard: Heard, settings: Settings) -> tuple[Sequence[Step], ReadReply, str]:
    """The same of an answer that goes wrong on purpose."""
    said, identity, injection = answer.said, answer.identity, answer.injection
    assert injection is not None, "only answers with faults come here"
    named = headers(identity, answer.match)
    try:
        if isinstance(said, ApiError):
            return write_broken_error(said, named, injection), lambda: said, injection.ended or "complete"
        steps = write_broken(said, heard, identity, named, injection, settings.time_scale)
        return steps, partial(seal, said[0], heard, identity), injection.ended or "complete"
    except (NotApplicable, NotProducible) as error:
        return _written(Answer(fault_error(error), answer.match, identity), heard, settings)


def _settings(settings: Settings, given: Mapping[str, str]) -> Settings:
    """The settings in force for one request: the server's, unless its headers say otherwise."""
    if "x-mock-seed" in given:
        settings = replace(settings, seed=given["x-mock-seed"])
    if "x-mock-checks" in given:
        checks = given["x-mock-checks"]
        if checks not in get_args(Checks):
            raise not_supported("x-mock-checks", checks, get_args(Checks))
        settings = replace(settings, checks=cast(Checks, checks))
    return settings


def _understood(body: bytes) -> ChatRequest | None:
    """The request of a journal's entry, read again when somebody looks: bytes take a tenth of the room."""
    try:
        return read(body, strict=False).request
    except Refused:
        return None


def body_at_hand(request: web.BaseRequest) -> bytes | None:
    """The whole body, when it came along with the head, as small ones do; None when one must wait for it.

    Raises:
        Refused: it is larger than the server takes.
    """
    if not request.content.is_eof():
        return None
    body = request.content.read_nowait()
    if len(body) > request.client_max_size:
        raise too_large(request.client_max_size)
    return body


async def read_body(request: web.BaseRequest) -> bytes:
    """The whole body, as it comes in.

    Raises:
        Refused: it is larger than the server takes.
    """
    if request.headers.get("expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large(request.client_max_size) from None


async def answer_json(value: Any, request: web.BaseRequest) -> web.StreamResponse:
    """Say a JSON value."""
    return await perform(plain(200, encode(value), {}), request)


async def answer_error(error: ApiError, request: web.BaseRequest) -> web.StreamResponse:
    """Say an error to a request that is none of the chat's."""
    return await perform(write_error(error, headers(Identity("", error.message.encode()))), request)


def headers(identity: Identity, match: str | None = None) -> dict[str, str]:
    """The headers of every answer; their values are derived, so that equal requests get equal bytes."""
    found = {
        "x-request-id": identity.request_id,
        "openai-version": "2020-10-01",
        "openai-processing-ms": str(identity.processing_milliseconds),
    }
    if match is not None:
        found["x-mock-match"] = match
    return found


def session(given: Mapping[str, str]) -> str:
    """Who is asking: `x-mock-session`, or the API key in a form that does not give it away."""
    named = given.get("x-mock-session")
    return named if named is not None else _key_session(given.get("authorization", ""))


@lru_cache(maxsize=256)
def _key_session(authorization: str) -> str:
    if not authorization:
        return "anonymous"
    return f"key-{blake2b(authorization.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"
