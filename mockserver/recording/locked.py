"""Files that several processes write: one at a time, and whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockserver.recording.target import target

_MODE = 0o600


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place of the one that is there; a reader, or a power cut, finds the old one or the new one.

    Nobody but its owner may read it, from the first byte on. To be called under the file's lock.

    Raises:
        WrongTarget: what is there is not a regular file. It stays as it is.
    """
    path = target(path)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(file, "wb") as writing:
        writing.write(data)
        writing.flush()
        os.fsync(writing.fileno())
    temporary.replace(path)
    _settle(path.parent)


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def locked(path: Path) -> Iterator[None]:
        """Nobody else who asks for the same file's lock goes on until this is done; a process that dies lets go."""
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, _MODE)
        try:
            msvcrt.locking(lock, msvcrt.LK_LOCK, 1)
            yield
        finally:
            os.close(lock)

    def _settle(folder: Path) -> None:
        """Windows keeps a folder's entries by itself."""

else:
    import fcntl

    @contextmanager
    def locked(path: Path) -> Iterator[None]:
        """Nobody else who asks for the same file's lock goes on until this is done; a process that dies lets go.

        The lock is on the file's folder: the file itself is replaced with every write, and a lock of its own would
        lie about.
        """
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _settle(folder: Path) -> None:
        """A rename is safe once its folder is on the disk."""
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
