"""Which exchange goes on from which, told from the conversations that the requests carry."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Message, Reply, ToolCall, last_answer
from mockserver.journal.exchange import Exchange

How = Literal["again", "answered", "without"]


class Link(NamedTuple):
    """How an exchange goes on from the one with the id `earlier`.

    `how`: "again" (the same request once more), "answered" (the reply stands in the history, at message `at`), or
    "without" (the conversation goes on as if the reply had never come).
    """

    earlier: int
    how: How
    at: int


class Seen(NamedTuple):
    """An exchange, understood: its request, its reply, and what it goes on from (None: a new conversation)."""

    exchange: Exchange
    request: ChatRequest | None
    reply: Reply | ApiError | None
    link: Link | None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that the application got to hear."""
        delivered = self.exchange.ended == "complete" and isinstance(self.reply, Reply)
        return tuple(self.reply.calls) if delivered and isinstance(self.reply, Reply) else ()

    @property
    def new_messages(self) -> tuple[Message, ...]:
        """What the application added to the conversation that this exchange goes on from."""
        if self.request is None:
            return ()
        if self.link is None:
            return self.request.messages
        return () if self.link.how == "again" else self.request.messages[self.link.at + (self.link.how == "answered") :]


class Conversations:
    """The exchanges of a journal, each tied to the one that it goes on from.

    A reply is known again by the ids of its calls, by its place after the very messages that it answered, or by what
    it says: clients rewrite ids, shorten histories, and ask the same thing twice.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        sessions: dict[str, _Session] = {}
        seen = []
        for exchange in exchanges:
            session = sessions.setdefault(exchange.session, _Session())
            seen.append(session.see(exchange))
        self.seen: tuple[Seen, ...] = tuple(seen)
        self._by_id = {found.exchange.id: found for found in seen}
        self._after: dict[int, list[Seen]] = {}
        for found in seen:
            if found.link is not None:
                self._after.setdefault(found.link.earlier, []).append(found)

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.seen)

    def before(self, seen: Seen) -> Seen | None:
        """What an exchange goes on from."""
        return self._by_id.get(seen.link.earlier) if seen.link is not None else None

    def after(self, seen: Seen, *how: How) -> list[Seen]:
        """What goes on from an exchange in one of these ways, in order."""
        found = self._after.get(seen.exchange.id, [])
        return [later for later in found if later.link is not None and later.link.how in how]

    def onwards(self, seen: Seen) -> Iterator[Seen]:
        """An exchange and all that goes on from it, however far."""
        waiting = deque([seen])
        while waiting:
            yield (found := waiting.popleft())
            waiting.extend(self._after.get(found.exchange.id, ()))

    def attempts(self, seen: Seen) -> list[Seen]:
        """An exchange and all that made the very same request after it."""
        found = [seen]
        while again := self.after(found[-1], "again"):
            found.append(again[0])
        return found


class _Session:
    """What was asked and said so far in one session, to be known again in later requests."""

    def __init__(self) -> None:
        self._asked: dict[int, list[tuple[int, ChatRequest]]] = {}
        self._ids: dict[str, int] = {}
        self._said: dict[tuple[object, ...], int] = {}
        self._taken_up: set[int] = set()

    def see(self, exchange: Exchange) -> Seen:
        """Understand the session's next exchange."""
        request, reply = exchange.request, exchange.reply
        if request is None:
            return Seen(exchange, None, reply, None)
        marks = _marks(request.messages)
        link = self._link(request, marks)
        self._asked.setdefault(marks[-1], []).append((exchange.id, request))
        if isinstance(reply, Reply):
            self._ids |= {call.id: exchange.id for call in reply.calls if call.id is not None}
            self._said[_words(reply.text or reply.refusal, reply.calls)] = exchange.id
        if link is not None and link.how == "answered":
            self._taken_up.add(link.earlier)
        return Seen(exchange, request, reply, link)

    def _link(self, request: ChatRequest, marks: list[int]) -> Link | None:
        messages, answer = request.messages, last_answer(request.messages)
        for number, before in reversed(self._asked.get(marks[-1], [])):
            if (before.model, before.tools) == (request.model, request.tools):
                return Link(number, "again", len(messages))
        if answer >= 0 and (known := self._known_id(messages[answer])):
            return self._left_out(marks, answer) or Link(known, "answered", answer)
        return self._by_place(messages, marks) or self._by_words(messages, answer)

    def _known_id(self, message: Message) -> int | None:
        return next((self._ids[call.id] for call in message.tool_calls if call.id in self._ids), None)

    def _left_out(self, marks: list[int], answer: int) -> Link | None:
        """A request asked after that answer, which this one repeats and goes on from without its reply."""
        for length in range(len(marks) - 2, answer + 1, -1):
            if marks[length] in self._asked:
                return Link(self._asked_first(marks[length]), "without", length)
        return None

    def _by_place(self, messages: tuple[Message, ...], marks: list[int]) -> Link | None:
        for length in range(len(messages) - 1, 0, -1):
            if marks[length] in self._asked:
                answered = messages[length].role == "assistant"
                return Link(self._asked_first(marks[length]), "answered" if answered else "without", length)
        return None

    def _asked_first(self, mark: int) -> int:
        """Of several that asked the same, the first that nobody has gone on from."""
        numbers = [number for number, _ in self._asked[mark]]
        return next((number for number in numbers if number not in self._taken_up), numbers[-1])

    def _by_words(self, messages: tuple[Message, ...], answer: int) -> Link | None:
        for at in range(answer, -1, -1):
            message = messages[at]
            if message.role == "assistant":
                earlier = self._known_id(message) or self._said.get(_words(message.content, message.tool_calls))
                if earlier is not None:
                    return Link(earlier, "answered", at)
        return None


def _marks(messages: Iterable[Message]) -> list[int]:
    """For each number of first messages, from none on, what tells them from others."""
    marks = [0]
    for message in messages:
        parts = str(message.parts) if message.parts else ""
        told = message.role, message.content, message.tool_calls, message.tool_call_id, message.name, parts
        marks.append(hash((marks[-1], told)))
    return marks


def _words(text: str | None, calls: Iterable[ToolCall]) -> tuple[object, ...]:
    return (text or None, *((call.name, call.arguments) for call in calls))
