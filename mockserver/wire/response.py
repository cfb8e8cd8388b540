"""A response that differs from a sound one: in a provider's manner, wrong on purpose, or both; for every dialect.

The dialect renders in three stages (body, events, steps), and the faults of each stage change what comes out of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mockserver.chat import ApiError
from mockserver.steps import Head, Step, Wait
from mockserver.wire.dialect import Dialect, Headers, JsonObject, ParsedRequest, Replies
from mockserver.wire.identity import Identity
from mockserver.wire.provider import OPENAI, Alteration
from mockserver.wire.refusal import Refused

if TYPE_CHECKING:
    from mockserver.faults import Injection


class Altered(NamedTuple):
    """The steps of a response, and the injection with the faults that are in them."""

    steps: list[Step]
    injection: "Injection | None"


def render_altered(  # noqa: PLR0913, PLR0917 - `render`, and what is to be different
    dialect: Dialect,
    replies: Replies,
    parsed: ParsedRequest,
    identity: Identity,
    headers: Headers,
    alteration: Alteration,
    time_scale: float = 1.0,
) -> Altered:
    """The response to a request, in the provider's manner and with the faults that are due.

    A recorded answer keeps the format of the service that gave it.

    Raises:
        NotApplicable: a fault asked for by name finds nothing that it could break.
        NotProducible: a fault asked for by name is one that can't be produced.
    """
    if replies[0].sent is not None:
        alteration = alteration._replace(provider=OPENAI)
    if not alteration.provider.alters and not alteration.layers & {"body", "chunks"} and not _says_wrong(alteration):
        return _finished(dialect.render(replies, parsed, identity, headers, time_scale=time_scale), alteration, dialect)
    pauses: Sequence[float] = ()
    if replies[0].timing is not None or replies[0].sent is not None:
        pauses = _pauses(dialect, replies, parsed, identity, time_scale)
    body = dialect.body(replies, parsed, identity, alteration)
    if not parsed.request.stream:
        _, alteration = alteration.apply("chunks", [], dialect.parts)
    changed, alteration = alteration.apply("body", body, dialect.parts)
    if not parsed.request.stream:
        return _finished(dialect.frame(changed, headers, pauses, alteration), alteration, dialect)
    events: list[JsonObject] = dialect.events(changed, replies, parsed, alteration)
    events, alteration = alteration.apply("chunks", events, dialect.parts)
    return _finished(dialect.frame(events, headers, pauses, alteration), alteration, dialect)


def _says_wrong(alteration: Alteration) -> bool:
    """Whether a fault changed what is said: some APIs write such a call in another way than a scripted one."""
    return alteration.injection is not None and bool(alteration.injection.hits)


def _pauses(
    dialect: Dialect, replies: Replies, parsed: ParsedRequest, identity: Identity, time_scale: float
) -> list[float]:
    """The pauses of a sound response; those of a call that cannot be said soundly are as if it had no arguments."""
    try:
        sound = dialect.render(replies, parsed, identity, {}, time_scale=time_scale)
    except Refused:
        spoken = [replace(one, calls=[replace(call, arguments="{}") for call in one.calls]) for one in replies]
        sound = dialect.render(spoken, parsed, identity, {}, time_scale=time_scale)
    return [step.seconds for step in sound if isinstance(step, Wait)]


def render_altered_error(
    dialect: Dialect, error: ApiError, headers: Headers, alteration: Alteration, time_scale: float = 1.0
) -> Altered:
    """The response that says an error, in the provider's manner and with the faults of its steps that are due."""
    provider, occasion, _ = alteration
    steps = dialect.refuse(error, headers, time_scale=time_scale, provider=provider, occasion=occasion)
    return _finished(steps, alteration, dialect)


def _finished(steps: Sequence[Step], alteration: Alteration, dialect: Dialect) -> Altered:
    """The steps with their own faults and their label."""
    steps, alteration = alteration.apply("steps", steps, dialect.parts)
    return Altered(labelled(steps, alteration.injection), alteration.injection)


def labelled(steps: Sequence[Step], injection: "Injection | None") -> list[Step]:
    """The steps with `x-mock-fault` in every response head."""
    if injection is None or not injection.names:
        return list(steps)
    label = ("x-mock-fault", "; ".join(injection.names))
    return [replace(step, headers=(*step.headers, label)) if isinstance(step, Head) else step for step in steps]
