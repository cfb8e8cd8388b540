"""Ignored parts of requests: the paths and patterns of `recording: {ignore: […]}`, which are not compared."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.chat import ChatRequest, Message
from mockserver.scenario.canonical import Canonical
from mockserver.scenario.error_messages import nearest, quoted
from mockserver.scenario.scenario_model import Recording, Scenario
from mockserver.scenario.value_conditions import compiled

IGNORED = "<ignored>"
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+|\*)\]")
_ANY = "*"
_MESSAGE_KEYS = ("role", "content", "tool_calls", "refusal", "name", "answers")
_HEADS = ("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "options")
_EXAMPLES = "`messages[0].content`, `messages[*].content`, `options.temperature`, or a pattern between slashes, `/RE2/`"

Steps = tuple[str, ...]


def checked_item(item: str) -> str:
    """The item, when it is a path that a miss could print, or a pattern between slashes.

    Raises:
        ValueError: it is neither; the message says what is expected.
    """
    if _is_pattern(item):
        compiled(item[1:-1])
        return item
    steps = _steps(item)
    if not steps or steps[0] not in _HEADS:
        near = nearest(steps[0], _HEADS) if steps else ""
        raise ValueError(f"{quoted(item)} is not a path in a request.{near} Expected {_EXAMPLES}")
    if steps[0] == "messages" and len(steps) > 1:
        if not (steps[1].isdecimal() or steps[1] == _ANY):
            raise ValueError(f"{quoted(item)}: after `messages` expected a number or `*` in brackets: `messages[0]`")
        if len(steps) > 2 and steps[2] not in _MESSAGE_KEYS:  # the third step is a message's key
            near = nearest(steps[2], _MESSAGE_KEYS)
            raise ValueError(f"{quoted(item)}: a message has no `{steps[2]}` that is compared.{near}")
    return item


def ignoring(scenario: Scenario, items: Sequence[str]) -> Scenario:
    """A recording that ignores these items beside its own; any other scenario as it is."""
    if scenario.recording is None or not items:
        return scenario
    recording: Recording = replace(scenario.recording, ignore=(*scenario.recording.ignore, *items))
    return replace(scenario, recording=recording)


class IgnoredParts:
    """Takes the ignored parts out of requests and of their canonical forms."""

    def __init__(self, items: Iterable[str]) -> None:
        items = tuple(items)
        self._patterns = [compiled(item[1:-1]) for item in items if _is_pattern(item)]
        self._paths = [_steps(item) for item in items if not _is_pattern(item)]

    def request(self, request: ChatRequest) -> ChatRequest:
        """The request with the matches of the patterns taken out of what its messages say."""
        if not self._patterns:
            return request
        return replace(request, messages=tuple(map(self._message, request.messages)))

    def form(self, form: Canonical) -> Canonical:
        """The canonical form without the paths, and without the matches in any of its texts."""
        if not self._patterns and not self._paths:
            return form
        found: Canonical = self._without(self._texts(form) if self._patterns else form, self._paths)
        return found

    def _message(self, message: Message) -> Message:
        calls = tuple(replace(call, arguments=self._text(call.arguments)) for call in message.tool_calls)
        content = message.content if message.content is None else self._text(message.content)
        return replace(message, content=content, tool_calls=calls)

    def _texts(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._texts(entry) for key, entry in value.items()}
        return [self._texts(entry) for entry in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(IGNORED, text)
        return text

    def _without(self, value: Any, paths: Sequence[Steps]) -> Any:
        if not paths:
            return value
        if isinstance(value, Mapping):
            found = {}
            for key, entry in value.items():
                inner = _inside(paths, key)
                if () not in inner:
                    found[key] = self._without(entry, inner)
            return found
        if isinstance(value, list):
            entries = [(entry, _inside(paths, str(index))) for index, entry in enumerate(value)]
            return [IGNORED if () in inner else self._without(entry, inner) for entry, inner in entries]
        return value


def _inside(paths: Sequence[Steps], step: str) -> list[Steps]:
    """What is left of the paths that go on through this key or index."""
    return [path[1:] for path in paths if path[0] in (step, _ANY)]


def _is_pattern(item: str) -> bool:
    return len(item) > 2 and item.startswith("/") and item.endswith("/")  # the slashes and more


def _steps(path: str) -> Steps:
    """The steps of a path; none where it is not one."""
    found = list(_STEP.finditer(path))
    whole = "".join(step[0] for step in found) == path and not path.startswith(".")
    return tuple(step[1] or step[2] for step in found) if whole else ()
