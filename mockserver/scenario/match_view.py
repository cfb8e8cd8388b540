"""Match view: a request as conditions read it: texts (and conditions on them: `Text`), tool results, headers."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from mockserver.chat import ChatRequest, Message, last_answer, tool_results, user_says, user_says_at_opening
from mockserver.chat.results import answers, blocks
from mockserver.scenario.error_messages import described, listed, nearest, quoted

TEXT_KEYS = ("equals", "contains", "matches", "not")
# A single underscore is part of ordinary names: `get_weather` is not a prefixed `weather`.
_JOINTS = ("-", ".", "__", "/", ":")
Manner = Callable[[ChatRequest], ChatRequest]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Spoken:
    """A text of the conversation; its case-folded form is computed once for all conditions."""

    __slots__ = ("_folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded: str | None = None

    @property
    def folded(self) -> str:
        """The text without differences of upper and lower case."""
        if self._folded is None:
            self._folded = self.text.casefold()
        return self._folded


@dataclass(frozen=True)
class Text:
    """A condition on a text; every part of it that is present must hold.

    `contains` looks anywhere and ignores case. `equals` compares the whole text without the blanks around it, case
    kept. `matches` searches with an RE2 pattern, whose named groups are captures. `no` must not hold.
    """

    contains: str | None = None
    equals: str | None = None
    matches: str | None = None
    no: "Text | None" = None

    def __post_init__(self) -> None:
        if self.matches is not None:
            compiled(self.matches)

    @classmethod
    def of(cls, value: Any) -> "Text":
        """Read a condition as scenario files write it: a string (contained), or an object of its keys.

        Raises:
            TypeError: it is neither, or has an unknown key.
            ValueError: a pattern is not one that RE2 can search.
        """
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls(contains=value)
        if not isinstance(value, Mapping) or not value:
            raise TypeError(f"expected a text or an object with {listed(TEXT_KEYS)}, found {described(value)}")
        for key, part in value.items():
            if key not in TEXT_KEYS:
                raise TypeError(f"unknown key `{key}` in a text condition.{nearest(str(key), TEXT_KEYS)}")
            if key != "not" and not isinstance(part, str):
                raise TypeError(f"`{key}` expects a text, found {described(part)}")
        no = cls.of(value["not"]) if "not" in value else None
        return cls(value.get("contains"), value.get("equals"), value.get("matches"), no)

    def fits(self, spoken: Spoken) -> bool:
        """Whether the text meets the condition."""
        return (
            (self.contains is None or self._needle in spoken.folded)
            and (self.equals is None or self.equals.strip() == spoken.text.strip())
            and (self.matches is None or compiled(self.matches).search(spoken.text) is not None)
            and (self.no is None or not self.no.fits(spoken))
        )

    def captures(self, spoken: Spoken) -> dict[str, str]:
        """The named groups of the pattern that took part in the match."""
        found = compiled(self.matches).search(spoken.text) if self.matches is not None else None
        groups = found.groupdict() if found is not None else {}
        return {name: text for name, text in groups.items() if text is not None}

    @property
    def names(self) -> frozenset[str]:
        """The names of the pattern's groups."""
        return frozenset(compiled(self.matches).groupindex) if self.matches is not None else frozenset()

    @cached_property
    def _needle(self) -> str:
        return (self.contains or "").casefold()

    def __str__(self) -> str:
        parts = []
        if self.contains is not None:
            parts.append(f"contains {quoted(self.contains)}")
        if self.equals is not None:
            parts.append(f"equals {quoted(self.equals)}")
        if self.matches is not None:
            parts.append(f"matches {quoted(self.matches)}")
        if self.no is not None:
            parts.append(f"not ({self.no})")
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back; `tool` is "" when the conversation does not tell which tool it was."""

    tool: str
    content: str


class MatchView:
    """A request with what surrounds it; what conditions want to know of it is found out once, when one looks.

    `attempt` says how often this very request came in its session, this time included. Names of `headers` are in
    lower case. `user` is what the user says in this turn (`chat.spoken`), None when that is nothing. `manner` is what
    the provider in force takes out of a request before recordings compare it; equal manners are the same object.
    """

    def __init__(
        self,
        request: ChatRequest,
        attempt: int = 1,
        session: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
        manner: Manner | None = None,
    ) -> None:
        self.request = request
        self.attempt = attempt
        self.session = session
        self.headers = headers
        self.manner = manner
        said = user_says(request.messages)
        self.user = Spoken(said) if said is not None else None

    @cached_property
    def system(self) -> tuple[Spoken, ...]:
        """All system and developer messages."""
        return self._said("system", "developer")

    @cached_property
    def assistant(self) -> tuple[Spoken, ...]:
        """Whatever the model said in words."""
        return self._said("assistant")

    @property
    def replies(self) -> int:
        """How many assistant messages the conversation holds."""
        return [message.role for message in self.request.messages].count("assistant")

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The tool results since the model spoke last, with the names of their tools."""
        return results_of(self.request.messages[max(last_answer(self.request.messages), 0) :])

    @property
    def ends_with_result(self) -> bool:
        """Whether the last message is a tool result."""
        messages = self.request.messages
        return bool(messages) and messages[-1].role in ("tool", "function")

    def until(self, end: int) -> "MatchView":
        """The same request when the conversation had only its first `end` messages."""
        if end >= len(self.request.messages):
            return self
        request = replace(self.request, messages=self.request.messages[:end])
        return MatchView(request, self.attempt, self.session, self.headers, self.manner)

    def at_opening(self, end: int) -> "MatchView":
        """The same request at a user message that may open a scenario: what was said before the model spoke is past."""
        request = replace(self.request, messages=self.request.messages[:end])
        view = MatchView(request, self.attempt, self.session, self.headers, self.manner)
        said = user_says_at_opening(request.messages)
        view.user = Spoken(said) if said is not None else None
        return view

    def _said(self, *roles: str) -> tuple[Spoken, ...]:
        return tuple(Spoken(message.content or "") for message in self.request.messages if message.role in roles)


