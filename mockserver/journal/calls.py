"""The calls that the model made, each with what the application answered."""

import json
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from mockserver.chat import Message, ToolCall, tool_results
from mockserver.chat.results import answers
from mockserver.journal.conversations import Conversations, Seen


class Called(NamedTuple):
    """A call that the application got to hear, with the results that came back for it: one, when all is well.

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


def calls_of(conversations: Conversations) -> Iterator[Called]:
    """All calls, in the order in which they were made."""
    for seen in conversations:
        for position, call in enumerate(seen.calls):
            found = next(_answers(conversations, seen, position), None)
            results, number = found if found is not None else ((), None)
            yield Called(call, seen.exchange.id, results, number)


def _answers(conversations: Conversations, seen: Seen, position: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The requests that bring results for a call of this exchange, earliest first."""
    for direct in conversations.after(seen, "answered"):
        assert direct.link is not None
        for later in conversations.onwards(direct):
            results = results_in(later, direct.link.at, position)
            if results:
                yield tuple(result.content or "" for result in results), later.exchange.id


def results_in(later: Seen, at: int, position: int) -> list[Message]:
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


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
