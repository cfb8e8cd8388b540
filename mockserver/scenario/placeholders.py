"""Placeholders: `{result.get_current_weather.0.temperature}` within a text, over plain data."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.scenario.arguments import as_text
from mockserver.scenario.results import readable
from mockserver.scenario.words import nearest

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
    """Every text within plain data; keys are no place for placeholders."""
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
