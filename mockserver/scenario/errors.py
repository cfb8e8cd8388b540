"""Mistakes in scenario files, as editors and people read them: `file:line:column: message`."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.errors import MockServerError


@dataclass(frozen=True, slots=True)
class ScenarioError:
    """One mistake, or with `warning` something that is likely to be one. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.message}"


class ScenarioErrors(MockServerError, ValueError):
    """A scenario file has mistakes; `errors` are all of them, in the order of the file."""

    def __init__(self, errors: Iterable[ScenarioError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


class UnknownScenario(MockServerError, FileNotFoundError):
    """Neither a file, nor a folder, nor the name of a ready-made scenario."""


class Undumpable(MockServerError, TypeError):
    """A scenario holds what no file can: a function."""
