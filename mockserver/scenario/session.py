"""What a scenario remembers of one session while it is performed."""

from collections import Counter
from dataclasses import dataclass, field


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