@lru_cache(maxsize=100_000)
def compiled(pattern: str) -> Any:
    """The pattern, ready to search in linear time.

    Raises:
        ValueError: RE2 cannot search it, and why.
    """
    # Imported here: a script of plain texts, the usual case in a test, pays for no regular expressions.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ValueError(
            f"the pattern {quoted(pattern)} cannot be used: {reason}. Patterns are RE2's: searched in linear time, "
            "without look-around and back-references"
        ) from None


def results_of(messages: Sequence[Message]) -> tuple[Result, ...]:
    """The tool results among the messages, in the order of the calls that they answer.

    A result belongs to the call with its id, of those made by the assistant message before it: ids are the client's
    own and may come again later. Where either side has no id, name and order decide.
    """
    return tuple(result for block in blocks(messages) for result in _paired(block))


def readable(content: str) -> str:
    r"""The content as a person would write it: JSON with `\u00fc` spelled out as ü; anything else as it is."""
    if "\\u" not in content:
        return content
    try:
        return json.dumps(json.loads(content), ensure_ascii=False)
    except ValueError:
        return content


def is_tool(known: str, offered: str) -> bool:
    """Whether the offered name is the known one, alone or after a prefix (`weather-get_current_weather`)."""
    return offered == known or offered.endswith(tuple(joint + known for joint in _JOINTS))


def offered_name(known: str, offered: Iterable[str]) -> str | None:
    """The name under which a tool is offered: exactly as it is known, or the only one that is it after a prefix."""
    names = list(offered)
    if known in names:
        return known
    prefixed = [name for name in names if is_tool(known, name)]
    return prefixed[0] if len(prefixed) == 1 else None


def _paired(block: Sequence[Message]) -> Iterator[Result]:
    left = list(tool_results(block))
    calls = block[0].tool_calls if block else ()
    found, _ = answers(calls, left)
    for call, (answer, *_) in ((call, given) for call, given in zip(calls, found, strict=True) if given):
        left.remove(answer)
        yield Result(call.name, answer.content or "")
    yield from (Result(message.name or "", message.content or "") for message in left)
