"""The journal: the latest exchanges in order, bounded in number and in bytes."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mockserver.chat import ChatRequest
from mockserver.errors import MockServerError
from mockserver.journal.exchange import Exchange

# A server that is never asked for its journal starts sooner without what reading it takes.
if TYPE_CHECKING:
    from mockserver.journal.conversations import CallOutcome, Conversations

ENTRIES = 1_000
BYTES = 64 * 1024 * 1024


class Truncated(MockServerError, RuntimeError):
    """The journal dropped exchanges for space, so it cannot judge how often something happened."""


class Journal:
    """The latest exchanges: at most so many, and at most so many bytes of request bodies."""

    def __init__(self, entries: int = ENTRIES, size: int = BYTES) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._entries = entries
        self._size = size
        self._bytes = 0
        self.written = 0
        """How many exchanges there were in all, those that were dropped for space included."""
        self.served = False
        """Whether any path that an API serves was asked, exchange or not: the list of models makes none."""

    def add(self, exchange: Exchange) -> None:
        """Append an exchange; the oldest make room for it."""
        self.written += 1
        self.served = self.served or exchange.served
        self._exchanges.append(exchange)
        self._bytes += exchange.size
        while len(self._exchanges) > self._entries or (self._bytes > self._size and len(self._exchanges) > 1):
            self._bytes -= self._exchanges.popleft().size

    def clear(self) -> None:
        """Forget everything."""
        self._exchanges.clear()
        self._bytes = 0
        self.written = 0
        self.served = False

    def copy(self) -> "Journal":
        """The journal as it is now, which later exchanges do not change."""
        copied = Journal(self._entries, self._size)
        copied._exchanges, copied._bytes, copied.written = self._exchanges.copy(), self._bytes, self.written
        copied.served = self.served
        return copied

    def of_served_paths(self) -> "Journal":
        """The journal without the requests for paths that are not served."""
        copied = self.copy()
        copied._exchanges = deque(exchange for exchange in self._exchanges if exchange.served)
        copied.written -= len(self._exchanges) - len(copied._exchanges)
        return copied

    @property
    def dropped(self) -> int:
        """How many exchanges were dropped for space."""
        return self.written - len(self._exchanges)

    @property
    def conversations(self) -> "Conversations":
        """The exchanges, each tied to the one that it goes on from."""
        from mockserver.journal.conversations import Conversations

        return Conversations(self._exchanges)

    @property
    def requests(self) -> list[ChatRequest]:
        """Everything that was asked and could be understood."""
        return [request for exchange in self._exchanges if (request := exchange.request) is not None]

    @property
    def calls(self) -> "list[CallOutcome]":
        """The calls that the model made, each with what the application answered."""
        from mockserver.journal.conversations import calls_of

        return list(calls_of(self.conversations))

    @property
    def offered(self) -> set[str]:
        """The names of all tools that were offered."""
        return {tool.name for request in self.requests for tool in request.tools}

    def count(self, where: Callable[[ChatRequest], bool] | None = None) -> int:
        """How many requests there were for paths that are served, or how many of which something is true.

        Raises:
            Truncated: exchanges were dropped for space.
        """
        self.whole()
        requests = [exchange.request for exchange in self._exchanges if exchange.served]
        return sum(where is None or (request is not None and where(request)) for request in requests)

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
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[index]

    def __str__(self) -> str:
        """The exchanges as numbered dialogues."""
        from mockserver.journal.dialogue import dialogue

        head = [f"({self.dropped} earlier exchanges were dropped for space)"] if self.dropped else []
        return "\n".join([*head, *([dialogue(self.conversations)] if self._exchanges else [])]) or "(no exchanges)"
