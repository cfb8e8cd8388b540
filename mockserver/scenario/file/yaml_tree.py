"""YAML as scenario files use it: its layout, JSON's values, and none of its surprises."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from mockserver.scenario.file.tree import DEEPEST, Entry, Mark, Node, Report, Unreadable, put, scalar
from mockserver.scenario.file.yaml_words import explained

_AFTER_BRACE = re.compile(r"[ \t]*[^\s,#\]}][^\n]*")  # a text that goes on after its first placeholder
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str, report: Report) -> Node:
    """The only document of a YAML text.

    Raises:
        Unreadable: the text is not YAML, empty, or nested too deeply.
    """
    try:
        return _Composer(text, report).document()
    except yaml.YAMLError as error:
        raise explained(error, text) from None


class _Composer:
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
            raise Unreadable(Mark(1, 1), "the file is empty: a scenario needs `turns` or `rules`")
        return found

    def _node(self, event: Any, depth: int) -> Node:
        mark = _mark(event)
        if depth > DEEPEST:
            raise Unreadable(mark, f"nested too deeply: more than {DEEPEST} levels")
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
