"""Where a recording goes: links are followed, and what is not a regular file is never replaced."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import MockLLM
from mockserver.cli import main
from mockserver.recording.atomic_file import WrongTarget, write_atomically
from mockserver.scenario import load
from mockserver.server.proxy import recording, recording_if
from mockserver.server.thread import Host
from tests.test_recording.asking import ask, body


def recorded(host: Host, upstream: MockLLM, to: Path) -> None:
    upstream.script("Good morning.")
    with recording(host, upstream.base_url, to):
        ask(host.url, body())


def test_a_link_is_followed_and_stays_a_link(host: Host, upstream: MockLLM, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    file, link, second = tmp_path / "kept" / "real.yaml", tmp_path / "link.yaml", tmp_path / "second.yaml"
    file.touch()
    link.symlink_to(file)
    second.symlink_to("link.yaml")

    recorded(host, upstream, second)

    assert [path.is_symlink() for path in (second, link, file)] == [True, True, False]
    assert len(load(file).turns) == 1
    assert [entry.name for entry in file.parent.iterdir()] == ["real.yaml"]


def test_the_file_of_a_link_that_leads_nowhere_yet_is_made(host: Host, upstream: MockLLM, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to("new.yaml")

    recorded(host, upstream, link)

    assert link.is_symlink()
    assert len(load(tmp_path / "new.yaml").turns) == 1


def test_a_test_that_passed_writes_through_a_link_too(host: Host, upstream: MockLLM, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to("new.yaml")
    upstream.script("Good morning.")

    with recording_if(lambda: True, host, upstream.base_url, link):
        ask(host.url, body())

    assert link.is_symlink()
    assert len(load(tmp_path / "new.yaml").turns) == 1


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def read_only(path: Path) -> None:
    path.touch(mode=0o444)


def in_a_read_only_folder(path: Path) -> None:
    path.parent.chmod(0o555)


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "is a folder, not a regular file, and stays as it is"),
    "a pipe": (os.mkfifo, "is a pipe, not a regular file"),
    "a socket": (a_socket, "is a socket, not a regular file"),
    "a device": (lambda path: path.symlink_to("/dev/null"), "is a device, not a regular file"),
    "a link to itself": (a_link_to_itself, "cannot be looked at"),
    "a read-only file": (read_only, "is read-only: make it writable"),
    "a read-only folder": (in_a_read_only_folder, "is read-only: a recording is written beside its file first"),
}


def told_apart(path: Path) -> tuple[int, int] | None:
    """Which file it is, and of what kind; None where there is none."""
    return (path.lstat().st_ino, path.lstat().st_mode) if os.path.lexists(path) else None


@pytest.mark.parametrize("command", ["record", "import", "generalise"])
@pytest.mark.parametrize("name", WRONG)
def test_anything_but_a_regular_file_is_refused_at_the_start(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, told = WRONG[name]
    source = tmp_path / "source.yaml"
    source.write_text(
        "scenario: s\nrecording: {format: 1}\nturns:\n  - heard: {model: m, messages: [user: Hi]}\n    text: Hi\n"
    )
    to = tmp_path / "folder" / "session.yaml"
    to.parent.mkdir()
    make(to)
    before = told_apart(to)
    given = {
        "record": ["--upstream", "http://127.0.0.1:9/v1", "--port", "0"],
        "import": [str(source)],
        "generalise": [str(source)],
    }

    assert main([command, *given[command], "--to", str(to)]) == 2

    error = capsys.readouterr().err
    assert told in error
    assert error.startswith("mockserver: ")
    assert len(error.splitlines()) == 1
    assert told_apart(to) == before
    assert [entry.name for entry in to.parent.iterdir()] == ([to.name] if before is not None else [])


def test_a_device_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "session.yaml"
    os.mkfifo(pipe)

    with pytest.raises(WrongTarget, match="is a pipe"):
        write_atomically(pipe, b"scenario: x\n")

    assert pipe.is_fifo()
