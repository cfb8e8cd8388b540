"""Reads what a server answers over HTTP, within bounds of time and size, so that whatever is wrong has a type."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from clientkit.errors import APIError, StreamError
from clientkit.events import ReplyEvent
from clientkit.failure import request_id_of
from clientkit.printable import shortened
from clientkit.reply import Reply
from clientkit.stream import MAX_BYTES, StreamReader, read_whole


async def whole_reply(response: aiohttp.ClientResponse) -> Reply:
    """The reply in a response. Raises APIError if it holds none, StreamError if it is a stream and torn."""
    async with response:
        with request_known(response):
            return read_whole(await limited(response))


async def limited(response: aiohttp.ClientResponse) -> bytes:
    """The content of a response. Raises APIError if it is longer than a reply can be."""
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > MAX_BYTES:
            message = f"The answer is longer than {MAX_BYTES} bytes and was not read on."
            raise APIError(message, status=response.status, code="unreadable_reply", should_retry=False)
    return bytes(content)


async def next_events(
    response: aiohttp.ClientResponse, reader: StreamReader, seconds: float, late: str
) -> list[ReplyEvent]:
    """What the next event of the server brings. Raises StreamError if none comes in time; `late` is then the reason."""
    try:
        async with asyncio.timeout(seconds):
            return await _heard(response, reader)
    except TimeoutError:
        raise reader.torn(late) from None
    except (aiohttp.ClientError, OSError) as error:
        raise reader.torn(reason_of(error)) from error


async def _heard(response: aiohttp.ClientResponse, reader: StreamReader) -> list[ReplyEvent]:
    """The events that come with the next bytes that hold any; a comment only keeps the connection awake."""
    before = reader.heard
    events: list[ReplyEvent] = []
    while reader.heard == before and not reader.done:
        piece = await response.content.readany()
        events += reader.feed(piece) if piece else reader.end()
    return events


@contextmanager
def request_known(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Gives an error the name under which the server knows the request."""
    try:
        yield
    except (APIError, StreamError) as error:
        error.request_id = error.request_id or request_id_of(headers_of(response))
        raise


def headers_of(response: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers of a response by their names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}


def reason_of(error: BaseException) -> str:
    """Why a connection failed, in a few words."""
    if isinstance(error, aiohttp.ClientConnectorError) and error.errno:
        return os.strerror(error.errno)
    return shortened(str(error) or type(error).__name__, 300).rstrip(".")
