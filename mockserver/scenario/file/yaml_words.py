"""What is wrong with a text that is not YAML, in words that say what to do."""

from typing import Any

import yaml

from mockserver.scenario.file.tree import Mark, Unreadable

_INDENTATION = (
    "this does not fit what is above it: check the indentation; a text that begins with a quote or a brace and goes on "
    "after its end must be quoted as a whole"
)
# A part of the parser's own words -> ours; the first that fits.
_WORDS = {
    "mapping values are not allowed": "quote text that has `: ` in it; if this is a key, begin a new line with the "
    "indentation of its neighbours",
    "expected ','": "a comma is missing before this, or a bracket is not closed",
    "escape": "this `\\` begins no known escape: write `\\\\`, or use single quotes, where `\\` is itself",
    "expected": _INDENTATION,
    "block": _INDENTATION,
}


def explained(error: yaml.YAMLError, text: str) -> Unreadable:
    """The parser's complaint in our words, at the place where the mistake is made."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        message = f"the character U+{ord(text[error.position]):04X} is not allowed: write it as an escape in quotes"
        return Unreadable(Mark(line, column), message)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Unreadable(Mark(1, 1), f"this is not YAML: {error}")
    mark = error.context_mark if _unclosed(error, text) else error.problem_mark
    assert mark is not None
    return Unreadable(Mark(mark.line + 1, mark.column + 1), _message(error, text))


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
    return next((words for part, words in _WORDS.items() if part in problem), f"this is not YAML: {problem}")


def _wrong_start(mark: Any, text: str) -> str:
    lines = text.splitlines()
    letter = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    if letter == "\t":
        return "a tab cannot indent: use spaces"
    return f"text cannot begin with `{letter}`: quote it"
