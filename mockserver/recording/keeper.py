"""Brings exchanges to the disk as they happen, beside the event loop: while one write runs, the next one gathers."""

import asyncio
import sys
from collections.abc import Callable

from mockserver.recording.exchange import Unkept
from mockserver.recording.file import RecordingFile
from mockserver.redaction import Sanitiser
from mockserver.scenario import ScenarioErrors, Turn


class Keeper:
    """Writes turns into a recording's file."""

    def __init__(self, file: RecordingFile, tell: Callable[[str], None] | None = None) -> None:
        self._file = file
        self.tell = tell or _to_stderr
        """Says what could not be recorded."""
        self._waiting: list[Turn] = []
        self._sanitiser: Sanitiser | None = None
        self._writing: asyncio.Task[None] | None = None
        self.kept = 0
        """How many exchanges are on the disk."""

    def keep(self, turn: Turn, sanitiser: Sanitiser) -> None:
        """Have a turn written; `sanitiser` knows every secret that was seen so far."""
        self._waiting.append(turn)
        self._sanitiser = sanitiser
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def settle(self) -> None:
        """Wait until all that was heard is on the disk."""
        while self._writing is not None and not self._writing.done():
            await self._writing

    async def _write(self) -> None:
        while self._waiting:
            turns, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._file.add, turns, self._sanitiser)
                self.kept += len(turns)
            except (Unkept, ScenarioErrors, OSError) as error:
                count = "an exchange was" if len(turns) == 1 else f"{len(turns)} exchanges were"
                told = f"{count} not recorded: {error}"
                self.tell(self._sanitiser.text(told) if self._sanitiser is not None else told)


def _to_stderr(message: str) -> None:
    print(f"mockserver: {message}", file=sys.stderr, flush=True)
