"""The journal itself: every exchange in order, within bounds."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mockserver.chat import ChatRequest
from mockserver.errors import MockServerError
from mockserver.journal.exchange import Exchange

# Whoever only serves never reads a journal, and starts sooner without what reading takes.
if TYPE_CHECKING:
    from mockserver.journal.calls import Called
    from mockserver.journal.conversations import Conversations

ENTRIES = 1_000
BYTES = 64 * 1024 * 1024


class Truncated(MockServerError, RuntimeError):
    """A verdict was asked of a journal that has forgotten some of what happened."""


class Journal:
    """The latest exchanges: at most so many, and at most so many bytes of request bodies."""

    def __init__(self, entries: int = ENTRIES, size: int = BYTES) -> None:
        self._kept: deque[Exchange] = deque()
        self._entries = entries
        self._size = size
        self._bytes = 0
        self.written = 0
        """How many exchanges there were in all, those that were dropped for space included."""
        self.served = False
        """Whether any path that an API serves was asked, exchange or not: the list of models makes none."""

    def add(self, exchange: Exchange) -> None:
        """Write an exchange down; the oldest make room for it."""
        self.written += 1
        self.served = self.served or exchange.served
        self._kept.append(exchange)
        self._bytes += exchange.size
        while len(self._kept) > self._entries or (self._bytes > self._size and len(self._kept) > 1):
            self._bytes -= self._kept.popleft().size

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
        self.written = 0
        self.served = False

    def copy(self) -> "Journal":
        """The journal as it is now, which later exchanges do not change."""
        copied = Journal(self._entries, self._size)
        copied._kept, copied._bytes, copied.written = self._kept.copy(), self._bytes, self.written
        copied.served = self.served
        return copied

    def of_served_paths(self) -> "Journal":
        """The journal without the requests for paths that are not served."""
        copied = self.copy()
        copied._kept = deque(exchange for exchange in self._kept if exchange.served)
        copied.written -= len(self._kept) - len(copied._kept)
        return copied

    @property
    def dropped(self) -> int:
        """How many exchanges were dropped for space."""
        return self.written - len(self._kept)

    @property
    def conversations(self) -> "Conversations":
        """The exchanges, each tied to the one that it goes on from."""
        from mockserver.journal.conversations import Conversations

        return Conversations(self._kept)

    @property
    def requests(self) -> list[ChatRequest]:
        """Everything that was asked and could be understood."""
        return [request for exchange in self._kept if (request := exchange.request) is not None]

    @property
    def calls(self) -> "list[Called]":
        """The calls that the model made, each with what the application answered."""
        from mockserver.journal.calls import calls_of

        return list(calls_of(self.conversations))

    @property
    def offered(self) -> set[str]:
        """The names of all tools that were offered."""
        return {tool.name for request in self.requests for tool in request.tools}

    def count(self, where: Callable[[ChatRequest], bool] | None = None) -> int:
        """How many requests there were for paths that are served, or how many of which something is true.

        Raises:
            Truncated: some were dropped for space, so nobody knows.
        """
        self.whole()
        return sum(1 for exchange in self._kept if exchange.served and (where is None or _is(exchange.request, where)))

    def whole(self) -> None:
        """Make sure that nothing is missing.

        Raises:
            Truncated: exchanges were dropped for space.
        """
        if self.dropped:
            raise Truncated(
                f"The journal dropped {self.dropped} of {self.written} exchanges for space, so it cannot say how often "
                "something happened or that it never did. Ask earlier, reset in between, or keep more: "
                f"MockLLM(journal=…) or `--journal N` (now {self._entries} exchanges and {self._size >> 20} MiB)."
            )

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._kept)

    def __getitem__(self, index: int) -> Exchange:
        return self._kept[index]

    def __str__(self) -> str:
        """The exchanges as numbered dialogues."""
        from mockserver.journal.dialogue import dialogue

        head = [f"({self.dropped} earlier exchanges were dropped for space)"] if self.dropped else []
        return "\n".join([*head, *([dialogue(self.conversations)] if self._kept else [])]) or "(no exchanges)"


def _is(request: ChatRequest | None, where: Callable[[ChatRequest], bool]) -> bool:
    return request is not None and where(request)
