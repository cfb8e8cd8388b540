"""Placeholders: `{result.get_current_weather.0.temperature}` within a text, over plain data."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

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
Path = tuple[str | int, ...]
Typed = Callable[[Path, str], Any]
"""(path of a value in the arguments, path of the placeholder that it is) → the value, in the type of its parameter."""


class Parameters(Protocol):
    """The parameters of the offered tools, as their schemas describe them."""

    def takes_text(self, tool: str, path: Path) -> bool | None:
        """Whether a parameter takes text; None where the schema does not say, or the tool is not offered."""

    def misfits(self, call: ToolCall) -> Mapping[Path, str]:
        """What is wrong with the final arguments of a call, by path."""


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


def fill_value(value: Any, resolve: Resolve, typed: Typed, path: Path = ()) -> Any:
    """Plain data with its placeholders replaced; `typed` gives one that is a whole value its type."""
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        return typed(path, whole[2]) if whole and whole[2] else fill_text(value, resolve)
    if isinstance(value, list):
        return [fill_value(entry, resolve, typed, (*path, index)) for index, entry in enumerate(value)]
    if isinstance(value, dict):
        return {key: fill_value(entry, resolve, typed, (*path, key)) for key, entry in value.items()}
    return value


def fill_arguments(arguments: str, resolve: Resolve, typed: Typed) -> str:
    """Arguments of a call, which are JSON text, with the placeholders in their values replaced."""
    try:
        values = json.loads(arguments)
    except ValueError:
        return arguments
    return as_text(fill_value(values, resolve, typed), compact=arguments == as_text(values, compact=True))


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
        return json.loads(value, parse_constant=_no_json)
    except ValueError:
        return str(value)


class UnresolvedPlaceholder(LookupError):
    """A placeholder has no value in this conversation, or one that its parameter does not take."""

    def __init__(self, path: str, problem: str, label: str) -> None:
        super().__init__(f"{label}: the placeholder {{{path}}} {problem}")


class Known:
    """The values of a conversation: texts, captures, and the tool results from message `start` on."""

    def __init__(self, view: MatchView, start: int, captures: Mapping[str, str], label: str) -> None:
        self._view = view
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
            case "user" if self._view.user:
                return self._view.user.text
            case "system" if self._view.system:
                return "\n".join(spoken.text for spoken in self._view.system)
            case "model":
                return self._view.request.model
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
        for result in results_of(self._view.request.messages[self._start :]):
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

    def misfit(self, path: str, parameter: str) -> UnresolvedPlaceholder:
        """The error of a placeholder whose text its parameter does not take."""
        return UnresolvedPlaceholder(path, f"does not fit the parameter {parameter}", self._label)

    def _unresolved(self, path: str, known: str) -> UnresolvedPlaceholder:
        return UnresolvedPlaceholder(path, f"has no value in this conversation. {known}", self._label)


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


def filled(say: Reply, known: Known, parameters: Parameters) -> Reply:
    """The reply with its placeholders filled in.

    Raises:
        UnresolvedPlaceholder: one has no value in this conversation, or a text that its parameter does not take.
    """
    text, refusal, thinking = (
        None if written is None else fill_text(written, known.resolve)
        for written in (say.text, say.refusal, say.thinking)
    )
    calls = [call if call.verbatim else _filled_call(call, known, parameters) for call in say.calls]
    return replace(say, text=text, refusal=refusal, thinking=thinking, calls=tuple(calls))


def _filled_call(call: ToolCall, known: Known, parameters: Parameters) -> ToolCall:
    if call.kind == "custom":
        return replace(call, arguments=fill_text(call.arguments, known.resolve))
    converted: dict[Path, str] = {}

    def typed(path: Path, placeholder: str) -> Any:
        value = known.resolve(placeholder)
        takes_text = parameters.takes_text(call.name, path) if isinstance(value, str) else None
        if takes_text is None:
            return _meant(value)
        if takes_text:
            return _written(value)
        converted[path] = placeholder
        return _meant(Content(value))

    filled_call = replace(call, arguments=fill_arguments(call.arguments, known.resolve, typed))
    if converted and call.fault != AS_WRITTEN:
        for path, message in parameters.misfits(filled_call).items():
            if path in converted:
                raise known.misfit(converted[path], f"`{shown_path(path)}` of `{call.name}`: {message}")
    return filled_call


def shown_path(path: Path) -> str:
    """A path into arguments, as messages show it: `lines[0].quantity`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


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
