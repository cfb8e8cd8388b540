"""The arrows of the architecture: who may import whom."""

import ast
from collections.abc import Container, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "chat": set(),
    "steps": set(),
    "redaction": {"chat"},
    "journal": {"chat", "redaction"},
    "conduct": {"chat", "journal", "redaction"},
    "faults": {"chat", "steps"},
    "simulate": {"chat"},
    "scenario": {"chat", "steps", "faults", "redaction", "simulate"},
    "wire": {"chat", "steps", "faults", "redaction"},
    "loopback": set(),
    "recording": {"loopback", "chat", "steps", "wire", "scenario", "redaction"},
    "engine": {"chat", "steps", "scenario", "simulate", "faults", "wire"},
    "server": {
        "chat", "conduct", "engine", "faults", "journal", "loopback", "recording", "redaction", "scenario",
        "steps", "wire",
    },
    "handbook": {"chat", "steps", "faults", "wire"},
    "cli": {"chat", "wire", "scenario", "engine", "journal", "server", "faults", "handbook", "recording", "redaction"},
    "__main__": {"cli"},
    "__init__": {"chat", "faults", "journal", "recording", "scenario", "server"},
    "pytest_plugin": {"loopback", "chat", "scenario", "faults", "conduct", "server"},
}  # fmt: skip
SOCKETS = {"aiohttp", "socket", "asyncio", "ssl", "http", "urllib"}
CLOCKS = {"time", "uuid", "secrets"}
PURE = ("chat", "steps", "redaction", "journal", "conduct", "faults", "simulate", "scenario", "wire", "engine")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the arrows"
            yield node.module or ""


def room(path: Path) -> str:
    return path.relative_to(ROOT / "mockserver").parts[0].removesuffix(".py")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules("mockserver"), ids=name)
def test_a_room_imports_only_the_rooms_before_it(path: Path) -> None:
    imported = {found.split(".")[1] for found in imports(path) if found.startswith("mockserver.")}

    assert imported - {room(path), "errors"} <= ROOMS[room(path)]


@pytest.mark.parametrize("path", modules("mockserver") + modules("clientkit"), ids=name)
def test_the_client_kit_and_the_mock_never_import_each_other(path: Path) -> None:
    stranger = "clientkit" if path.is_relative_to(ROOT / "mockserver") else "mockserver"

    assert not [found for found in imports(path) if found.split(".")[0] == stranger]


@pytest.mark.parametrize("path", [path for path in modules("mockserver") if room(path) in PURE], ids=name)
def test_no_room_below_the_server_knows_sockets_or_clocks(path: Path) -> None:
    imported = {found.split(".")[0] for found in imports(path)}
    status_phrases = {"http"} if path.name == "api_errors.py" else set()

    assert not imported & (SOCKETS | CLOCKS) - status_phrases


@pytest.mark.parametrize("path", modules("mockserver") + modules("clientkit"), ids=name)
def test_a_module_says_in_a_sentence_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    assert docstring
    assert len(docstring.splitlines()[0]) < 120


def imported_files(package: str) -> dict[str, set[str]]:
    """The modules of a package, each with those of the same package that it imports, wherever the import stands."""
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in modules(package)
    }
    return {name: {found for found in targets(path, names) if found in names} - {name} for name, path in names.items()}


def targets(path: Path, known: Container[str]) -> Iterator[str]:
    """What a module imports: the module named, or each of the names out of it that is a module itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (each if each in known else str(node.module) for each in inner)


def reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        new = arrows[ahead.pop()] - found
        found |= new
        ahead += new
    return found


@pytest.mark.parametrize("package", ["mockserver", "clientkit"])
def test_no_files_import_each_other_in_a_circle(package: str) -> None:
    arrows = imported_files(package)

    assert [name for name in arrows if name in reachable(name, arrows)] == []


@pytest.mark.parametrize("path", modules("mockserver") + modules("clientkit"), ids=name)
def test_private_names_stay_within_their_room(path: Path) -> None:
    here = [part.removesuffix(".py") for part in path.relative_to(ROOT).parts[:2]]
    private = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_") and str(node.module).split(".")[:2] != here
    ]

    assert private == []
