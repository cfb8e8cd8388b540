"""Servers as processes of their own: started, measured, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SERVER_CORE, LOAD_CORE = 0, 1


@dataclass
class Server:
    """A server process that has said where it listens."""

    process: subprocess.Popen[str]
    url: str

    @classmethod
    def start(cls, command: Sequence[str]) -> Self:
        """Start it and wait for its line."""
        process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
        pin(process.pid, SERVER_CORE)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "listening on" in line, f"{command} did not start"
        return cls(process, line.split()[-1])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def memory(self) -> float:
        """Resident memory in MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @property
    def processor_seconds(self) -> float:
        """Processor time spent so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pin(pid: int, core: int) -> None:
    """Keep a process on one core, where the system can do that and has another one for the load."""
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(pid, {sorted(os.sched_getaffinity(0))[core]})


def seconds(action: object) -> float:
    """How long a call takes."""
    assert callable(action)
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun
