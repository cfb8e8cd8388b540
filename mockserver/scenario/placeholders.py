"""Placeholders: `{result.get_current_weather.0.temperature}` within a text, over plain data."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from mockserver.chat import AS_WRITTEN, Reply, ToolCall
from mockserver.scenario.error_messages import described, nearest
from mockserver.scenario.match_view import MatchView, is_tool, offered_name, readable, results_of

_PATH = r"[^\W\d][\w-]*(?:\.[\w-]+)*"
_PLACEHOLDER = re.compile(rf"\{{\{{({_PATH})\}}\}}|\{{({_PATH})\}}")
_LOOKS_LIKE_ONE = re.compile(rf"\{{({_PATH})\}}")
_SHAPES = {
    "user": "{user}",
    "system": "{system}",
    "model": "{model}",
    "result": "{result.TOOL.0} or {result.TOOL.0.KEY}",
    "capture": "{capture.NAME}",
}
Resolve = Callable[[str], Any]


class Content(str):
    """The text of a tool result: as it is within a text, what it says (JSON) where a value is wanted."""

    __slots__ = ()


def paths(text: str) -> Iterator[str]:
    """The paths of all placeholders in a text, right or wrong."""
    return (found[2] for found in _PLACEHOLDER.finditer(text) if found[2])


def mistake(path: str) -> str | None:
    """What is wrong with a placeholder's path, whatever the conversation will be; None for a good one."""
    first, *rest = path.split(".")
    if first not in _SHAPES:
        return (
            f"unknown placeholder {{{path}}}.{nearest(first, _SHAPES)} Known are {', '.join(_SHAPES.values())}; "
            f"to say {{{path}}} itself, write {{{{{path}}}}}"
        )
    fits = {
        "result": len(rest) > 1 and rest[1].isdecimal(),
        "capture": len(rest) == 1,
    }.get(first, not rest)
    return None if fits else f"the placeholder {{{path}}} is not complete: write {_SHAPES[first]}"


def holds_placeholder(text: str) -> bool:
    """Whether filling in would change the text."""
    return _PLACEHOLDER.search(text) is not None


def fill_text(text: str, resolve: Resolve) -> str:
    """The text with every placeholder replaced, and `{{path}}` written as `{path}`."""
    return _PLACEHOLDER.sub(lambda found: _written(resolve(found[2])) if found[2] else f"{{{found[1]}}}", text)


def fill_value(value: Any, resolve: Resolve) -> Any:
    """Plain data with its placeholders replaced; one that is a whole value keeps its type."""
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        return _meant(resolve(whole[2])) if whole and whole[2] else fill_text(value, resolve)
    if isinstance(value, list):
        return [fill_value(entry, resolve) for entry in value]
    if isinstance(value, dict):
        return {key: fill_value(entry, resolve) for key, entry in value.items()}
    return value


def fill_arguments(arguments: str, resolve: Resolve) -> str:
    """Arguments of a call, which are JSON text, with the placeholders in their values replaced."""
    try:
        values = json.loads(arguments)
    except ValueError:
        return arguments
    return as_text(fill_value(values, resolve), compact=arguments == as_text(values, compact=True))


def literal(text: str) -> str:
    """The text that says just this when it is filled in: what looks like a placeholder is escaped."""
    return _LOOKS_LIKE_ONE.sub(r"{{\1}}", text)


