"""Reads what a docstring in Google style says about a function and about each of its parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import cleandoc

_ARGUMENTS = frozenset({"Args", "Arguments", "Parameters", "Params", "Keyword Args", "Keyword Arguments"})
_SECTIONS = _ARGUMENTS | {
    *("Attributes", "Example", "Examples", "Note", "Notes", "Raises", "References", "Return", "Returns", "See Also"),
    *("Todo", "Warning", "Warnings", "Warns", "Yield", "Yields"),
}
_PARAMETER = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?:\s*(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Documentation:
    """What the docstring says: about the function, and by name about its parameters."""

    about: str
    parameters: dict[str, str]


def read_docstring(docstring: str | None) -> Documentation:
    """Reads the text before the first section, and the sections that describe parameters."""
    lines = cleandoc(docstring or "").splitlines()
    starts = [number for number, line in enumerate(lines) if _heading(line) is not None]
    about = lines[: starts[0]] if starts else lines
    parameters: dict[str, str] = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        if _heading(lines[start]) in _ARGUMENTS:
            parameters |= _read_parameters(lines[start + 1 : end])
    return Documentation("\n".join(about).strip(), parameters)


def _heading(line: str) -> str | None:
    name = line.removesuffix(":")
    return name if line.endswith(":") and name in _SECTIONS else None


def _read_parameters(lines: Sequence[str]) -> dict[str, str]:
    """One parameter begins at the depth of the first; what stands deeper goes on with it."""
    found: dict[str, list[str]] = {}
    depth = next((_depth(line) for line in lines if line.strip()), 0)
    latest: list[str] = []
    for line in lines:
        match = _PARAMETER.fullmatch(line.strip()) if _depth(line) == depth else None
        if match:
            latest = found.setdefault(match["name"], [])
            latest.append(match["text"])
        elif line.strip():
            latest.append(line.strip())
    return {name: " ".join(texts).strip() for name, texts in found.items()}


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
