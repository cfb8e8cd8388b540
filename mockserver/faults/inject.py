"""Fault injection into one answer: the faults of all sources, those that are due, and the reply with their effects."""

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.chat import AS_WRITTEN, ApiError, ChatRequest, Reply
from mockserver.faults.chosen import Chosen
from mockserver.faults.fault import Invent
from mockserver.faults.injection import Injection
from mockserver.faults.profiles import Profile
from mockserver.faults.schedule import Asked, Moment, as_written, parsed, plan, written_on


class Sources(NamedTuple):
    """Who asked for faults, the most specific first: this request, the call, the turn, the file, the whole server.

    A profile adds what its kind of model gets wrong.
    """

    request: str | None = None
    turn: str | None = None
    file: Sequence[Chosen] = ()
    server: Sequence[Chosen] = ()
    profile: Profile | None = None


def inject(
    reply: Reply | ApiError, request: ChatRequest, sources: Sources, moment: Moment, invent: Invent
) -> tuple[Reply | ApiError, Injection]:
    """The answer with the faults of its dialogue and reply layers, and the injection that knows of the rest.

    Raises:
        UnknownFault: a fault that the request, the turn or a call names is not in the catalogue.
        NotApplicable: a fault asked for by name finds nothing that it could break.
        NotProducible: a fault asked for by name is one that can't be produced.
    """
    of_calls = written_on(reply) if isinstance(reply, Reply) else ()
    asked = (
        Asked(parsed(sources.request or "")),
        Asked(of_calls),
        Asked(parsed(sources.turn or "")),
        Asked(sources.file, standing=True),
        Asked(sources.server, standing=True),
        Asked(sources.profile.faults(reply, request) if sources.profile is not None else (), standing=True),
    )
    injection = Injection(
        due=plan(asked, moment),
        request=request,
        seed=moment.seed,
        invent=invent,
        labels=(AS_WRITTEN,) if as_written(reply) else (),
    )
    return injection.apply(reply, "dialogue", "reply")
