"""The one pipeline: bytes → request → answer → steps → socket, and one line in the journal."""

import asyncio
import logging
import time
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from mockserver.chat import ApiError
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.server.access import Access, authorized_by, check_key, check_model
from mockserver.server.asked import as_recorded, asked_in, in_manner_of, provider_of, understood
from mockserver.server.asking import Asking
from mockserver.server.body import body_at_hand, check_headers, read_body
from mockserver.server.chosen import settings_for
from mockserver.server.entry import Entry
from mockserver.server.limits import Clock, RateLimits, tokens_at_most
from mockserver.server.perform import CLIENT_GONE, Performance
from mockserver.server.stored import Store
from mockserver.server.written import refusal, written
from mockserver.wire.chat_completions.providers import AUTO
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.refusal import Refused, too_deep

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
        self._is_limited = bool(self.limits)
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
        """`POST /v1/chat/completions`: answered, and written down however it ends."""
        entry, performance = Entry(session_of(request.headers)), Performance(request)
        try:
            return await self._respond(request, entry, performance)
        except ConnectionError:
            entry.ended = "client_gone"
            return CLIENT_GONE
        except asyncio.CancelledError:
            entry.ended = "client_gone"
            raise
        finally:
            self.journal.add(entry.exchange(self.journal.written + 1, performance.events_sent))

    async def _respond(self, request: web.BaseRequest, entry: Entry, performance: Performance) -> web.StreamResponse:
        """Answer a request, and note in its entry what there is to be known.

        Raises:
            ConnectionError: the client went away.
        """
        given, settings, path = request.headers, self.engine.settings, request.rel_url.raw_path
        asking, is_sound = asked_in(settings, path, given), False
        try:
            settings = settings_for(settings, given)
            strict = settings.checks == "strict"
            if settings is not self.engine.settings:
                asking = asked_in(settings, path, given)
            check_key(self.access, given)
            recorded = self.engine.has_recordings
            entry.body = body_at_hand(request, strict=strict and not recorded) or await read_body(request)
            if asking.provider is AUTO:
                asking = asking._replace(provider=provider_of(entry.body))
            parsed = self._recalled(entry, asking, settings) if recorded else None
            if parsed is not None:
                strict = False
            else:
                if recorded:
                    check_headers(given, strict=strict)
                parsed = understood(entry.body, asking, strict=strict)
            entry.body = parsed.body
            check_model(self.access, parsed.request, strict=strict)
            is_sound = True
            if self._is_limited:
                limits = self.limits.take(entry.session, parsed.request.model, tokens_at_most(parsed))
                asking = asking._replace(limits=limits)
            answer = await self.engine.answer(parsed, entry.session, given, settings)
            if answer.provider is not None:
                asking = in_manner_of(answer.provider, asking, parsed)
            out = written(answer, parsed, asking)
            if out.hits:
                self.engine.note_faults(entry.session, out.hits)
            entry.match, entry.others, entry.faults = answer.match, answer.others, out.faults
            if out.ended == "refused" and isinstance(told := out.said(), ApiError):
                LOG.info("%s", told.message)
            if parsed.request.options.get("store") is True and not isinstance(answer.said, ApiError):
                self.store.add(answer.said, parsed, answer.identity, parsed.body)
        except (Refused, RecursionError) as error:
            refused = error if isinstance(error, Refused) else too_deep()
            if settings.checks == "strict" and not is_sound:
                refused = await self._hinted(refused, request, entry.body, asking)
            out = refusal(refused, Identity("", str(self.journal.written).encode()), asking)
        entry.said, entry.ended = out.said, out.ended
        return await performance.run(out.steps)

    async def _hinted(self, refused: Refused, request: web.BaseRequest, body: bytes, asking: Asking) -> Refused:
        """The refusal, with a hint where lenient checks would not make it: in a header and in the terminal."""
        from mockserver.server.hint import HINT, hinted, passes_leniently  # a server that refuses nothing does without

        if not await passes_leniently(request, body, asking, self.access, self.engine.settings):
            return refused
        LOG.info("%s (`%s` answers it)", refused.error.message, HINT)
        return hinted(refused)

    def _recalled(self, entry: Entry, asking: Asking, settings: Settings) -> ParsedRequest | None:
        """The request as it stands, where a recorded turn answers it: what was answered once, no check refuses."""
        try:
            parsed = as_recorded(entry.body, asking)
        except Refused:
            return None
        return parsed if self.engine.recalls(parsed, entry.session, asking.given, settings) else None


def session_of(given: Mapping[str, str]) -> str:
    """Who is asking: `x-mock-session`, or the API key in a form that does not give it away."""
    named = given.get("x-mock-session")
    return named if named is not None else _key_session(authorized_by(given))


@lru_cache(maxsize=256)
def _key_session(authorization: str) -> str:
    if not authorization:
        return "anonymous"
    return f"key-{blake2b(authorization.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"
