"""Conditions (`when`) of turns and rules: whether one holds for a request, and if not, why."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import iscoroutinefunction
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.scenario.condition_keys import (
    Calls,
    Failure,
    Named,
    contents_of,
    failed_api,
    failed_calls,
    failed_choice,
    failed_headers,
    failed_model,
    failed_number,
    failed_results,
    failed_stream,
    failed_text,
    failed_tools,
    failed_user,
    read_api,
    read_calls,
    read_headers,
    read_names,
    read_number,
    read_plain,
    read_results,
)
from mockserver.scenario.error_messages import described, listed, nearest
from mockserver.scenario.match_view import MatchView
from mockserver.scenario.value_conditions import Bounds, Spoken, Text

Test = Callable[[ChatRequest], Any]


class ConditionFailed(Exception):
    """A condition that is a function raised an exception instead of saying yes or no."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(f"the condition {name} raised {type(error).__name__}: {error}")


@dataclass(frozen=True)
class When:
    """A condition on a request; every part that is present must hold, and an empty condition always holds.

    `tool_results` is a number of results or a condition for each tool named, `called` are calls made before. `any_of`
    and `no` are the file's `any` and `not`. `test` is a function of the request that says yes or no, for what only
    Python can tell.
    """

    user_says: Text | None = None
    system_says: Text | None = None
    assistant_said: Text | None = None
    tool_results: int | Bounds | Named | None = None
    called: Calls = ()
    tools: tuple[str, ...] = ()
    model: str | None = None
    tool_choice: str | None = None
    stream: bool | None = None
    turn: int | Bounds | None = None
    api: str | None = None
    header: Named = ()
    test: Test | None = None
    any_of: tuple["When", ...] = ()
    no: "When | None" = None

    @classmethod
    def of(cls, test: Test | None = None, /, **conditions: Any) -> "When":
        """Read conditions as scenario files write them: `When.of(user_says="thanks", turn=2)`.

        A function of the request that says yes or no may come first: `When.of(lambda request: request.stream)`.

        Raises:
            TypeError: an unknown key, a value of the wrong kind, or a function that would have to be awaited.
            ValueError: a pattern is not one that RE2 can search.
        """
        for key in conditions:
            if key not in _READERS:
                raise TypeError(f"unknown condition `{key}`.{nearest(key, _READERS)} Known: {listed(_READERS, 'and')}.")
        if iscoroutinefunction(test):
            raise TypeError(f"{name_of(test)} cannot be a condition: it would have to be awaited; use a plain function")
        fields: dict[str, Any] = {"test": test}
        for key, value in conditions.items():
            try:
                fields[_FIELDS.get(key, key)] = _READERS[key](value)
            except (TypeError, ValueError) as error:
                raise type(error)(f"when.{key}: {error}") from None
        return cls(**fields)

    def holds(self, view: MatchView) -> bool:
        """Whether every condition holds."""
        # The usual condition is looked at first and without words, so that many rules are told apart quickly.
        if self.user_says is not None and not (view.user and self.user_says.fits(view.user)):
            return False
        return self._asks_no_more or next(failed(self, view), None) is None

    def failures(self, view: MatchView) -> tuple[Failure, ...]:
        """The conditions that do not hold; empty when all do."""
        return () if self.holds(view) else tuple(failed(self, view))

    def captures(self, view: MatchView) -> dict[str, str]:
        """What the named groups of patterns caught; for a text of several messages, in the latest that fits."""
        found: dict[str, str] = {}
        for part in self.any_of:
            if part.holds(view):
                found |= part.captures(view)
        for condition, texts in self._texts(view):
            fitting = next((text for text in reversed(texts) if condition.fits(text)), None)
            found |= condition.captures(fitting) if fitting else {}
        return found

    @property
    def names(self) -> frozenset[str]:
        """The names of all groups that may be captured."""
        conditions = [self.user_says, self.system_says, self.assistant_said]
        conditions += [text for _, text in self.header]
        if isinstance(self.tool_results, tuple):
            conditions += [text for _, text in self.tool_results]
        own = [condition.names for condition in conditions if condition is not None]
        return frozenset().union(*own, *(part.names for part in self.any_of))

    def mentions(self, *fields: str) -> bool:
        """Whether one of these fields is used, here or within `any` and `not`."""
        nothing = When()
        inside = (*self.any_of, *((self.no,) if self.no else ()))
        own = any(getattr(self, name) != getattr(nothing, name) for name in fields)
        return own or any(part.mentions(*fields) for part in inside)

    @property
    def needs_text(self) -> bool:
        """Whether it asks for words or calls of the conversation, or for what a certain tool said."""
        words = self.mentions("user_says", "system_says", "assistant_said", "called", "test")
        parts = (*self.any_of, *((self.no,) if self.no else ()))
        return words or isinstance(self.tool_results, tuple) or any(part.needs_text for part in parts)

    def lasting(self, view: MatchView, overridden: Collection[str] = ()) -> "When":
        """What must still hold in later requests of a conversation that it opened.

        Applications change some options from one request to the next: a forced first call and a streamed summary are
        common, and some clients leave `tools` out of the second request. `overridden` are keys that a later turn names
        itself, as when another agent takes over.
        """
        system_says = None if "system_says" in overridden else self.system_says
        model = None if "model" in overridden else self.model
        tools = self.tools if view.request.tools and "tools" not in overridden else ()
        any_of = tuple(part.lasting(view, overridden) for part in self.any_of)
        lasting = replace(self, system_says=system_says, model=model, tools=tools, any_of=any_of)
        return replace(lasting, tool_choice=None, stream=None)

    @cached_property
    def _asks_no_more(self) -> bool:
        """Whether what the user says is the only condition."""
        return self == When(user_says=self.user_says)

    def _texts(self, view: MatchView) -> Iterator[tuple[Text, tuple[Spoken, ...]]]:
        if self.user_says:
            yield self.user_says, (view.user,) if view.user else ()
        if self.system_says:
            yield self.system_says, view.system
        if self.assistant_said:
            yield self.assistant_said, view.assistant
        for name, condition in self.tool_results if isinstance(self.tool_results, tuple) else ():
            yield condition, contents_of(name, view.results)
        for name, condition in self.header:
            yield condition, (Spoken(view.headers[name]),) if name in view.headers else ()

    def __str__(self) -> str:
        """The conditions on one line, in the words of the file."""
        parts = [f"{key} {text}" for key in _TEXT_FIELDS if (text := getattr(self, key)) is not None]
        plain = ("api", "model", "tool_choice", "stream", "turn")
        parts += [f"{key} {value}" for key in plain if (value := getattr(self, key)) is not None]
        if isinstance(self.tool_results, tuple):
            parts += [f"tool_results of {name} {text}".rstrip() for name, text in self.tool_results]
        elif self.tool_results is not None:
            parts.append(f"tool_results {self.tool_results}")
        parts += [
            f"called {name} {json.dumps(dict(values)) if values else ''}".rstrip() for name, values in self.called
        ]
        parts += [f"tools {', '.join(self.tools)}"] if self.tools else []
        parts += [f"header {name} {text}" for name, text in self.header]
        parts += [f"{name_of(self.test)} says yes"] if self.test is not None else []
        parts += [f"any of ({'; '.join(map(str, self.any_of))})"] if self.any_of else []
        parts += [f"not ({self.no})"] if self.no is not None else []
        return " and ".join(parts) or "always"


