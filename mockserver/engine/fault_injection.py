"""Fault injection: the faults that are due in an answer, from every source that asks for faults."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mockserver.chat import MOCK_ERROR, ApiError, ChatRequest, Reply
from mockserver.engine.settings import FAULT_HEADER, Settings
from mockserver.faults import (
    FaultSpec,
    FiredOnce,
    Injection,
    NotApplicable,
    NotProducible,
    SchedulePoint,
    Sources,
    UnknownFault,
    inject,
    parse,
    profile,
    turn_of,
)
from mockserver.wire.chat_completions.providers import PROVIDERS
from mockserver.wire.identity import Identity, content_seed
from mockserver.wire.mock_error import fault_error, schema_out_of_bounds

if TYPE_CHECKING:
    from mockserver.scenario import Match


Content = tuple[Reply, ...] | ApiError


class _OutOfBounds(Exception):
    """A fault needs a value whose schema asks for more than is made up."""


class FaultInjection:
    """Injects the faults that are due, and knows which of those with `once` have happened already."""

    def __init__(self) -> None:
        self._fired = FiredOnce()

    def note(self, session: str, hits: Iterable[FaultSpec]) -> None:
        """Remember the faults that an answer showed: those with `once` happen no more in its session."""
        self._fired.note(session, hits)

    def inject(
        self, content: Content, request: ChatRequest, identity: Identity, sources: Sources
    ) -> tuple[Content, Injection | None]:
        """The content of an answer with the faults that are due in it; of several choices the first is changed."""
        if isinstance(content, ApiError) and content.type == MOCK_ERROR:
            return content, None
        first = content if isinstance(content, ApiError) else content[0]
        seed, fingerprint, session, attempt, _ = identity.origin
        fired = self._fired.in_session(session)
        point = SchedulePoint(turn_of(request), attempt, content_seed(seed, fingerprint), fired)
        try:
            changed, injection = inject(first, request, sources, point, _invented)
        except (UnknownFault, NotApplicable, NotProducible) as error:
            return fault_error(error), None
        except _OutOfBounds as error:
            return schema_out_of_bounds(str(error)), None
        if isinstance(changed, ApiError):
            return changed, injection
        return (changed,) if isinstance(content, ApiError) else (changed, *content[1:]), injection


def fault_sources(content: Content, found: "Match | None", headers: Mapping[str, str], settings: Settings) -> Sources:
    """Where faults of an answer are asked for: the request, the turn, the file, the server, a profile."""
    said = content if isinstance(content, ApiError) else content[0]
    of_turn = [found.fault if found is not None else None, said.fault if isinstance(said, Reply) else None]
    habits = profile(found.profile) if found is not None and found.profile is not None else settings.profile
    of_server = (*settings.faults, *_shown_by(settings.provider))
    of_file = found.faults if found is not None else ()
    return Sources(headers.get(FAULT_HEADER), "; ".join(filter(None, of_turn)), of_file, of_server, habits)


@lru_cache
def _shown_by(provider: str) -> tuple[FaultSpec, ...]:
    """The faults that a provider shows by itself, each at its rate."""
    return tuple(chosen for written in PROVIDERS[provider].faults for chosen in parse(written))


def _invented(schema: Any, root: Any, seed: str) -> Any:
    """A value for a schema, as the simulated model would make one up.

    Raises:
        _OutOfBounds: the schema asks for more than is made up.
    """
    from mockserver.simulate.bounds import TooMuch
    from mockserver.simulate.invent import invent

    try:
        return invent(schema, root, seed)
    except TooMuch as error:
        raise _OutOfBounds(str(error)) from None
