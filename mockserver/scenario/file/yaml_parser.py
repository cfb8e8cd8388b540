"""YAML parser of scenario files: YAML's layout, JSON's values, a position for every value, own error messages."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from mockserver.scenario.file.tree import DEEPEST, Entry, Mark, Node, Report, UnreadableText, put, scalar

_AFTER_BRACE = re.compile(r"[ \t]*[^\s,#\]}][^\n]*")  # a text that goes on after its first placeholder
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_INDENTATION = (
    "this does not fit what is above it: check the indentation; a text that begins with a quote or a brace and goes on "
    "after its end must be quoted as a whole"
)
# Part of PyYAML's message -> ours; the first that fits.
_MESSAGES = {
    "mapping values are not allowed": "quote text that has `: ` in it; if this is a key, begin a new line with the "
    "indentation of its neighbours",
    "expected ','": "a comma is missing before this, or a bracket is not closed",
    "escape": "this `\\` begins no known escape: write `\\\\`, or use single quotes, where `\\` is itself",
    "expected": _INDENTATION,
    "block": _INDENTATION,
}


def read_yaml(text: str, report: Report) -> Node:
    """The only document of a YAML text.

    Raises:
        UnreadableText: the text is not YAML, empty, or nested too deeply.
    """
    try:
        return _YamlComposer(text, report).document()
    except yaml.YAMLError as error:
        raise _explained(error, text) from None


class _YamlComposer:
    """Puts the parser's events together; each method is handed an event and takes the rest of its node."""

    def __init__(self, text: str, report: Report) -> None:
        self._text = text
        self._report = report
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._unquoted: dict[Mark, str] = {}

    def document(self) -> Node:
        """Read the one document of the file; a second one, or none, is reported."""
        found: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    self._report.error(_mark(event), "a scenario file holds one document: put the second into its own")
                    break
                found = self._node(next(self._events), 0)
        for mark, message in self._unquoted.items():
            self._report.error(mark, message)
        if found is None:
            raise UnreadableText(Mark(1, 1), "the file is empty: a scenario needs `turns` or `rules`")
        return found

    def _node(self, event: Any, depth: int) -> Node:
        mark = _mark(event)
        if depth > DEEPEST:
            raise UnreadableText(mark, f"nested too deeply: more than {DEEPEST} levels")
        if isinstance(event, yaml.AliasEvent):
            self._report.error(mark, f"aliases are not allowed (`*{event.anchor}`): write the value out")
            return Node(mark, "")
        if event.anchor:
            self._report.error(
                mark, f"anchors are not allowed (`&{event.anchor}`): write the value out where it is used"
            )
        if event.tag:
            self._report.error(mark, "tags (`!…`) are not allowed: quote a value to make it text")
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(mark, list(self._entries(depth + 1)))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, depth + 1)
        return Node(mark, self._scalar(event))

    def _scalar(self, event: Any) -> Any:
        if not _plain(event):
            return event.value
        return None if event.value in ("", "~") else scalar(event.value, _mark(event), self._report)

    def _entries(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth)

    def _mapping(self, start: Any, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        last: Any = None  # the event of the value before, when it was unquoted text
        last_key = ""
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._no_key(start, key, depth)
                if start.flow_style:
                    return self._braces(start)
                continue
            value = next(self._events)
            if start.flow_style and _plain(key) and _bare(key, value):
                if last is None:
                    return self._braces(start)
                self._comma(entries, last_key, last, key)
                continue
            last, last_key = value if isinstance(value, yaml.ScalarEvent) and _plain(value) else None, key.value
            entry = Entry(_mark(key), self._node(value, depth))
            if self._good_key(key):
                put(entries, key.value, entry, self._report)
        return Node(_mark(start), entries)

    def _good_key(self, key: Any) -> bool:
        mark = _mark(key)
        if key.anchor or key.tag:
            self._report.error(mark, "anchors and tags are not allowed")
        if _plain(key) and key.value == "<<":
            self._report.error(mark, "`<<` is not allowed: write the keys out")
            return False
        if _plain(key) and key.value == "":
            self._report.error(mark, "a key is missing before the `:`")
            return False
        return True

    def _no_key(self, start: Any, key: Any, depth: int) -> None:
        report, self._report = self._report, Report("")
        self._node(key, depth)
        self._node(next(self._events), depth)
        self._report = report
        if not start.flow_style:
            self._report.error(_mark(key), "a key must be text")

    def _comma(self, entries: dict[str, Entry], name: str, value: Any, bare: Any) -> None:
        """`{location: San Francisco, CA}`: YAML takes what follows the comma for a key without a value."""
        text = self._text[value.start_mark.index : bare.end_mark.index]
        entries[name] = Entry(entries[name].mark, Node(_mark(value), text))
        self._unquoted[_mark(value)] = f'quote text that has a comma: {name}: "{text}"'

    def _braces(self, start: Any) -> Node:
        """`text: {user}`: YAML takes a placeholder for an object."""
        depth = 1
        for event in self._events:
            depth += isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
            depth -= isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
            if depth == 0:
                break
        begin, end = start.start_mark.index, event.end_mark.index
        rest = _AFTER_BRACE.match(self._text, end)
        text = self._text[begin : rest.end() if rest else end]
        self._report.error(_mark(start), f'quote text that has braces: "{text}"')
        return Node(_mark(start), text)


def _plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and bool(event.implicit[0])


def _bare(key: Any, value: Any) -> bool:
    """Whether a key of a flow mapping stands alone, without even a colon."""
    return _plain(value) and value.value == "" and value.start_mark.index == key.end_mark.index


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _explained(error: yaml.YAMLError, text: str) -> UnreadableText:
    """PyYAML's error in our words, at the place of the mistake."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        message = f"the character U+{ord(text[error.position]):04X} is not allowed: write it as an escape in quotes"
        return UnreadableText(Mark(line, column), message)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return UnreadableText(Mark(1, 1), f"this is not YAML: {error}")
    mark = error.context_mark if _unclosed(error, text) else error.problem_mark
    assert mark is not None
    return UnreadableText(Mark(mark.line + 1, mark.column + 1), _message(error, text))


def _unclosed(error: yaml.MarkedYAMLError, text: str) -> bool:
    if error.context_mark is None or error.problem_mark is None:
        return False
    if "end of stream" in (error.problem or "") or "document indicator" in (error.problem or ""):
        return True
    flow = "flow" in (error.context or "")
    return flow and (error.problem_mark.line > error.context_mark.line or error.problem_mark.index >= len(text))


def _message(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem or ""
    if _unclosed(error, text):
        what = {"scalar": "quote", "mapping": "`{`", "sequence": "`[`"}
        opened = next((name for word, name in what.items() if word in (error.context or "")), "bracket")
        closed = "is never closed" if opened == "quote" else "is not closed, or something is wrong before its end"
        return f"this {opened} {closed}"
    if "cannot start any token" in problem:
        return _wrong_start(error.problem_mark, text)
    return next((words for part, words in _MESSAGES.items() if part in problem), f"this is not YAML: {problem}")


def _wrong_start(mark: Any, text: str) -> str:
    lines = text.splitlines()
    letter = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    if letter == "\t":
        return "a tab cannot indent: use spaces"
    return f"text cannot begin with `{letter}`: quote it"
