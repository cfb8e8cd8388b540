"""Sessions of a play: what is counted from one request to the next, bounded (LRU)."""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

REMEMBERED_SESSIONS = 10_000
"""Maximum number of sessions with a position; the one unused for longest is dropped first (LRU)."""


@dataclass(slots=True)
class Session:
    """What a play remembers of one session: requests answered in order of arrival, captures, and rules used."""

    arrived: int = 0
    captures: dict[str, str] = field(default_factory=dict)
    used: Counter[int] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)

    def step_back(self, captures: dict[str, str]) -> None:
        """The turn that came last is due again."""
        self.arrived -= 1
        self.captures = captures


class Sessions:
    """The sessions of a play by name."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def peek(self, name: str) -> Session:
        """A session as it is; a new one is not kept."""
        return self._sessions.get(name) or Session()

    def use(self, name: str) -> Session:
        """A session that is about to change."""
        session = self._sessions.pop(name, None) or Session()
        self._sessions[name] = session
        if len(self._sessions) > REMEMBERED_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def clear(self) -> None:
        """Forget all of them."""
        self._sessions.clear()
