"""Where scenarios are found: a file, a folder, or the name of a ready-made one."""

import os
from pathlib import Path

from mockserver.scenario.errors import UnknownScenario
from mockserver.scenario.formatting import nearest

SUFFIXES = (".yaml", ".yml", ".json")
_PACKAGE = Path(__file__).parents[1]


def find(name_or_path: str | os.PathLike[str]) -> list[Path]:
    """The files of a scenario; an existing path wins over a ready-made scenario's name.

    Raises:
        UnknownScenario: there is no such path and no such name, or the folder holds no scenario.
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
