"""YAML writer: plain data as readable YAML, without quotes where possible, several lines as a block."""

import json
import re
from collections.abc import Iterator
from typing import Any

from mockserver.scenario.file.tree import Mark, Report, scalar

_WIDTH = 110
_LONGEST_KEY = 150
"""YAML takes keys of at most 1024 characters, as they are written: with quotes and escapes."""

# Text without quotes: it does not begin with one of YAML's signs, and nothing in it looks like a key or a comment.
_PLAIN = re.compile(r"[\w/.($](?:[^#:]|(?<! )#|:(?! |$))*")
_PLAIN_IN_BRACES = re.compile(r"[\w/.($](?:[^#:,?\[\]{}]|(?<! )#|:(?! |$))*")
# A line end of another kind, a control character, or one that turns the direction of writing.
_UNFIT_FOR_A_BLOCK = re.compile(
    "[^\t\n -~\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_HALF_LETTER = re.compile("[\ud800-\udfff]")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def as_yaml(data: dict[str, Any]) -> str:
    """Data of a JSON document as text that the reader of scenario files reads back as it is.

    Data that YAML cannot express, such as half of a surrogate pair, is written as JSON, which the reader takes as well.

    Raises:
        ValueError: a number does not exist in JSON (NaN, Infinity).
    """
    if any(_HALF_LETTER.search(word) or (is_key and len(word) > _LONGEST_KEY) for word, is_key in _words(data)):
        return json.dumps(data, indent=2, allow_nan=False) + "\n"
    return "".join(f"{line}\n" for line in _mapping(data, ""))


def _mapping(data: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _after(f"{indent}{_word(key, in_braces=True)}:", value, indent + "  ")


def _list(entries: list[Any], indent: str) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, dict) and entry:
            first, *rest = _mapping(entry, indent + "  ")
            yield f"{indent}- {first.lstrip(' ')}"
            yield from rest
        else:
            yield from _after(f"{indent}-", entry, indent + "  ")


def _after(before: str, value: Any, indent: str) -> Iterator[str]:
    """A value after what stands before it on its line; its further lines are indented."""
    if isinstance(value, dict | list) and value:
        line = f"{before} {_in_braces(value)}" if _is_flat(value) else ""
        if line and len(line) <= _WIDTH:
            yield line
            return
        yield before
        yield from _mapping(value, indent) if isinstance(value, dict) else _list(value, indent)
    elif isinstance(value, str) and "\n" in value and not value.isspace() and not _UNFIT_FOR_A_BLOCK.search(value):
        yield from _block(before, value, indent)
    else:
        yield f"{before} {_word(value)}"


def _block(before: str, text: str, indent: str) -> Iterator[str]:
    ends = len(text) - len(text.rstrip("\n"))
    # Blanks at the beginning would be taken for indentation.
    indicator = "2" if text[0].isspace() else ""
    yield f"{before} |{indicator}{'-' if ends == 0 else '' if ends == 1 else '+'}"
    yield from (f"{indent}{line}" if line else "" for line in text.removesuffix("\n").split("\n"))


def _is_flat(value: dict[str, Any] | list[Any], depth: int = 1) -> bool:
    """Whether it reads well on one line: words, and within an object lists and objects of words."""
    if isinstance(value, list):
        return not any(map(_has_parts, value))
    inner = [entry for entry in value.values() if _has_parts(entry)]
    return not inner or (
        depth > 0 and all(isinstance(part, dict | list) and _is_flat(part, depth - 1) for part in inner)
    )


def _has_parts(value: Any) -> bool:
    return bool(value) if isinstance(value, dict | list) else "\n" in str(value)


def _in_braces(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_word(key, in_braces=True)}: {_in_braces(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_in_braces, value))}]"
    return _word(value, in_braces=True)


def _word(value: Any, *, in_braces: bool = False) -> str:
    """A value without parts, as it stands on a line."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    text = str(value)
    if not text.isprintable():
        return _quoted(text)
    plain = _PLAIN_IN_BRACES if in_braces else _PLAIN
    if plain.fullmatch(text) and text[-1] != " " and scalar(text, Mark(1, 1), Report("")) == text:
        return text
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return _quoted(text)


def _quoted(text: str) -> str:
    return f'"{"".join(map(_letter, text))}"'


def _letter(letter: str) -> str:
    if letter in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[letter]
    code = ord(letter)
    return letter if letter.isprintable() else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _words(value: Any) -> Iterator[tuple[str, bool]]:
    """Every text in it, and whether it is a key."""
    if isinstance(value, str):
        yield value, False
    elif isinstance(value, dict):
        yield from ((key, True) for key in value)
        for entry in value.values():
            yield from _words(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _words(entry)
