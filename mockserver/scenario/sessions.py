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


NEW = Session()
"""What a session is before anything is remembered of it; it is looked at and never changed."""


class Sessions(OrderedDict[str, Session]):
    """The sessions of a play by name, the one used last at the end."""

    def use(self, name: str) -> Session:
        """A session that is about to change."""
        session = self.pop(name, None) or Session()
        self[name] = session
        if len(self) > REMEMBERED_SESSIONS:
            self.popitem(last=False)
        return session
