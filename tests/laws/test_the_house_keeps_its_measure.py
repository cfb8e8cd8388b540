"""The measure of the code: modules of a readable size with names of one meaning, and plain prose."""

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MOST_MODULES = 301
"""Bound of all modules but those of the APIs in `APIS`; it only ever falls."""
LONGEST_MODULE = 320
MEDIAN_LINES = range(90, 156)
MOST_SHARED_BASENAMES = 11
"""Bound of basenames that several modules have, those of `APIS` aside; it only ever falls."""
APIS = ("responses", "messages", "gemini", "ollama")
"""Folders of `wire` that repeat the modules of `chat_completions` for another API."""

TOO_LONG = {"mockserver.server.mock_llm"}
SHARED_CLASSES: frozenset[str] = frozenset()
ROOMS_IN_OLD_WORDS = {"engine", "server", "wire"}
"""What is not yet in order; each of these sets only ever shrinks."""

OLD_WORDS = re.compile(
    r"(?<!there )\b(is|are) no (?!longer\b)[a-z]+\b|\bwhoever\b|\bnobody scripted\b|\bthat there is\b"
    r"|\bwant(s|ed)? an? API key\b|\bmanner of\b",
    re.IGNORECASE,
)
"""Words that have a plainer one; "there is no X" and "is no longer" are plain."""


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def of_the_core() -> list[Path]:
    folders = [ROOT / "mockserver" / "wire" / api for api in APIS]
    return [
        path
        for path in modules("mockserver", "clientkit")
        if not any(path.is_relative_to(folder) for folder in folders)
    ]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def lengths(paths: list[Path]) -> dict[str, int]:
    return {dotted(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}


def classes() -> dict[str, list[str]]:
    """The modules of each public class, by its name; those of other APIs may have the names of chat completions."""
    found = defaultdict(list)
    for path in modules("mockserver"):
        if path not in of_the_core():
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(dotted(path))
    return found


def in_order(path: Path) -> bool:
    return path.relative_to(ROOT).parts[:1] != ("mockserver",) or path.relative_to(ROOT).parts[1] not in (
        ROOMS_IN_OLD_WORDS
    )


def test_modules_are_of_a_size_that_can_be_read() -> None:
    measured = lengths(modules("mockserver", "clientkit"))

    assert {name for name, length in measured.items() if length > LONGEST_MODULE} <= TOO_LONG
    assert int(median(measured.values())) in MEDIAN_LINES


def test_modules_are_few() -> None:
    assert len(of_the_core()) <= MOST_MODULES


def test_few_modules_share_a_name() -> None:
    names = Counter(path.stem for path in of_the_core() if not path.stem.startswith("__"))
    shared = [name for name, count in names.items() if count > 1]

    assert len(shared) <= MOST_SHARED_BASENAMES, shared


def test_a_class_name_has_one_meaning() -> None:
    assert {name for name, homes in classes().items() if len(homes) > 1} <= SHARED_CLASSES


def test_prose_is_plain() -> None:
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *modules("mockserver", "clientkit")]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in filter(in_order, texts)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OLD_WORDS.search(line)
    ]

    assert found == []
