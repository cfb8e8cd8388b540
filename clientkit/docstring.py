"""Reads what a docstring says about a function and its parameters, in the style of Google, NumPy or Sphinx."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import cleandoc

_ARGUMENTS = frozenset({"Args", "Arguments", "Parameters", "Params", "Keyword Args", "Keyword Arguments"})
_SECTIONS = _ARGUMENTS | {
    *("Attributes", "Example", "Examples", "Note", "Notes", "Other Parameters", "Raises", "References", "Return"),
    *("Returns", "See Also", "Todo", "Warning", "Warnings", "Warns", "Yield", "Yields"),
}
_GOOGLE = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?:\s*(?P<text>.*)")
_NUMPY = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?::.*)?(?P<text>)")
_SPHINX = re.compile(
    r":(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(?P<name>\w+):\s*(?P<text>.*)"
)
_SPHINX_FIELD = re.compile(r":\w+(?:\s[^:]*)?:")


@dataclass(frozen=True, slots=True)
class Documentation:
    """What the docstring says: about the function, and by name about its parameters."""

    about: str
    parameters: dict[str, str]


def read_docstring(docstring: str | None) -> Documentation:
    """Reads the text before the first section or field, and what describes parameters."""
    lines = cleandoc(docstring or "").splitlines()
    starts = [number for number in range(len(lines)) if _begins_section(lines, number)]
    about = lines[: starts[0]] if starts else lines
    parameters: dict[str, str] = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        parameters |= _section(lines[start:end])
    return Documentation("\n".join(about).strip(), parameters)


def _begins_section(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if _SPHINX_FIELD.match(line):
        return True
    return line.removesuffix(":") in _SECTIONS and (line.endswith(":") or _is_underlined(lines[number:]))


def _is_underlined(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and re.fullmatch(r"-{3,}", lines[1]) is not None


def _section(lines: Sequence[str]) -> dict[str, str]:
    if _SPHINX_FIELD.match(lines[0]):
        return _read(lines, _SPHINX)
    if lines[0].removesuffix(":") not in _ARGUMENTS:
        return {}
    return _read(lines[2:], _NUMPY) if _is_underlined(lines) else _read(lines[1:], _GOOGLE)


def _read(lines: Sequence[str], entry: re.Pattern[str]) -> dict[str, str]:
    """One parameter begins at the depth of the first; what stands deeper goes on with it."""
    found: dict[str, list[str]] = {}
    depth = next((_depth(line) for line in lines if line.strip()), 0)
    latest: list[str] = []
    for line in lines:
        match = entry.fullmatch(line.strip()) if _depth(line) == depth else None
        if match:
            latest = found.setdefault(match["name"], [])
            latest.append(match["text"])
        elif line.strip():
            latest.append(line.strip())
    return {name: " ".join(texts).strip() for name, texts in found.items()}


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
