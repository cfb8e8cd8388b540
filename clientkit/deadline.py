"""A bound on how long something may take as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def time_limit(seconds: float | None) -> AsyncIterator[None]:
    """Gives up what is inside after this many seconds, None for never. Raises TimeoutError, which says so."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if seconds is None or not limit.expired():
            raise
        raise TimeoutError(f"The conversation was given up after {seconds:g} seconds, as timeout=… says.") from None
