"""An answer as it goes out: its steps, how to read later what was said, and how it will have ended."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from mockserver.chat import ApiError, Reply
from mockserver.engine import Answer, Settings
from mockserver.faults import NotApplicable, NotProducible
from mockserver.server.headers import headers
from mockserver.server.limits import FULL, OverLimit
from mockserver.steps import Step
from mockserver.wire import Heard, Identity, Refused, seal, write, write_error
from mockserver.wire.broken import write_broken, write_broken_error
from mockserver.wire.mock_error import MOCK_ERROR, fault_error


class Written(NamedTuple):
    """The steps of an answer, how to read it later, and how it will have ended when all goes well."""

    steps: Sequence[Step]
    said: Callable[[], Reply | ApiError]
    ended: str


def written(
    answer: Answer, heard: Heard, settings: Settings, given: Mapping[str, str], limits: Mapping[str, str] = FULL
) -> Written:
    """An answer to a request that gave these headers; `limits` are those that say what is left."""
    if answer.injection is not None:
        return _broken(answer, heard, settings, given, limits)
    said, identity = answer.said, answer.identity
    if not isinstance(said, ApiError):
        named = headers(identity, given, limits=limits, match=answer.match)
        steps = write(said, heard, identity, named, time_scale=settings.time_scale)
        return Written(steps, partial(seal, said[0], heard, identity), "complete")
    named = headers(identity, given, said.status, limits, answer.match)
    ended = "refused" if said.type == MOCK_ERROR else "complete"
    return Written(write_error(said, named, time_scale=settings.time_scale), lambda: said, ended)


def _broken(
    answer: Answer, heard: Heard, settings: Settings, given: Mapping[str, str], limits: Mapping[str, str]
) -> Written:
    """The same of an answer that goes wrong on purpose."""
    said, identity, injection = answer.said, answer.identity, answer.injection
    assert injection is not None, "only answers with faults come here"
    try:
        if isinstance(said, ApiError):
            named = headers(identity, given, said.status, limits, answer.match)
            return Written(write_broken_error(said, named, injection), lambda: said, injection.ended or "complete")
        named = headers(identity, given, limits=limits, match=answer.match)
        steps = write_broken(said, heard, identity, named, injection, settings.time_scale)
        return Written(steps, partial(seal, said[0], heard, identity), injection.ended or "complete")
    except (NotApplicable, NotProducible) as error:
        return written(Answer(fault_error(error), answer.match, identity), heard, settings, given, limits)


def refusal(refused: Refused, identity: Identity, given: Mapping[str, str]) -> Written:
    """A refusal. A limit that was set on purpose is as good as a script; any other is the application's mistake."""
    error = refused.error
    limited = isinstance(refused, OverLimit)
    named = headers(identity, given, error.status, refused.limits if isinstance(refused, OverLimit) else FULL)
    return Written(write_error(error, named), lambda: error, "complete" if limited else "refused")
