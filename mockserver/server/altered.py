"""An answer that does not go out as OpenAI gives it: in another provider's manner, with faults, or both."""

from functools import partial

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.engine import Answer
from mockserver.faults import Chosen, Injection, NotApplicable, NotProducible
from mockserver.server.asking import Asking, Written, sealed
from mockserver.wire.chat_completions.altered import Alteration, write_altered, write_altered_error
from mockserver.wire.chat_completions.providers.dress import spoken
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.mock_error import fault_error


def altered(answer: Answer, parsed: ParsedRequest, asking: Asking) -> Written:
    """An answer in the provider's manner and with the faults that are due."""
    identity, injection, match = answer.identity, answer.injection, answer.match
    occasion = asking.on(identity, parsed)
    said = answer.said
    said = said if isinstance(said, ApiError) else spoken(said, asking.provider, occasion)
    alteration = Alteration(asking.provider, occasion, injection)
    try:
        if isinstance(said, ApiError):
            return _error(said, asking, alteration, match)
        named = asking.headers(identity, match=match)
        steps, injection = write_altered(said, parsed, identity, named, alteration, asking.time_scale)
    except (NotApplicable, NotProducible) as error:
        return altered(Answer(fault_error(error), match, identity), parsed, asking)
    told = partial(sealed, said[0], parsed, identity.origin)
    return Written(steps, told, _ended(injection) or "complete", _names(injection), _hits(injection))


def _error(error: ApiError, asking: Asking, alteration: Alteration, match: str | None) -> Written:
    assert alteration.occasion is not None, "there is an occasion for every answer"
    named = asking.headers(alteration.occasion.identity, error.status, match)
    steps, injection = write_altered_error(error, named, alteration, asking.time_scale)
    ended = _ended(injection) or ("refused" if error.type == MOCK_ERROR else "complete")
    faults = _names(injection) if ended != "refused" else ()
    return Written(steps, lambda: error, ended, faults, _hits(injection))


def _ended(injection: Injection | None) -> str | None:
    """How the answer ended when a fault kept it from its proper end."""
    return injection.ended if injection is not None else None


def _names(injection: Injection | None) -> tuple[str, ...]:
    """What was injected."""
    return injection.names if injection is not None else ()


def _hits(injection: Injection | None) -> tuple[Chosen, ...]:
    """The faults that were applied."""
    return injection.hits if injection is not None else ()
