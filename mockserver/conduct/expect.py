"""Expectations on what happened, as fluent calls: each fails at once, or all together within a `with`."""

from collections.abc import Callable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

from mockserver.chat import ApiError
from mockserver.conduct import checks
from mockserver.conduct.checks import ANYTHING, Misses
from mockserver.conduct.findings import Finding, broken_links, refusals, report
from mockserver.journal import Journal
from mockserver.journal.conversations import Conversations, LinkedExchange
from mockserver.redaction import Sanitiser

__tracebackhide__ = True  # pytest leaves this module out of the tracebacks of those who use it

Looks = Callable[[float], Iterable[Journal]]
"""The journal as it is now, and again as it grows, for so many seconds."""

Condition = Callable[..., Misses]
"""The conditions of a scenario's `when`, given as keywords, as a test of a request."""


class Expect:
    """What is expected of the requests up to now.

        mock_llm.expect.requests(2).every_call_answered()

        with mock_llm.expect as expect:                 # all failures at once
            expect.requests(1, user_says="Oslo")
            expect.answered("get_current_weather", "21", location="Oslo")

    Every expectation raises an AssertionError that shows the conversation. Those about how often or that something
    never happened refuse to judge a journal that dropped exchanges for space.

    Raises:
        Truncated: the journal dropped exchanges for space.
    """

    def __init__(self, looks: Looks, condition: Condition, within: float = 0.0) -> None:
        self._looks = looks
        self._condition = condition
        self._within = within
        self._gathered: list[Finding] | None = None

    def within(self, seconds: float) -> "Expect":
        """The same expectations, to come true within so many seconds: for applications that work in the background."""
        return Expect(self._looks, self._condition, seconds)

    def requests(self, number: int, **when: Any) -> Self:
        """So many requests, or so many for which the conditions of a `when` hold."""
        return self._requests(f"{number} request{'' if number == 1 else 's'}", lambda there: there == number, when)

    def at_least(self, number: int, **when: Any) -> Self:
        """At least so many requests."""
        return self._requests(f"at least {number} requests", lambda there: there >= number, when)

    def at_most(self, number: int, **when: Any) -> Self:
        """At most so many requests."""
        return self._requests(f"at most {number} requests", lambda there: there <= number, when)

    def never(self, **when: Any) -> Self:
        """No request for which the conditions of a `when` hold."""
        misses = self._condition(**when)
        return self._judge(lambda found: checks.never(found, misses, f"with {_said(when)}"))

    def offered(self, *names: str) -> Self:
        """Exactly these tools, in every request that offers any."""
        return self._judge(lambda found: checks.offered(found, names))

    def answered(self, name: str, result: Any = ANYTHING, /, **arguments: Any) -> Self:
        """A call of this tool, with these arguments among its own, was answered with this result.

        A text is contained in the result, any other value is the result as JSON, a function is true of it.
        """
        return self._judge(lambda found: checks.answered(found, name, result, arguments))

    def every_call_answered(self) -> Self:
        """Every call exactly once and in the next request, parallel ones together, and nothing that was not asked."""
        return self._judge(_unanswered)

    def attempts(self, number: int, **when: Any) -> Self:
        """Every request, or every one for which the conditions hold, was made so many times, retries included."""
        misses = self._condition(**when)
        return self._judge(lambda found: checks.attempts(found, number, misses))

    def waits_obeyed(self) -> Self:
        """Nobody came again before the time that a Retry-After named."""
        return self._judge(lambda found: checks.waits(found, retry_after))

    def no_retry_on_4xx(self) -> Self:
        """What was refused for good (4xx but 408, 409, 429) was not asked again."""
        return self._judge(checks.retries_of_refusals)

    def history_kept(self) -> Self:
        """Conversations only grew: nothing of them was changed, moved or left out."""
        return self._judge(checks.rewritten_history)

    def no_secrets(self, *known: str) -> Self:
        """No message holds anything that looks like a key or a password, nor one of these texts."""
        return self._judge(lambda found: checks.secrets(found, Sanitiser(known)))

    def __enter__(self) -> "Expect":
        gathering = Expect(self._looks, self._condition, self._within)
        gathering._gathered = self._gathered = []
        return gathering

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        found, self._gathered = self._gathered, None
        if found and error is None:
            raise AssertionError(report(found, self._conversations()))

    def _requests(self, wanted: str, holds: Callable[[int], bool], when: dict[str, Any]) -> Self:
        misses = self._condition(**when)
        told = f"expected {wanted}" + (f" with {_said(when)}" if when else "")
        return self._judge(lambda found: checks.count(found, misses, told, holds))

    def _judge(self, check: Callable[[Conversations], Iterable[Finding]]) -> Self:
        found: list[Finding] = []
        for journal in self._looks(self._within):
            journal.whole()
            conversations = journal.conversations
            found = [*check(conversations)]
            if not found:
                return self
        if self._gathered is None:
            raise AssertionError(report(found, conversations))
        self._gathered += found
        return self

    def _conversations(self) -> Conversations:
        return next(iter(self._looks(0.0))).conversations


def retry_after(entry: LinkedExchange) -> float | None:
    """The seconds that an answer said to wait."""
    headers = entry.reply.headers if isinstance(entry.reply, ApiError) else {}
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        if "retry-after" not in headers:
            return None
        text = headers["retry-after"]
        if text.replace(".", "", 1).isdigit():
            return float(text)
        return parsedate_to_datetime(text).timestamp() - entry.exchange.started - entry.exchange.duration
    except ValueError:
        return None


def _unanswered(conversations: Conversations) -> Iterator[Finding]:
    yield from (finding for finding in refusals(conversations) if finding.kind == "protocol")
    yield from broken_links(conversations)


def _said(when: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in when.items())