def texts_in(value: Any) -> Iterator[str]:
    """Every text within plain data; keys cannot hold placeholders."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from texts_in(entry)


def whole(value: str) -> bool:
    """Whether the text is one placeholder and nothing else, so that its value may be of any type."""
    found = _PLACEHOLDER.fullmatch(value)
    return bool(found and found[2])


def _written(value: Any) -> str:
    if isinstance(value, str):
        return readable(value) if isinstance(value, Content) else value
    return json.dumps(value, ensure_ascii=False)


def _meant(value: Any) -> Any:
    if not isinstance(value, Content):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return str(value)


class UnresolvedPlaceholder(LookupError):
    """A placeholder has no value in this conversation; `known` is a sentence on what there is instead."""

    def __init__(self, path: str, known: str, label: str) -> None:
        super().__init__(f"{label}: the placeholder {{{path}}} has no value in this conversation. {known}")
        self.path = path
        self.known = known
        self.label = label


class Known:
    """The values of a conversation: texts, captures, and the tool results from message `start` on."""

    def __init__(self, view: MatchView, start: int, captures: Mapping[str, str], label: str) -> None:
        self._asked = view
        self._start = start
        self._captures = captures
        self._label = label

    def resolve(self, path: str) -> Any:
        """The value at a placeholder's path.

        Raises:
            UnresolvedPlaceholder: there is none.
        """
        first, *rest = path.split(".")
        match first:
            case "user" if self._asked.user:
                return self._asked.user.text
            case "system" if self._asked.system:
                return "\n".join(spoken.text for spoken in self._asked.system)
            case "model":
                return self._asked.request.model
            case "capture":
                return self._capture(path, rest[0])
            case "result":
                return self._result(path, rest)
            case _:
                raise self._unresolved(path, f"Nothing was said by a {first} message.")

    def _capture(self, path: str, name: str) -> str:
        if name not in self._captures:
            names = ", ".join(sorted(self._captures)) or "nothing"
            raise self._unresolved(path, f"Captured so far: {names}.")
        return self._captures[name]

    @cached_property
    def _results(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for result in results_of(self._asked.request.messages[self._start :]):
            found.setdefault(result.tool, []).append(result.content)
        return found

    def _result(self, path: str, rest: list[str]) -> Any:
        tool, index, *keys = rest
        contents = [text for name, texts in self._results.items() if is_tool(tool, name) for text in texts]
        if int(index) >= len(contents):
            there = [f"{name or '(unnamed tool)'}: {len(texts)}" for name, texts in self._results.items()]
            raise self._unresolved(path, f"Tool results in this conversation: {', '.join(there) or 'none'}.")
        content = contents[int(index)]
        return self._inside(path, content, keys) if keys else Content(content)

    def _inside(self, path: str, content: str, keys: list[str]) -> Any:
        try:
            value = json.loads(content)
        except ValueError:
            value = content
        for key in keys:
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            elif isinstance(value, dict) and key in value:
                value = value[key]
            else:
                keys_there = f" with the keys {', '.join(map(str, value))}" if isinstance(value, dict) and value else ""
                raise self._unresolved(path, f"Where `{key}` should be, the result is {described(value)}{keys_there}.")
        return value

    def _unresolved(self, path: str, known: str) -> UnresolvedPlaceholder:
        return UnresolvedPlaceholder(path, known, self._label)


def named(say: Reply, view: MatchView) -> Reply:
    """The reply with its calls under the names that the application offers."""
    offered = [tool.name for tool in view.request.tools]
    if all(call.name in offered for call in say.calls):
        return say
    calls = [
        call if call.fault == AS_WRITTEN else replace(call, name=offered_name(call.name, offered) or call.name)
        for call in say.calls
    ]
    return replace(say, calls=tuple(calls))


def filled(say: Reply, known: Known) -> Reply:
    """The reply with its placeholders filled in."""
    text, refusal, thinking = (
        None if written is None else fill_text(written, known.resolve)
        for written in (say.text, say.refusal, say.thinking)
    )
    calls = [call if call.verbatim else _filled_call(call, known) for call in say.calls]
    return replace(say, text=text, refusal=refusal, thinking=thinking, calls=tuple(calls))


def _filled_call(call: ToolCall, known: Known) -> ToolCall:
    fill = fill_text if call.kind == "custom" else fill_arguments
    return replace(call, arguments=fill(call.arguments, known.resolve))


class Written(NamedTuple):
    """The values that a text of arguments holds, and whether it is written without blanks."""

    values: dict[str, Any]
    compact: bool


def as_text(values: Mapping[str, Any], *, compact: bool = False) -> str:
    """The arguments as a model would write them: `{"a": 1}`, or compact `{"a":1}`."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":") if compact else None)


def read_back(text: str) -> Written | None:
    """What the text holds, when exactly the same text can be made of it again; None for any other text."""
    try:
        values = json.loads(text, parse_constant=_no_json)
        if not isinstance(values, dict):
            return None
        form = next((compact for compact in (False, True) if as_text(values, compact=compact) == text), None)
    except (ValueError, RecursionError):
        return None
    return Written(values, form) if form is not None else None


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
