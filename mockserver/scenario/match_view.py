"""Match view: a request as conditions read it: texts by speaker, tool results, calls, headers, attempt."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from mockserver.chat import ChatRequest, Message, ToolCall, last_answer, tool_results, user_says, user_says_at_opening
from mockserver.chat.call_results import answers, blocks
from mockserver.scenario.value_conditions import Spoken

# A single underscore is part of ordinary names: `get_weather` is not a prefixed `weather`.
_EVERY_ATTEMPT = 10**9
_JOINTS = ("-", ".", "__", "/", ":")
Manner = Callable[[ChatRequest], ChatRequest]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


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
        self._opening: int | None = None
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

    @cached_property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that the model made since the scenario opened; for rules, since the last user message."""
        messages = self.request.messages
        last = next((index for index in range(len(messages) - 1, -1, -1) if messages[index].role == "user"), 0)
        start = last if self._opening is None else self._opening
        return tuple(call for message in messages[start:] for call in message.tool_calls)

    def since(self, opening: int) -> "MatchView":
        """The same request for the turns of a scenario that opened at this message."""
        found = copy(self)
        found.__dict__.pop("calls", None)
        found._opening = opening
        return found

    def until(self, end: int) -> "MatchView":
        """The same request when the conversation had only its first `end` messages."""
        if end >= len(self.request.messages):
            return self
        request = replace(self.request, messages=self.request.messages[:end])
        return MatchView(request, self.attempt, self.session, self.headers, self.manner)

    def past_errors(self) -> "MatchView":
        """The same request, with all turns passed that are errors for its first attempts."""
        found = copy(self)
        found.attempt = _EVERY_ATTEMPT
        return found

    def at_opening(self, end: int) -> "MatchView":
        """The same request at a user message that may open a scenario: what was said before the model spoke is past."""
        request = replace(self.request, messages=self.request.messages[:end])
        view = MatchView(request, self.attempt, self.session, self.headers, self.manner)
        said = user_says_at_opening(request.messages)
        view.user = Spoken(said) if said is not None else None
        return view

    def _said(self, *roles: str) -> tuple[Spoken, ...]:
        return tuple(Spoken(message.content or "") for message in self.request.messages if message.role in roles)


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


def known_names(offered: str) -> Iterator[str]:
    """The names for which `is_tool` takes an offered name: itself, and what follows a prefix."""
    yield offered
    for joint in _JOINTS:
        place = offered.find(joint)
        while place >= 0:
            yield offered[place + len(joint) :]
            place = offered.find(joint, place + 1)


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
