"""An answer of the engine, or a refusal → the response that goes out, and what the journal is told of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mockserver.chat import MOCK_ERROR, ApiError, Reply
from mockserver.engine import Answer
from mockserver.server.rate_limits import UNLIMITED, OverLimit
from mockserver.server.request_context import RequestContext
from mockserver.steps import Step
from mockserver.wire.dialect import Dialect, ParsedRequest, Template
from mockserver.wire.identity import Identity, Origin
from mockserver.wire.provider import OPENAI
from mockserver.wire.refusal import Refused

if TYPE_CHECKING:
    from mockserver.faults import FaultSpec, Injection

_UNAUTHENTICATED = 401
_ACCOUNT = {"openai-version": "2020-10-01", "openai-organization": "org-mock", "openai-project": "proj_mock"}
_EXPOSED = {"access-control-expose-headers": "X-Request-ID"}
_USUAL = {**_ACCOUNT, **UNLIMITED, **_EXPOSED}


class PreparedResponse(NamedTuple):
    """The steps of a response, and what the journal is told of it.

    `reply` gives what was said, derived when somebody looks. `ended` is how the exchange ends when all goes well.
    `faults` are the names of the faults in it; `hits` are those that were injected here, for who keeps count of them.
    """

    steps: Sequence[Step]
    reply: Callable[[], Reply | ApiError]
    ended: str
    faults: tuple[str, ...] = ()
    hits: "tuple[FaultSpec, ...]" = ()


def prepare(
    answer: Answer, parsed: ParsedRequest, context: RequestContext, template: Template | None = None
) -> PreparedResponse:
    """The response that says an answer, in the provider's manner and with the faults that are due.

    `template` is what the cache has of a sound one.
    """
    content, identity, dialect = answer.content, answer.identity, context.dialect
    if answer.injection is not None or context.provider is not OPENAI:
        return _prepare_altered(answer, parsed, context)
    if isinstance(content, ApiError):
        headers = response_headers(identity, context, content.status, answer.match)
        steps = dialect.refuse(content, headers, time_scale=context.time_scale)
        return PreparedResponse(steps, lambda: content, "refused" if content.type == MOCK_ERROR else "complete")
    headers, sent = (
        response_headers(identity, context, match=answer.match),
        _sent(content[0], parsed, identity, context),
    )
    if template is not None:
        steps = template.steps(identity, headers)
    else:
        steps = dialect.render(content, parsed, identity, headers, time_scale=context.time_scale)
    return PreparedResponse(steps, sent, "complete")


def _prepare_altered(answer: Answer, parsed: ParsedRequest, context: RequestContext) -> PreparedResponse:
    from mockserver.faults import NotApplicable, NotProducible  # a server that only speaks as OpenAI starts without
    from mockserver.wire.mock_error import fault_error
    from mockserver.wire.provider import Alteration
    from mockserver.wire.response import render_altered, render_altered_error

    identity, dialect, scale = answer.identity, context.dialect, context.time_scale
    occasion = context.occasion(identity, parsed)
    alteration = Alteration(context.provider, occasion, answer.injection)
    content = answer.content
    if not isinstance(content, ApiError) and context.provider.speaks:
        content = dialect.adopt(content, context.provider, occasion)
    try:
        if isinstance(content, ApiError):
            headers = response_headers(identity, context, content.status, answer.match)
            steps, injection = render_altered_error(dialect, content, headers, alteration, scale)
            return _with_faults(steps, injection, lambda: content, content)
        headers = response_headers(identity, context, match=answer.match)
        steps, injection = render_altered(dialect, content, parsed, identity, headers, alteration, scale)
    except (NotApplicable, NotProducible) as error:
        return prepare(Answer(fault_error(error), answer.match, identity), parsed, context)
    return _with_faults(steps, injection, _sent(content[0], parsed, identity, context))


def _with_faults(
    steps: Sequence[Step],
    injection: "Injection | None",
    reply: Callable[[], Reply | ApiError],
    error: ApiError | None = None,
) -> PreparedResponse:
    usual = "refused" if error is not None and error.type == MOCK_ERROR else "complete"
    if injection is None:
        return PreparedResponse(steps, reply, usual)
    ended = injection.ended or usual
    return PreparedResponse(steps, reply, ended, injection.names if ended != "refused" else (), injection.hits)


def prepare_refusal(refused: Refused, identity: Identity, context: RequestContext) -> PreparedResponse:
    """A refusal. A limit that was set on purpose is as good as a script; any other is the application's mistake."""
    error = refused.error
    limited = isinstance(refused, OverLimit)
    if isinstance(refused, OverLimit):
        context = context._replace(rate_limits=refused.limits)
    headers = response_headers(identity, context, error.status)
    steps = context.dialect.refuse(error, headers, provider=context.provider, occasion=context.occasion(identity))
    return PreparedResponse(steps, lambda: error, "complete" if limited else "refused")


def response_headers(
    identity: Identity, context: RequestContext, status: int = 200, match: str | None = None
) -> dict[str, str]:
    """The headers of the response to a request."""
    return headers_for(identity, context.headers, status, context.rate_limits, match, context.dialect)


def headers_for(  # noqa: PLR0913, PLR0917 - what each header follows from
    identity: Identity,
    request_headers: Mapping[str, str],
    status: int = 200,
    rate_limits: Mapping[str, str] = UNLIMITED,
    match: str | None = None,
    dialect: Dialect | None = None,
) -> dict[str, str]:
    """The headers of every response; their values are derived, so that equal requests get equal bytes.

    They are OpenAI's unless the dialect has its own. A 401 omits the account and its rate limits.
    """
    found: dict[str, str]
    if dialect is not None and dialect.headers is not None:
        found = dialect.headers(identity, status, rate_limits)
    elif status == _UNAUTHENTICATED:
        found = {"x-request-id": identity.request_id, **_EXPOSED}
    else:
        account = _USUAL if rate_limits is UNLIMITED else {**_ACCOUNT, **rate_limits, **_EXPOSED}
        milliseconds = str(identity.processing_milliseconds)
        found = {"x-request-id": identity.request_id, "openai-processing-ms": milliseconds, **account}
    if "origin" in request_headers:
        found |= allowing_origin(request_headers["origin"])
    if match is not None:
        found["x-mock-match"] = match
    return found


def allowing_origin(origin: str) -> dict[str, str]:
    """The headers that let a page of this origin read a response."""
    return {"access-control-allow-origin": origin, "vary": "Origin"}


def cors_headers(request_headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that let the page that asks, if one does, read a response which is not ours."""
    return {**allowing_origin(request_headers["origin"]), **_EXPOSED} if "origin" in request_headers else {}


def _sent(reply: Reply, parsed: ParsedRequest, identity: Identity, context: RequestContext) -> Callable[[], Reply]:
    """What was said, for who looks later; the ids are drawn again then, which costs less than to keep them."""
    return partial(_complete_again, reply, parsed, identity.origin, context.dialect.complete)


def _complete_again(
    reply: Reply, parsed: ParsedRequest, origin: Origin, complete: Callable[[Reply, ParsedRequest, Identity], Reply]
) -> Reply:
    return complete(reply, parsed, Identity(*origin))
