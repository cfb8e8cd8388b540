"""The cache of finished answers: a request that comes again gets the answer that it got, with ids of its own."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.chat import ApiError
from mockserver.engine import Answer, Engine, Settings
from mockserver.wire.dialect import Dialect, ParsedRequest, Template
from mockserver.wire.identity import Identity

ENTRIES = 256
"""So many answers are kept; the one not asked for longest is forgotten first."""

_OVERRIDES = ("x-mock-fault", "x-mock-scenario", "x-mock-provider")


@dataclass(slots=True)
class _Finished:
    settings: Settings
    generation: int
    answer: Answer
    template: Template | None = None


class AnswerCache:
    """Asks an engine, and only once where the answer depends on nothing but the request and the settings.

    The key is the parsed request itself: equal bodies are parsed into one object. An entry holds under the settings and
    for the generation of the engine that it was made with. A law test holds that the cache changes no answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._entries: OrderedDict[ParsedRequest, _Finished] = OrderedDict()

    async def answer(
        self, parsed: ParsedRequest, session: str, headers: Mapping[str, str], settings: Settings
    ) -> Answer:
        """The answer to one more attempt of a request; each attempt is counted."""
        engine, generation = self._engine, self._engine.generation
        if any(name in headers for name in _OVERRIDES):
            return await engine.answer(parsed, session, headers, settings)
        finished = self._entries.get(parsed)
        if finished is not None and finished.settings is settings and finished.generation == generation:
            self._entries.move_to_end(parsed)
            seed, fingerprint, _, _, place = finished.answer.identity.origin
            identity = Identity(seed, fingerprint, session, engine.count(session, fingerprint), place)
            return finished.answer._replace(identity=identity)
        answer = await engine.answer(parsed, session, headers, settings)
        if answer.is_cacheable:
            self._entries[parsed] = _Finished(settings, generation, answer)
            if len(self._entries) > ENTRIES:
                self._entries.popitem(last=False)
        return answer

    def template(self, answer: Answer, parsed: ParsedRequest, dialect: Dialect) -> Template | None:
        """The rendered response of a finished answer, but for its ids; None where each response is rendered anew."""
        finished = self._entries.get(parsed)
        if finished is None or finished.answer.content is not answer.content or isinstance(answer.content, ApiError):
            return None
        if finished.template is None:
            finished.template = dialect.template(answer.content, parsed)
        return finished.template
