"""Atomic files: written by one process at a time, and whole or not at all; nothing but a regular file is replaced."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mockserver.errors import MockServerError

_MODE = 0o600
_WRITABLE = 0o222
_POLL_SECONDS = 0.005
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class WrongTarget(MockServerError, OSError):
    """A recording cannot be written there; the message says why, and what to do."""


def target(path: Path) -> Path:
    """The regular file that a path leads to through its links, whether or not it exists by now.

    Raises:
        WrongTarget: it leads to something else than a regular file, or nothing may be written there.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise WrongTarget(
            f"{path} cannot be looked at ({error.strerror}): name a regular file for the recording"
        ) from None
    if found is not None and not stat.S_ISREG(found.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "something else")
        raise WrongTarget(f"{path} is {kind}, not a regular file, and stays as it is: name a file for the recording")
    file = path.resolve()
    if not file.parent.is_dir():
        raise WrongTarget(f"there is no folder {file.parent} to write {file.name} into")
    if found is not None and not _may_write(file, found.st_mode):
        raise WrongTarget(f"{path} is read-only: make it writable, or name another file for the recording")
    if not _may_write(file.parent, file.parent.stat().st_mode):
        raise WrongTarget(f"the folder {file.parent} is read-only: a recording is written beside its file first")
    return file


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold the file's lock, `.NAME.lock` beside it; the lock of a process that dies is free.

    The lock file is removed before the lock is released, so that none is left beside a recording.
    """
    from filelock import FileLock  # a server that records nothing needs no lock

    beside = path.with_name(f".{path.name}.lock")
    with FileLock(beside, mode=_MODE, poll_interval=_POLL_SECONDS):
        try:
            yield
        finally:
            if sys.platform != "win32":  # there filelock removes it
                # A process that has opened it by now notices, and opens a new one (filelock 3.21 and later).
                with suppress(OSError):
                    beside.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file; a reader, or a power cut, finds the old one or the new one.

    Only its owner may read it, from the first byte on. To be called under the file's lock.

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
    if sys.platform != "win32":  # there a folder's entries are safe by themselves
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A rename is safe once its folder is on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _may_write(path: Path, mode: int) -> bool:
    """Whether a file or folder is meant to be written; for root nothing else forbids it than the mode."""
    return bool(mode & _WRITABLE) and os.access(path, os.W_OK)
