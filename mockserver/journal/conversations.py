"""Conversations: which exchange continues which, and the results of each tool call, read from the requests alone."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from mockserver.chat import ApiError, ChatRequest, Message, Reply, ToolCall, last_answer, tool_results
from mockserver.chat.call_results import answers
from mockserver.journal.exchange import Exchange

LinkKind = Literal["again", "answered", "without"]


class Link(NamedTuple):
    """LinkKind an exchange goes on from the one with the id `earlier`.

    `how`: "again" (the same request once more), "answered" (the reply stands in the history, at message `at`), or
    "without" (the conversation goes on as if the reply had never come).
    """

    earlier: int
    how: LinkKind
    at: int


class LinkedExchange(NamedTuple):
    """An exchange with its request, its reply, and the link to what it continues (None: a new conversation)."""

    exchange: Exchange
    request: ChatRequest | None
    reply: Reply | ApiError | None
    link: Link | None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that were delivered to the application."""
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


class CallOutcome(NamedTuple):
    """A call that was delivered to the application, with the results that came back: one, when all is well.

    `exchange` is the number of the exchange that made it, `answered_in` that of the first request with a result.
    """

    call: ToolCall
    exchange: int
    results: tuple[str, ...]
    answered_in: int | None

    @property
    def name(self) -> str:
        """The function that was called."""
        return self.call.name

    @property
    def arguments(self) -> Any:
        """The arguments as JSON says them; as the text that they are where they are not JSON."""
        return _json(self.call.arguments)

    @property
    def result(self) -> Any:
        """What came back: the value where it is JSON, otherwise the text; None when nothing did."""
        return _json(self.results[0]) if self.results else None


