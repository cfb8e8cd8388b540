"""An answer as it goes out: its steps, how to read later what was said, and how it will have ended."""

from functools import partial

from mockserver.chat import MOCK_ERROR, ApiError
from mockserver.engine import Answer
from mockserver.server.asking import Asking, Written, sealed
from mockserver.server.headers import headers
from mockserver.server.limits import FULL, OverLimit
from mockserver.wire.chat_completions.providers import OPENAI
from mockserver.wire.chat_completions.render import render, render_error
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.refusal import Refused


def written(answer: Answer, parsed: ParsedRequest, asking: Asking) -> Written:
    """An answer, in the provider's manner and with the faults that are due."""
    if answer.injection is not None or asking.provider is not OPENAI:
        from mockserver.server.altered import altered  # a server that only speaks as OpenAI does starts without it

        return altered(answer, parsed, asking)
    said, identity = answer.said, answer.identity
    if not isinstance(said, ApiError):
        named = headers(identity, asking.given, 200, asking.limits, answer.match)
        steps = render(said, parsed, identity, named, time_scale=asking.time_scale)
        return Written(steps, partial(sealed, said[0], parsed, identity.origin), "complete")
    ended = "refused" if said.type == MOCK_ERROR else "complete"
    named = asking.headers(identity, said.status, answer.match)
    return Written(render_error(said, named, time_scale=asking.time_scale), lambda: said, ended)


def refusal(refused: Refused, identity: Identity, asking: Asking) -> Written:
    """A refusal. A limit that was set on purpose is as good as a script; any other is the application's mistake."""
    error = refused.error
    limited = isinstance(refused, OverLimit)
    limits = refused.limits if isinstance(refused, OverLimit) else FULL
    steps = render_error(error, asking._replace(limits=limits).headers(identity, error.status))
    if asking.provider is not OPENAI:
        from mockserver.wire.chat_completions.providers.dress import dressed

        steps = dressed(steps, asking.provider, asking.on(identity))
    return Written(steps, lambda: error, "complete" if limited else "refused")
