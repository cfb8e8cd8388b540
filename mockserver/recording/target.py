"""The file that a recording goes to: links are followed, and nothing but a regular file is ever replaced."""

import os
import stat
from pathlib import Path

from mockserver.errors import MockServerError

_WRITABLE = 0o222
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class WrongTarget(MockServerError, OSError):
    """A recording cannot go there; the message says why, and what to do."""


def target(path: Path) -> Path:
    """The regular file that a path stands for, whether or not it exists by now.

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


def _may_write(path: Path, mode: int) -> bool:
    """Whether a file or folder is meant to be written; for root nothing else forbids it than the mode."""
    return bool(mode & _WRITABLE) and os.access(path, os.W_OK)
