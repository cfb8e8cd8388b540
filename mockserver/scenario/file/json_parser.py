"""JSON parser of scenario files: a position for every value."""

import json
import re
from collections.abc import Iterator
from typing import Any

from mockserver.scenario.file.tree import DEEPEST, Entry, Mark, Node, Report, UnreadableText, put, scalar

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s,:\[\]{}"]+')
_NOT_JSON = ("NaN", "Infinity", "-Infinity")  # Python's own reader takes them


def read_json(text: str, report: Report) -> Node:
    """The value of a JSON text.

    Raises:
        UnreadableText: the text is not JSON, or nested too deeply.
    """
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise _explained(error) from None
    except RecursionError:
        raise UnreadableText(Mark(1, 1), f"nested too deeply: more than {DEEPEST} levels") from None
    return _JsonComposer(text, report).value(0)


class _JsonComposer:
    """Goes through the tokens of a text that is known to be JSON."""

    def __init__(self, text: str, report: Report) -> None:
        self._report = report
        self._tokens = _placed(text)

    def value(self, depth: int) -> Node:
        return self._node(*next(self._tokens), depth)

    def _node(self, word: str, mark: Mark, depth: int) -> Node:
        if depth > DEEPEST:
            raise UnreadableText(mark, f"nested too deeply: more than {DEEPEST} levels")
        if word == "[":
            return Node(mark, list(self._entries(depth + 1)))
        if word == "{":
            return Node(mark, self._object(depth + 1))
        if word in _NOT_JSON:
            self._report.error(mark, f"{word} is not JSON")
        return Node(mark, json.loads(word) if word[0] == '"' else scalar(word, mark, self._report))

    def _entries(self, depth: int) -> Iterator[Node]:
        for word, mark in self._tokens:
            if word == "]":
                return
            yield self._node(word, mark, depth)

    def _object(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for word, mark in self._tokens:
            if word == "}":
                break
            put(entries, json.loads(word), Entry(mark, self.value(depth)), self._report)
        return entries


def _placed(text: str) -> Iterator[tuple[str, Mark]]:
    line, start, seen = 1, 0, 0
    for found in _TOKEN.finditer(text):
        breaks = text.count("\n", seen, found.start())
        if breaks:
            line, start = line + breaks, text.rfind("\n", 0, found.start()) + 1
        seen = found.start()
        yield found[0], Mark(line, found.start() - start + 1)


def _explained(error: json.JSONDecodeError) -> UnreadableText:
    text: Any = error.doc
    if error.pos >= len(text.rstrip()) and (opened := _still_open(text)):
        return UnreadableText(opened[1], f"this `{opened[0]}` is not closed")
    return UnreadableText(Mark(error.lineno, error.colno), f"this is not JSON: {error.msg}")


def _still_open(text: str) -> tuple[str, Mark] | None:
    opened: list[tuple[str, Mark]] = []
    for word, mark in _placed(text):
        if word in "[{":
            opened.append((word, mark))
        elif word in "]}" and opened:
            opened.pop()
    return opened[-1] if opened else None