class Conversations:
    """The exchanges of a journal, each linked to the one that it continues.

    A reply is recognised in a later request by the ids of its calls, by its place after the messages that it answered,
    or by its content: clients rewrite ids, shorten histories, and repeat requests.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        sessions: dict[str, _Session] = {}
        entries = []
        for exchange in exchanges:
            session = sessions.setdefault(exchange.session, _Session())
            entries.append(session.link(exchange))
        self.entries: tuple[LinkedExchange, ...] = tuple(entries)
        self._by_id = {found.exchange.id: found for found in entries}
        self._after: dict[int, list[LinkedExchange]] = {}
        for found in entries:
            if found.link is not None:
                self._after.setdefault(found.link.earlier, []).append(found)

    def __iter__(self) -> Iterator[LinkedExchange]:
        return iter(self.entries)

    def before(self, entry: LinkedExchange) -> LinkedExchange | None:
        """The exchange that this one continues."""
        return self._by_id.get(entry.link.earlier) if entry.link is not None else None

    def after(self, entry: LinkedExchange, *how: LinkKind) -> list[LinkedExchange]:
        """The exchanges that continue one in one of these ways, in order."""
        found = self._after.get(entry.exchange.id, [])
        return [later for later in found if later.link is not None and later.link.how in how]

    def onwards(self, entry: LinkedExchange) -> Iterator[LinkedExchange]:
        """An exchange and all that continue it, directly or not."""
        waiting = deque([entry])
        while waiting:
            yield (found := waiting.popleft())
            waiting.extend(self._after.get(found.exchange.id, ()))

    def attempts(self, entry: LinkedExchange) -> list[LinkedExchange]:
        """An exchange and those that repeat its request."""
        found = [entry]
        while again := self.after(found[-1], "again"):
            found.append(again[0])
        return found


def calls_of(conversations: Conversations) -> Iterator[CallOutcome]:
    """All calls, in the order in which they were made."""
    for entry in conversations:
        for position, call in enumerate(entry.calls):
            found = next(_answers(conversations, entry, position), None)
            results, number = found if found is not None else ((), None)
            yield CallOutcome(call, entry.exchange.id, results, number)


def results_in(later: LinkedExchange, at: int, position: int) -> list[Message]:
    """The results that a request brings for the nth call of the assistant message `at` in its history.

    The call is known by its id in that history, whatever the client made of it; where either side has none, by name
    and order.
    """
    messages = later.request.messages if later.request is not None else ()
    made = messages[at].tool_calls if at < len(messages) else ()
    if position >= len(made):
        return []
    following = takewhile(lambda message: message.role != "assistant", messages[at + 1 :])
    return answers(made, tool_results([*following]))[0][position]


class _Session:
    """The requests and replies of one session so far, by which later requests are linked to them."""

    def __init__(self) -> None:
        self._requests: dict[int, list[tuple[int, ChatRequest]]] = {}
        self._ids: dict[str, int] = {}
        self._replies: dict[tuple[object, ...], int] = {}
        self._continued: set[int] = set()

    def link(self, exchange: Exchange) -> LinkedExchange:
        """Link the session's next exchange to an earlier one."""
        request, reply = exchange.request, exchange.reply
        if request is None:
            return LinkedExchange(exchange, None, reply, None)
        marks = _marks(request.messages)
        link = self._link(request, marks)
        self._requests.setdefault(marks[-1], []).append((exchange.id, request))
        if isinstance(reply, Reply):
            self._ids |= {call.id: exchange.id for call in reply.calls if call.id is not None}
            self._replies[_words(reply.text or reply.refusal, reply.calls)] = exchange.id
        if link is not None and link.how == "answered":
            self._continued.add(link.earlier)
        return LinkedExchange(exchange, request, reply, link)

    def _link(self, request: ChatRequest, marks: list[int]) -> Link | None:
        messages, answer = request.messages, last_answer(request.messages)
        for number, before in reversed(self._requests.get(marks[-1], [])):
            if (before.model, before.tools) == (request.model, request.tools):
                return Link(number, "again", len(messages))
        if answer >= 0 and (known := self._by_call_id(messages[answer])):
            return self._left_out(marks, answer) or Link(known, "answered", answer)
        return self._by_place(messages, marks) or self._by_words(messages, answer)

    def _by_call_id(self, message: Message) -> int | None:
        return next((self._ids[call.id] for call in message.tool_calls if call.id in self._ids), None)

    def _left_out(self, marks: list[int], answer: int) -> Link | None:
        """A request asked after that answer, which this one repeats and goes on from without its reply."""
        for length in range(len(marks) - 2, answer + 1, -1):
            if marks[length] in self._requests:
                return Link(self._first_open(marks[length]), "without", length)
        return None

    def _by_place(self, messages: tuple[Message, ...], marks: list[int]) -> Link | None:
        for length in range(len(messages) - 1, 0, -1):
            if marks[length] in self._requests:
                answered = messages[length].role == "assistant"
                return Link(self._first_open(marks[length]), "answered" if answered else "without", length)
        return None

    def _first_open(self, mark: int) -> int:
        """Of several equal requests the first that no exchange continues."""
        numbers = [number for number, _ in self._requests[mark]]
        return next((number for number in numbers if number not in self._continued), numbers[-1])

    def _by_words(self, messages: tuple[Message, ...], answer: int) -> Link | None:
        for at in range(answer, -1, -1):
            message = messages[at]
            if message.role == "assistant":
                earlier = self._by_call_id(message) or self._replies.get(_words(message.content, message.tool_calls))
                if earlier is not None:
                    return Link(earlier, "answered", at)
        return None


def _marks(messages: Iterable[Message]) -> list[int]:
    """A hash of the first n messages for every n, from none on."""
    marks = [0]
    for message in messages:
        parts = str(message.parts) if message.parts else ""
        fields = message.role, message.content, message.tool_calls, message.tool_call_id, message.name, parts
        marks.append(hash((marks[-1], fields)))
    return marks


def _words(text: str | None, calls: Iterable[ToolCall]) -> tuple[object, ...]:
    return (text or None, *((call.name, call.arguments) for call in calls))


def _answers(
    conversations: Conversations, entry: LinkedExchange, position: int
) -> Iterator[tuple[tuple[str, ...], int]]:
    """The requests that bring results for a call of this exchange, earliest first."""
    for direct in conversations.after(entry, "answered"):
        assert direct.link is not None
        for later in conversations.onwards(direct):
            results = results_in(later, direct.link.at, position)
            if results:
                yield tuple(result.content or "" for result in results), later.exchange.id


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
