"""The scenario files that are being played: read once, and again where they have changed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.scenario.library import find
from mockserver.scenario.model import Scenario
from mockserver.scenario.play import Play

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
            UnknownScenario: there is no such file, folder or name.
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
