"""What placeholders may name in one conversation, and what to say when it is not there."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mockserver.scenario.asked import Asked
from mockserver.scenario.offered import is_tool
from mockserver.scenario.placeholders import Content
from mockserver.scenario.results import results_of
from mockserver.scenario.words import described


class UnresolvedPlaceholder(LookupError):
    """A placeholder has no value in this conversation; `known` is a sentence on what there is instead."""

    def __init__(self, path: str, known: str, label: str) -> None:
        super().__init__(f"{label}: the placeholder {{{path}}} has no value in this conversation. {known}")
        self.path = path
        self.known = known
        self.label = label


class Known:
    """The values of a conversation: texts, captures, and the tool results from message `start` on."""

    def __init__(self, asked: Asked, start: int, captures: Mapping[str, str], label: str) -> None:
        self._asked = asked
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
