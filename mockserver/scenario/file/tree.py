"""The syntax tree of a scenario file: plain data in which every value and key has its line and column."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.scenario.error_messages import ScenarioError

DEEPEST = 64
Path = tuple[str | int, ...]
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LITERALS = {"true": True, "false": False, "null": None}


class Mark(NamedTuple):
    """A place in a text, counted from 1 in lines and characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it begins; `content` holds nodes when it is a list or an object."""

    mark: Mark
    content: Any

    def plain(self) -> Any:
        """The value as plain data."""
        if isinstance(self.content, list):
            return [node.plain() for node in self.content]
        if isinstance(self.content, dict):
            return {key: entry.node.plain() for key, entry in self.content.items()}
        return self.content

    def at(self, path: Sequence[str | int]) -> "Node":
        """The value at this path, or the last one on the way that is there."""
        node = self
        for part in path:
            if isinstance(node.content, dict) and part in node.content:
                node = node.content[part].node
            elif isinstance(node.content, list) and isinstance(part, int) and part < len(node.content):
                node = node.content[part]
            else:
                break
        return node

    def key(self, path: Sequence[str | int]) -> Mark:
        """Where the key at the end of this path is written; for an entry of a list, where the entry begins."""
        holder = self.at(path[:-1]) if path else self
        if path and isinstance(holder.content, dict) and path[-1] in holder.content:
            mark: Mark = holder.content[path[-1]].mark
            return mark
        return self.at(path).mark


class Entry(NamedTuple):
    """A key's place and its value."""

    mark: Mark
    node: Node


class UnreadableText(Exception):
    """Reading cannot go on."""

    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message


class Report:
    """The problems found in one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: dict[ScenarioError, None] = {}

    def error(self, mark: Mark, message: str) -> None:
        """Note a mistake."""
        self._found[ScenarioError(self.path, *mark, message)] = None

    def warn(self, mark: Mark, message: str) -> None:
        """Note something that is likely to be a mistake."""
        self._found[ScenarioError(self.path, *mark, message, warning=True)] = None

    def add(self, other: "Report") -> None:
        """Take over what another reading found."""
        self._found |= other._found

    @property
    def problems(self) -> list[ScenarioError]:
        """All of them, in the order of the file."""
        return sorted(self._found, key=lambda problem: (problem.line, problem.column))

    @property
    def errors(self) -> list[ScenarioError]:
        """Those that are more than warnings."""
        return [problem for problem in self.problems if not problem.warning]


def put(entries: dict[str, Entry], key: str, entry: Entry, report: Report) -> None:
    """Add a key to an object; one that is there already is a mistake."""
    if key in entries:
        report.error(entry.mark, f"the key `{key}` is there twice; the first is in line {entries[key].mark.line}")
        return
    entries[key] = entry


def scalar(text: str, mark: Mark, report: Report) -> Any:
    """The value of unquoted text by the rules of JSON: a number, true, false or null; all else is text."""
    if text in _LITERALS:
        return _LITERALS[text]
    found = _NUMBER.fullmatch(text)
    if not found:
        return text
    try:
        number = float(text) if found[1] or found[2] else int(text)
    except ValueError:
        number = float("inf")
    if number in (float("inf"), float("-inf")):
        report.error(mark, "this number is too large; quote it if it is meant as text")
        return 0
    return number


def written(path: Sequence[str | int]) -> str:
    """A path as messages show it: `turns[0].calls[1].with`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _key(part: str) -> str:
    return part if re.fullmatch(r"[\w-]+", part) else json.dumps(part, ensure_ascii=False)
