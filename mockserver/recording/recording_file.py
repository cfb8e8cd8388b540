"""The recording's file: read once at the start, then added to, by several recorders at a time."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mockserver.recording.atomic_file import file_lock, target, write_atomically
from mockserver.recording.comments import comments_of, with_comments
from mockserver.recording.ordering import ordered_scenario
from mockserver.recording.upstream_response import NotRecorded
from mockserver.redaction import Sanitiser
from mockserver.scenario import Recording, Scenario, ScenarioError, ScenarioErrors, Turn, dump, load

Signature = tuple[int, int, int] | None


class RecordingFile:
    """A recording on the disk, to which exchanges are added.

    `at_start` is what the file held when it was opened, None when there was no file. With `anew` (mode `all`) that is
    replaced by the first exchange that is added; what other recorders added since stays.

    Raises:
        ScenarioErrors: the file is there and is not a scenario, or one without `recording:`. It is left as it is.
        WrongTarget: it is not a regular file, is read-only, or there is no such folder.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path, sanitiser: Sanitiser, *, upstream: str = "", anew: bool = False) -> None:
        self.path = path = target(path)
        self.at_start = _read(path)
        self._sanitiser = sanitiser
        self._anew = anew
        personal = sanitiser.pseudonyms is not None
        self._header = Recording(_now(), sanitiser.text(upstream), personal)
        self._last_read: tuple[Signature, Scenario | None] = (_signature(path), self.at_start)
        self._text: str | None = None if self.at_start is None else path.read_text("utf-8-sig")

    def add(self, turns: Sequence[Turn], sanitiser: Sanitiser | None = None) -> None:
        """Write turns to the file; `sanitiser` may know more secrets than the one given at the start.

        Raises:
            NotRecorded: a secret would have reached the file; nothing was written.
            ScenarioErrors: the file was broken meanwhile by another program. It is left as it is.
            OSError: the disk is full, or the folder may not be written.
        """
        with file_lock(self.path):
            self._merge(turns, sanitiser or self._sanitiser)

    def remove(self, turns: Sequence[Turn]) -> None:
        """Remove turns from the file; one that is not there any more is passed over, and the last one of all stays.

        Raises:
            ScenarioErrors: the file was broken meanwhile by another program. It is left as it is.
            OSError: the disk is full, or the folder may not be written.
        """
        with file_lock(self.path):
            now = _read(self.path)
            if now is not None and (now.rules or _without(now.turns, turns)):
                self._merge((), self._sanitiser, removed=turns)

    def _merge(self, added: Sequence[Turn], sanitiser: Sanitiser, removed: Sequence[Turn] = ()) -> None:
        signature = _signature(self.path)
        now = self._last_read[1]
        if signature != self._last_read[0]:
            now = _read(self.path)
            self._text = self.path.read_text("utf-8-sig") if now is not None else None
        present = _without(now.turns, removed) if now is not None else ()
        header = now.recording if now is not None and now.recording is not None else self._header
        if self._anew and now is not None and self.at_start is not None and _begun(now) == _begun(self.at_start):
            present = _without(present, self.at_start.turns)
            header = self._header
        name = now.name if now is not None else self.path.stem
        ignored = now.recording.ignore if now is not None and now.recording is not None else ()
        header = replace(header, personal=header.personal or self._header.personal, ignore=ignored)
        merged = ordered_scenario(name, header, (*present, *added))
        if now is not None:
            merged = replace(merged, about=now.about, rules=now.rules, seed=now.seed, model=now.model)
        text = self._commented(dump(merged), sanitiser)
        if found := sanitiser.finds(text):
            raise NotRecorded(f"{len(found)} secrets would have reached the file: nothing was written")
        write_atomically(self.path, text.encode())
        self._last_read = (_signature(self.path), merged)

    def _commented(self, text: str, sanitiser: Sanitiser) -> str:
        """The new text with the comments of the old one, and with them the old text of the next write."""
        found = comments_of(self._text) if self._text is not None else ()
        if found:
            clean = [replace(comment, text=sanitiser.text(comment.text)) for comment in found]
            text = with_comments(text, self._text or "", clean)
        self._text = text if found else None
        return text


class RecordingWriter:
    """Writes turns into a recording's file beside the event loop: while one write runs, the next one gathers."""

    def __init__(self, file: RecordingFile, report: Callable[[str], None] | None = None) -> None:
        self._file = file
        self.report = report or _to_stderr
        """Reports what could not be recorded."""
        self._waiting: list[Turn] = []
        self._sanitiser: Sanitiser | None = None
        self._writing: asyncio.Task[None] | None = None
        self.written = 0
        """How many exchanges are on the disk."""

    def add(self, turn: Turn, sanitiser: Sanitiser) -> None:
        """Have a turn written; `sanitiser` knows every secret that was seen so far."""
        self._waiting.append(turn)
        self._sanitiser = sanitiser
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Wait until every turn is on the disk."""
        while self._writing is not None and not self._writing.done():
            await self._writing

    async def _write(self) -> None:
        while self._waiting:
            turns, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._file.add, turns, self._sanitiser)
                self.written += len(turns)
            except (NotRecorded, ScenarioErrors, OSError) as error:
                count = "an exchange was" if len(turns) == 1 else f"{len(turns)} exchanges were"
                message = f"{count} not recorded: {error}"
                self.report(self._sanitiser.text(message) if self._sanitiser is not None else message)


def _to_stderr(message: str) -> None:
    print(f"mockserver: {message}", file=sys.stderr, flush=True)


def _read(path: Path) -> Scenario | None:
    if not path.exists() or path.stat().st_size == 0:
        return None
    found = load(path)
    if found.recording is None:
        message = "this is a scenario and no recording, as it has no `recording:`: record into a file of its own"
        raise ScenarioErrors([ScenarioError(str(path), 1, 1, message)])
    return found


def _signature(path: Path) -> Signature:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _begun(scenario: Scenario) -> str:
    return scenario.recording.recorded if scenario.recording is not None else ""


def _without(turns: Sequence[Turn], removed: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns but those removed, each as often as it is there."""
    left = Counter(_identity(turn) for turn in removed)
    rest = []
    for turn in turns:
        identity = _identity(turn)
        if left[identity] > 0:
            left[identity] -= 1
        else:
            rest.append(turn)
    return tuple(rest)


def _identity(turn: Turn) -> str:
    return repr((turn.heard, turn.say))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
