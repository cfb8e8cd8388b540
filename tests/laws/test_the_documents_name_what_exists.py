"""The documents name what exists: links lead to pages and headings, and modules that are named are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
FOLDERS = [
    ROOT / folder for folder in ("", "mockserver", "mockserver/wire", "mockserver/wire/chat_completions", "tests/laws")
]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
NAMED = re.compile(r"`((?:[\w.]+/)*\w+\.(?:py|txt)|(?:[\w.]+/)+)`")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
OF_USERS = {"weather_app.py", "conftest.py", "app.py", "notes.txt", "dist/"}


def prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def exists(name: str) -> bool:
    return any((folder / name).exists() for folder in FOLDERS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, anchor in LINK.findall(prose(page)):
        target = (page.parent / file) if file else page
        assert target.exists(), f"{page.name} links to {file}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to #{anchor}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_every_module_and_folder_that_is_named_exists(page: Path) -> None:
    named = set(NAMED.findall(prose(page))) - OF_USERS

    assert [name for name in sorted(named) if not exists(name)] == []
