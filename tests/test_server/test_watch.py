"""Scenario files that are edited while they are played."""

import asyncio
import json
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockserver.chat import Reply
from mockserver.scenario import Files, UnknownScenario, load
from mockserver.server.watch import looked_for, notified
from tests.test_server.conftest import HELLO
from tests.test_server.test_command_line import ask, run, serving

Changes = Callable[[Files], AsyncIterator[None]]


def often(files: Files) -> AsyncIterator[None]:
    return looked_for(files, seconds=0.01)


def write(file: Path, text: str, name: str = "greeting") -> None:
    """As editors do: into a file of its own, which then takes the place of the old one."""
    beside = file.with_suffix(".tmp")
    beside.write_text(f"scenario: {name}\nturns:\n  - text: {text}\n", encoding="utf-8")
    beside.replace(file)


def told(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def test_an_edited_file_is_played_anew_and_a_broken_edit_keeps_what_was(tmp_path: Path) -> None:
    file = tmp_path / "greeting.yaml"
    write(file, "Good morning.")

    with serving(file, "--watch") as (process, url):
        assert ask(url, "Hello")[0] == "Good morning."
        write(file, "Good evening.")
        assert told(process) == "mockserver: scenarios read again: greeting\n"
        assert ask(url, "Hello")[0] == "Good evening."
        write(file, "{user}")
        assert told(process) == f'{file}:3:11: quote text that has braces: "{{user}}"\n'
        assert told(process) == "mockserver: the scenarios stay as they were before this change\n"
        assert ask(url, "Hello")[0] == "Good evening."
        write(file, "Good night.")
        assert told(process) == "mockserver: scenarios read again: greeting\n"
        assert ask(url, "Hello")[0] == "Good night."


def test_a_request_in_flight_keeps_the_scenario_that_it_began_with(tmp_path: Path) -> None:
    file = tmp_path / "slow.yaml"
    write(file, "One two three.\n    timing: {gap: 200ms}")
    body = json.dumps({**HELLO, "stream": True}).encode()

    with ExitStack() as stack:
        process, url = stack.enter_context(serving(file, "--watch"))
        asked = urllib.request.Request(f"{url}/chat/completions", body, {"content-type": "application/json"})
        stream = stack.enter_context(urllib.request.urlopen(asked))
        begun = stream.readline()
        write(file, "New.")
        assert told(process) == "mockserver: scenarios read again: greeting\n"
        assert ask(url, "Hello")[0] == "New."
        went_on = stream.read()

    assert begun.startswith(b"data: ")
    assert b"three." in went_on


@pytest.mark.parametrize("changes", [often, notified])
async def test_changes_are_noticed_by_looking_and_by_being_told(changes: Changes, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    write(file, "One.")
    files = Files([str(tmp_path)], load)
    files.read()

    watching = changes(files)
    change = asyncio.ensure_future(anext(watching))
    while not change.done():
        (tmp_path / "b.txt").write_text("is no scenario", encoding="utf-8")
        write(file, "Two.")
        await asyncio.wait([change], timeout=0.1)

    assert [play.scenario.turns[0].say for play in files.read()] == [Reply("Two.")]
    await watching.aclose()  # type: ignore[attr-defined]  # both are generators


@pytest.mark.parametrize("changes", [often, notified])
async def test_a_change_before_anybody_watches_is_noticed(changes: Changes, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    write(file, "One.")
    files = Files([str(file)], load)
    files.read()

    write(file, "Two, and longer.")

    await asyncio.wait_for(anext(changes(files)), timeout=120)


def test_only_what_changed_begins_anew(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.yaml", "One.", name)
    files = Files([str(tmp_path)], load)
    first = files.read()

    write(tmp_path / "b.yaml", "Three.", "b")
    write(tmp_path / "c.yaml", "New.", "c")
    second = files.read()

    assert (second[0] is first[0], second[1] is first[1], len(second)) == (True, False, 3)


def test_a_folder_that_is_emptied_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "One.")
    files = Files([str(tmp_path)], load)
    files.read()

    (tmp_path / "a.yaml").unlink()

    assert files.stamps() == {}
    with pytest.raises(UnknownScenario, match="holds no scenario"):
        files.read()


def test_there_must_be_something_to_watch() -> None:
    served = run("serve", "--watch")

    assert (served.returncode, served.stderr) == (
        2,
        "mockserver: --watch needs scenario files to watch: mockserver serve --watch FILE\n",
    )