def _when(value: Any) -> When:
    if isinstance(value, When):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object of conditions, found {described(value)}")
    return When.of(**value)


def _any(value: Any) -> tuple[When, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise TypeError(f"expected a list of conditions, found {described(value)}")
    return tuple(_when(part) for part in value)


_TEXT_FIELDS = ("user_says", "system_says", "assistant_said")
_FIELDS = {"any": "any_of", "not": "no"}
_READERS: dict[str, Callable[[Any], Any]] = {
    "user_says": Text.of,
    "system_says": Text.of,
    "assistant_said": Text.of,
    "tool_results": read_results,
    "called": read_calls,
    "tools": read_names,
    "model": read_plain(str, "a text"),
    "tool_choice": read_plain(str, "a text"),
    "stream": read_plain(bool, "true or false"),
    "turn": read_number,
    "api": read_api,
    "header": read_headers,
    "any": _any,
    "not": _when,
}


def failed(when: "When", view: MatchView) -> Iterator[Failure]:
    """The conditions that do not hold, each with what it wanted and what was there."""
    if when.user_says is not None:
        yield from failed_user(when.user_says, view)
    if when.system_says is not None:
        yield from failed_text("system_says", when.system_says, view.system, "no system message")
    if when.assistant_said is not None:
        yield from failed_text("assistant_said", when.assistant_said, view.assistant, "no assistant message")
    if when.tool_results is not None:
        yield from failed_results(when.tool_results, view)
    yield from failed_calls(when.called, view)
    yield from _failed_options(when, view)
    yield from failed_headers(when.header, view)
    if when.test is not None and not _says_yes(when.test, view):
        yield Failure("when", f"a request for which {name_of(when.test)} says yes", "it says no")
    if when.any_of and not any(part.holds(view) for part in when.any_of):
        yield Failure("any", f"one of ({'; '.join(map(str, when.any_of))})", "none of them")
    if when.no is not None and when.no.holds(view):
        yield Failure("not", f"not ({when.no})", "all of it holds")


def _failed_options(when: "When", view: MatchView) -> Iterator[Failure]:
    request = view.request
    yield from failed_tools(when.tools, request)
    if when.model is not None:
        yield from failed_model(when.model, request)
    if when.tool_choice is not None:
        yield from failed_choice(when.tool_choice, request.tool_choice)
    if when.stream is not None:
        yield from failed_stream(when.stream, request)
    if when.api is not None:
        yield from failed_api(when.api, request)
    if when.turn is not None:
        yield from failed_number("turn", when.turn, view.replies + 1)


def _says_yes(test: Test, view: MatchView) -> bool:
    try:
        return bool(test(view.request))
    except Exception as error:  # a user's own code may raise anything; the client must hear of it, not of a 500
        raise ConditionFailed(name_of(test), error) from error


def name_of(test: Test) -> str:
    """What a condition that is a function is called."""
    return f"`{getattr(test, '__name__', repr(test))}`"
