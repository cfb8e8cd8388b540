"""Scenario files: finding them by path or name, and reloading those that changed."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.scenario.error_messages import UnknownScenario, nearest
from mockserver.scenario.play import Play
from mockserver.scenario.scenario_model import Scenario

Stamp = tuple[int, int, int]
"""What changes with a file: the time of its last change, its length, its place on the disk."""


class Files:
    """Files, folders and names of ready-made scenarios, in order.

    `load` reads a file, `perform` plays what it holds.
    """

    def __init__(
        self, names: Sequence[str], load: Callable[[Path], Scenario], perform: Callable[[Scenario], Play] = Play
    ) -> None:
        self.names = tuple(names)
        self._load = load
        self._perform = perform
        self._plays: dict[Path, tuple[Stamp, Play]] = {}

    def read(self) -> tuple[Play, ...]:
        """The plays of all files; those that have not changed since the last time go on as they are.

        Raises:
            ScenarioErrors: a file has mistakes; what was read before is kept.
            UnknownScenario: a name is neither a file, nor a folder, nor a ready-made scenario.
            OSError: a file cannot be read.
        """
        found = {}
        for path in self._paths():
            stamp = _stamp(path)
            known = self._plays.get(path)
            found[path] = known if known and known[0] == stamp else (stamp, self._perform(self._load(path)))
        self._plays = found
        return tuple(play for _, play in found.values())

    @property
    def read_stamps(self) -> dict[Path, Stamp]:
        """The stamps of the files as they were read."""
        return {path: stamp for path, (stamp, _) in self._plays.items()}

    def stamps(self) -> dict[Path, Stamp]:
        """The stamps of the files as they are now; none at all when one of them is not there."""
        try:
            return {path: _stamp(path) for path in self._paths()}
        except OSError:
            return {}

    def folders(self) -> tuple[list[Path], list[Path]]:
        """The folders that hold the files, and those of them that are served with everything below them."""
        paths = [Path(name) for name in self.names]
        below = [path for path in paths if path.is_dir()]
        return [path.parent for path in self._plays if not any(path.is_relative_to(folder) for folder in below)], below

    def _paths(self) -> list[Path]:
        return list(dict.fromkeys(path for name in self.names for path in find(name)))


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


SUFFIXES = (".yaml", ".yml", ".json")
_PACKAGE = Path(__file__).parents[1]


def find(name_or_path: str | os.PathLike[str]) -> list[Path]:
    """The files of a scenario; an existing path wins over a ready-made scenario's name.

    Raises:
        UnknownScenario: neither a path nor a ready-made scenario, or a folder without scenarios.
    """
    path = Path(name_or_path)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise UnknownScenario(f"the folder {path} holds no scenario: no {', '.join(SUFFIXES)} file is in it")
        return files
    if path.exists():
        return [path]
    known = library()
    name = os.fspath(name_or_path).removesuffix(".yaml")
    if name in known:
        return [known[name]]
    names = ", ".join(known) or "none"
    raise UnknownScenario(
        f"{os.fspath(name_or_path)}: no such file, folder or ready-made scenario.{nearest(name, known)} "
        f"Ready-made: {names}."
    )


def library() -> dict[str, Path]:
    """The ready-made scenarios by name.

    They lie within the package in a wheel and beside it in a checkout; always found by path, because an importable
    folder called `scenarios` would hide a project's own or be hidden by it.
    """
    for folder in (_PACKAGE / "_scenarios", _PACKAGE.parent / "scenarios"):
        files = sorted(folder.glob("*.yaml"))
        if files:
            return {file.stem: file for file in files}
    return {}
