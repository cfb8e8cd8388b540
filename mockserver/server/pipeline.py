"""The one pipeline: bytes → request → answer → steps → socket, and one line in the journal."""

import asyncio
import time
from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import blake2b

from aiohttp import web

from mockserver.chat import ApiError, ChatRequest
from mockserver.engine import Engine
from mockserver.journal import Exchange, Journal
from mockserver.server.access import Access, check_key, check_model
from mockserver.server.body import body_at_hand, read_body
from mockserver.server.chosen import settings_for
from mockserver.server.limits import FULL, Clock, RateLimits, tokens_at_most
from mockserver.server.perform import CLIENT_GONE, Performance
from mockserver.server.stored import Store
from mockserver.server.written import refusal, written
from mockserver.wire import Identity, Refused, read
from mockserver.wire.providers import OPENAI, PROVIDERS, Occasion
from mockserver.wire.refusal import too_deep


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
        given, settings, limits = request.headers, self.engine.settings, FULL
        asking, performance = session(given), Performance(request)
        body, said, match, ended = b"", None, None, "complete"
        faults: tuple[str, ...] = ()
        try:
            try:
                settings = settings_for(settings, given)
                strict = settings.checks == "strict"
                check_key(self.access, given)
                body = body_at_hand(request, strict=strict) or await read_body(request)
                heard = read(body, strict=strict)
                check_model(self.access, heard.request, strict=strict)
                if self.limits:
                    limits = self.limits.take(asking, heard.request.model, tokens_at_most(heard))
                answer = await self.engine.answer(heard, asking, given, settings)
                match, identity = answer.match, answer.identity
                steps, said, ended = written(answer, heard, settings, given, limits)
                if heard.request.options.get("store") is True and not isinstance(answer.said, ApiError):
                    self.store.add(answer.said, heard, identity, body)
                if answer.injection is not None and ended != "refused":
                    faults = answer.injection.names
            except (Refused, RecursionError) as error:
                refused = error if isinstance(error, Refused) else too_deep()
                identity = Identity("", str(self.journal.written).encode())
                steps, said, ended = refusal(refused, identity, given)
            if settings.provider != OPENAI.name:
                steps = PROVIDERS[settings.provider].dress(steps, Occasion(request.path, given, identity))
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


def _understood(body: bytes) -> ChatRequest | None:
    """The request of a journal's entry, read again when somebody looks: bytes take a tenth of the room."""
    try:
        return read(body, strict=False).request
    except Refused:
        return None


def session(given: Mapping[str, str]) -> str:
    """Who is asking: `x-mock-session`, or the API key in a form that does not give it away."""
    named = given.get("x-mock-session")
    return named if named is not None else _key_session(given.get("authorization", ""))


@lru_cache(maxsize=256)
def _key_session(authorization: str) -> str:
    if not authorization:
        return "anonymous"
    return f"key-{blake2b(authorization.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"
