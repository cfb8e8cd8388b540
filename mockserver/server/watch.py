"""`--watch`: scenario files that are edited while they are served are read again, and played once they are right."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from mockserver.engine import Engine
from mockserver.scenario import Files, ScenarioErrors, UnknownScenario

_SECONDS_BETWEEN_LOOKS = 0.25
_MILLISECONDS_BETWEEN_LOOKS = 500
"""What the system fails to tell is still found, a little later."""


async def watch(files: Files, engine: Engine) -> None:
    """Read the files again whenever they change; a file with mistakes changes nothing but to tell them.

    A request that is being answered goes on with the scenarios that it began with.
    """
    async for _ in changes(files):
        try:
            plays = await asyncio.to_thread(files.read)
        except (ScenarioErrors, UnknownScenario, OSError) as error:
            _tell(f"{error}\nmockserver: the scenarios stay as they were before this change")
            continue
        engine.start_with(plays)
        _tell(f"mockserver: scenarios read again: {', '.join(play.scenario.name for play in plays)}")


def changes(files: Files) -> AsyncIterator[None]:
    """Once for every change of the files: as the system tells it, where `watchfiles` is installed, or by looking."""
    try:
        import watchfiles  # noqa: F401  # an extra: with it changes are noticed at once
    except ImportError:
        return looked_for(files)
    return notified(files)


async def looked_for(files: Files, seconds: float = _SECONDS_BETWEEN_LOOKS) -> AsyncIterator[None]:
    """Look at the files every so often."""
    before = files.read_stamps
    while True:
        if (now := files.stamps()) != before:
            before = now
            yield
        await asyncio.sleep(seconds)


async def notified(files: Files) -> AsyncIterator[None]:
    """Hear of changes in the files' folders, and tell those that concern the files."""
    from watchfiles import awatch

    before = files.read_stamps
    beside, below = files.folders()
    folders: set[Path] = {*beside, *below}
    looks = awatch(
        *folders,
        recursive=bool(below),
        debounce=50,
        step=20,
        rust_timeout=_MILLISECONDS_BETWEEN_LOOKS,
        yield_on_timeout=True,
    )
    async for _ in looks:
        if (now := files.stamps()) != before:
            before = now
            yield


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
