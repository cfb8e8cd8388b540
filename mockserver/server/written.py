"""An answer as it goes out: its steps, how to read later what was said, and how it will have ended."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.engine import Answer
from mockserver.faults import Injection, NotApplicable, NotProducible
from mockserver.server.headers import headers
from mockserver.server.limits import FULL, OverLimit
from mockserver.steps import Step
from mockserver.wire import Heard, Identity, Refused, seal, write, write_error
from mockserver.wire.altered import Alteration, write_altered, write_altered_error
from mockserver.wire.identity import Origin
from mockserver.wire.mock_error import MOCK_ERROR, fault_error
from mockserver.wire.providers import OPENAI, Occasion, Provider
from mockserver.wire.providers.dress import dressed, spoken


class Written(NamedTuple):
    """The steps of an answer, how to read it later, and how it will have ended when all goes well."""

    steps: Sequence[Step]
    said: Callable[[], Reply | ApiError]
    ended: str


class Asking(NamedTuple):
    """How somebody asks: the provider whose manner is wanted, the path, and the request's headers.

    `limits` are the headers that say what is left of them, `time_scale` stretches all waiting.
    """

    provider: Provider
    path: str
    given: Mapping[str, str]
    limits: Mapping[str, str] = FULL
    time_scale: float = 1.0

    def on(self, identity: Identity, heard: Heard | None = None) -> Occasion:
        """The occasion on which the provider answers."""
        return Occasion(self.path, self.given, identity, heard.request if heard is not None else None)

    def headers(self, identity: Identity, status: int = 200, match: str | None = None) -> dict[str, str]:
        """The headers of the answer."""
        return headers(identity, self.given, status, self.limits, match)


def written(answer: Answer, heard: Heard, asking: Asking) -> Written:
    """An answer, in the provider's manner and with the faults that are due."""
    if answer.injection is not None or asking.provider is not OPENAI:
        return _altered(answer, heard, asking)
    said, identity = answer.said, answer.identity
    if not isinstance(said, ApiError):
        steps = write(said, heard, identity, asking.headers(identity, match=answer.match), time_scale=asking.time_scale)
        return Written(steps, partial(_sealed, said[0], heard, identity.origin), "complete")
    ended = "refused" if said.type == MOCK_ERROR else "complete"
    named = asking.headers(identity, said.status, answer.match)
    return Written(write_error(said, named, time_scale=asking.time_scale), lambda: said, ended)


def _sealed(reply: Reply, heard: Heard, origin: Origin) -> Reply:
    """What was said, for whoever looks later; ids are drawn again, which costs less than to keep them."""
    return seal(reply, heard, Identity(*origin))


def _altered(answer: Answer, heard: Heard, asking: Asking) -> Written:
    """The same of an answer that is not as OpenAI gives it."""
    identity, injection, match = answer.identity, answer.injection, answer.match
    occasion = asking.on(identity, heard)
    said = answer.said
    said = said if isinstance(said, ApiError) else spoken(said, asking.provider, occasion)
    alteration = Alteration(asking.provider, occasion, injection)
    try:
        if isinstance(said, ApiError):
            return _altered_error(said, asking, alteration, match)
        named = asking.headers(identity, match=match)
        steps = write_altered(said, heard, identity, named, alteration, asking.time_scale)
    except (NotApplicable, NotProducible) as error:
        return written(Answer(fault_error(error), match, identity), heard, asking)
    return Written(steps, partial(_sealed, said[0], heard, identity.origin), _ended(injection) or "complete")


def _altered_error(error: ApiError, asking: Asking, alteration: Alteration, match: str | None) -> Written:
    assert alteration.occasion is not None, "there is an occasion for every answer"
    named = asking.headers(alteration.occasion.identity, error.status, match)
    steps = write_altered_error(error, named, alteration, asking.time_scale)
    usual = "refused" if error.type == MOCK_ERROR else "complete"
    return Written(steps, lambda: error, _ended(alteration.injection) or usual)


def _ended(injection: Injection | None) -> str | None:
    """How the answer ended when a fault kept it from its proper end."""
    return injection.ended if injection is not None else None


def refusal(refused: Refused, identity: Identity, asking: Asking) -> Written:
    """A refusal. A limit that was set on purpose is as good as a script; any other is the application's mistake."""
    error = refused.error
    limited = isinstance(refused, OverLimit)
    limits = refused.limits if isinstance(refused, OverLimit) else FULL
    named = asking._replace(limits=limits).headers(identity, error.status)
    steps = dressed(write_error(error, named), asking.provider, asking.on(identity))
    return Written(steps, lambda: error, "complete" if limited else "refused")
