"""The file of a recording: read once at the start, then added to, by several recorders at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mockserver.recording.arrange import arranged
from mockserver.recording.comments import comments_of, with_comments
from mockserver.recording.exchange import Unkept
from mockserver.recording.locked import locked, write_whole
from mockserver.recording.target import target
from mockserver.redaction import Sanitiser
from mockserver.scenario import Recording, Scenario, ScenarioError, ScenarioErrors, Turn, dump, load

Signature = tuple[int, int, int] | None


class RecordingFile:
    """A recording on the disk, to which exchanges are added.

    `at_start` is what the file held when it was opened, None when there was no file. In mode `all` that is replaced
    by the first exchange that is added; what other recorders added since stays.

    Raises:
        ScenarioErrors: the file is there and is no scenario, or one without `recording:`. It is left as it is.
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
        self._known: tuple[Signature, Scenario | None] = (_signature(path), self.at_start)
        self._text: str | None = None if self.at_start is None else path.read_text("utf-8-sig")

    def add(self, turns: Sequence[Turn], sanitiser: Sanitiser | None = None) -> None:
        """Write turns down; `sanitiser` may know more secrets than the one given at the start.

        Raises:
            Unkept: a secret would have reached the file; nothing was written.
            ScenarioErrors: the file was broken meanwhile by somebody else. It is left as it is.
            OSError: the disk is full, or the folder may not be written.
        """
        with locked(self.path):
            self._merge(turns, sanitiser or self._sanitiser)

    def _merge(self, kept: Sequence[Turn], sanitiser: Sanitiser) -> None:
        before = _signature(self.path)
        now = self._known[1]
        if before != self._known[0]:
            now = _read(self.path)
            self._text = self.path.read_text("utf-8-sig") if now is not None else None
        stays = now.turns if now is not None else ()
        header = now.recording if now is not None and now.recording is not None else self._header
        if self._anew and now is not None and self.at_start is not None and _begun(now) == _begun(self.at_start):
            stays = _without(stays, self.at_start.turns)
            header = self._header
        name = now.name if now is not None else self.path.stem
        header = replace(header, personal=header.personal or self._header.personal)
        merged = arranged(name, header, (*stays, *kept))
        if now is not None:
            merged = replace(merged, about=now.about, rules=now.rules, seed=now.seed, model=now.model)
        text = self._commented(dump(merged), sanitiser)
        if found := sanitiser.finds(text):
            raise Unkept(f"{len(found)} secrets would have reached the file: nothing was written")
        write_whole(self.path, text.encode())
        self._known = (_signature(self.path), merged)

    def _commented(self, text: str, sanitiser: Sanitiser) -> str:
        """The new text with the comments of the old one; they are remembered for the next write."""
        found = comments_of(self._text) if self._text is not None else ()
        if found:
            clean = [replace(comment, text=sanitiser.text(comment.text)) for comment in found]
            text = with_comments(text, self._text or "", clean)
        self._text = text if found else None
        return text


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


def _without(turns: Sequence[Turn], gone: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns but those, each as often as it is there."""
    left = Counter(_said(turn) for turn in gone)
    kept = []
    for turn in turns:
        said = _said(turn)
        if left[said] > 0:
            left[said] -= 1
        else:
            kept.append(turn)
    return tuple(kept)


def _said(turn: Turn) -> str:
    return repr((turn.heard, turn.say))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
