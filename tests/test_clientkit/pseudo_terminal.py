"""A program whose controlling terminal is a pseudo-terminal, with a person before it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import IO, Self

WORD = re.compile(r"Type (\w{4}) to run it")
PATIENCE = 120.0


class PseudoTerminal:
    """Runs a Python program on a terminal of 24 lines and 80 columns; `shown` is all that stood on the screen."""

    def __init__(self, program: str, *, stdin: IO[str] | int | None = None, stdout: Path | None = None) -> None:
        self.shown = ""
        self._master, slave = pty.openpty()
        self.resize(24, 80)

        # The first terminal that the leader of a session opens becomes its controlling terminal.
        program = f"import os\nos.close(os.open({os.ttyname(slave)!r}, os.O_RDWR))\n{program}"
        output = stdout.open("w") if stdout else None
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", program],
            stdin=slave if stdin is None else stdin,
            stdout=output or slave,
            stderr=output or slave,
            start_new_session=True,
        )
        os.close(slave)
        if output:
            output.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def read_until(self, pattern: str) -> str:
        """What is shown until the pattern stands at the end of it."""
        deadline = time.monotonic() + PATIENCE
        start = len(self.shown)
        while not re.search(pattern, self.shown[start:]):
            assert time.monotonic() < deadline, f"waited in vain for {pattern!r}; shown: {self.shown}"
            if not self._read():
                break
        return self.shown[start:]

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, lines: int, columns: int) -> None:
        """Change the size of the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def question(self) -> str:
        """The question, once it stands there with its prompt."""
        return self.read_until(r"see all\.\r\n> $")

    def ends(self) -> int:
        """Read what comes until the program ends; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, f"the program does not end; shown: {self.shown}"
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        """Add what is shown now; False when nothing will come any more."""
        if not select.select([self._master], [], [], 0.1)[0]:
            return self.process.poll() is None
        try:
            piece = os.read(self._master, 65536)
        except OSError:
            return False
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)


def word_in(question: str) -> str:
    """The word that a question asks to type."""
    found = WORD.findall(question)
    assert found, question
    return str(found[-1])
