"""The one pipeline: bytes → request → answer → steps → socket, and one line in the journal."""

import asyncio
import logging
import time
from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from mockserver.chat import ApiError, ChatRequest
from mockserver.engine import Engine
from mockserver.journal import Exchange, Journal
from mockserver.server.access import Access, authorized_by, check_key, check_model
from mockserver.server.asked import asked_in, in_manner_of, provider_of, understood
from mockserver.server.body import body_at_hand, read_body
from mockserver.server.chosen import settings_for
from mockserver.server.limits import Clock, RateLimits, tokens_at_most
from mockserver.server.perform import CLIENT_GONE, Performance
from mockserver.server.stored import Store
from mockserver.server.written import refusal, written
from mockserver.wire import Identity, Refused, read
from mockserver.wire.providers import AUTO
from mockserver.wire.refusal import too_deep

if TYPE_CHECKING:
    from mockserver.server.operation import Operation

LOG = logging.getLogger("mockserver")
"""Tells what nobody scripted, and scripts that contradict a request; `serve` shows it in the terminal."""


class Listing(Protocol):
    """Whoever answers questions about models."""

    def operations(self) -> "tuple[Operation, ...]":
        """Every route, without its prefix."""


class Pipeline:
    """Answers chat completions with an engine and writes down what happened."""

    def __init__(
        self, engine: Engine, journal: Journal, access: Access | None = None, clock: Clock = time.monotonic
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.access = access or Access()
        self.limits = RateLimits(self.access, clock)
        self.store = Store()
        self.listing: Listing | None = None
        """Who lists the models, where it is not the mock's own catalogue."""

    def reset(self) -> None:
        """As at the start: no journal, no attempts, nothing stored, every limit untouched."""
        self.journal.clear()
        self.engine.reset()
        self.start_anew()

    def start_anew(self) -> None:
        """Nothing is stored, and every limit is untouched."""
        self.limits.reset()
        self.store.clear()

    async def chat(self, request: web.BaseRequest) -> web.StreamResponse:
        """`POST /v1/chat/completions`."""
        started, begun = time.time(), time.perf_counter()
        given, settings, path = request.headers, self.engine.settings, request.rel_url.raw_path
        session, performance = session_of(given), Performance(request)
        asking = asked_in(settings, path, given)
        body, said, match, ended = b"", None, None, "complete"
        faults: tuple[str, ...] = ()
        others: tuple[str, ...] = ()
        try:
            try:
                settings = settings_for(settings, given)
                strict = settings.checks == "strict"
                if settings is not self.engine.settings:
                    asking = asked_in(settings, path, given)
                check_key(self.access, given)
                body = body_at_hand(request, strict=strict) or await read_body(request)
                if asking.provider is AUTO:
                    asking = asking._replace(provider=provider_of(body))
                heard = understood(body, asking, strict=strict)
                body = heard.body
                check_model(self.access, heard.request, strict=strict)
                if self.limits:
                    limits = self.limits.take(session, heard.request.model, tokens_at_most(heard))
                    asking = asking._replace(limits=limits)
                answer = await self.engine.answer(heard, session, given, settings)
                match, others = answer.match, answer.others
                steps, said, ended = written(answer, heard, in_manner_of(answer, asking, heard))
                if ended == "refused" and isinstance(told := said(), ApiError):
                    LOG.info("%s", told.message)
                if heard.request.options.get("store") is True and not isinstance(answer.said, ApiError):
                    self.store.add(answer.said, heard, answer.identity, body)
                if answer.injection is not None and ended != "refused":
                    faults = answer.injection.names
            except (Refused, RecursionError) as error:
                refused = error if isinstance(error, Refused) else too_deep()
                identity = Identity("", str(self.journal.written).encode())
                steps, said, ended = refusal(refused, identity, asking)
            return await performance.run(steps)
        except ConnectionError:
            ended = "client_gone"
            return CLIENT_GONE
        except asyncio.CancelledError:
            ended = "client_gone"
            raise
        finally:
            asked, number = partial(request_in, body), self.journal.written + 1
            duration, sent = time.perf_counter() - begun, performance.events_sent
            size = len(body)
            self.journal.add(
                Exchange(number, session, asked, said, match, faults, started, duration, sent, ended, size, others)
            )


def request_in(body: bytes) -> ChatRequest | None:
    """The request of a journal's entry, read again when somebody looks: bytes take a tenth of the room."""
    try:
        return read(body, strict=False).request
    except Refused:
        return None


def session_of(given: Mapping[str, str]) -> str:
    """Who is asking: `x-mock-session`, or the API key in a form that does not give it away."""
    named = given.get("x-mock-session")
    return named if named is not None else _key_session(authorized_by(given))


@lru_cache(maxsize=256)
def _key_session(authorization: str) -> str:
    if not authorization:
        return "anonymous"
    return f"key-{blake2b(authorization.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"
