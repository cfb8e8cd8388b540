"""Lets a conversation use an OpenAI client that the application already has."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from clientkit.completion import read_completion, unreadable
from clientkit.deltas import Deltas
from clientkit.errors import APIError, StreamError
from clientkit.events import ReplyEvent
from clientkit.failure import described_error, error_from_event
from clientkit.model import Message, ToolDefinition
from clientkit.printable import shortened
from clientkit.reply import Reply
from clientkit.threads import run_in_thread

_END = object()


class OpenAIChat:
    """Asks through `client`, an `openai.OpenAI` or `openai.AsyncOpenAI`, whose keys, retries and timeouts hold.

    `options` go into every request. The package `openai` is not imported, only used as the client shows it. Its errors
    come out as APIError, with the original as their cause.
    """

    def __init__(self, client: Any, *, model: str, **options: Any) -> None:
        self.client = client
        self.model = model
        self.options = options

    async def complete(self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = ()) -> Reply:
        """The model's next message, whole. Raises APIError."""
        with _own_errors():
            return read_completion(_plain(await self._create(messages, tools)))

    async def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = ()
    ) -> AsyncGenerator[ReplyEvent, None]:
        """The events of the model's next message; the last is `Finished`. Raises APIError, StreamError."""
        with _own_errors():
            chunks = await self._create(messages, tools, stream=True)
        deltas = Deltas()
        with _own_errors(deltas):
            async for chunk in _each(chunks):
                plain = _plain(chunk)
                if described := described_error(plain):
                    raise error_from_event(described, deltas.reply())
                for event in deltas.add(plain):
                    yield event
        if deltas.finish is None:
            raise StreamError("The stream ended without a finish reason; nothing of it was run.", deltas.reply())
        for event in deltas.end():
            yield event

    async def _create(self, messages: Sequence[Message], tools: Sequence[ToolDefinition], **more: Any) -> Any:
        offered = {"tools": list(tools)} if tools else {}
        # In a thread, for a client that is not async would hold up everything else; an async one returns at once.
        result = await run_in_thread(
            self.client.chat.completions.create,
            model=self.model,
            messages=list(messages),
            **offered,
            **self.options,
            **more,
        )
        return await result if inspect.isawaitable(result) else result


async def _each(stream: Any) -> AsyncIterator[Any]:
    try:
        if hasattr(stream, "__aiter__"):
            async for chunk in stream:
                yield chunk
        else:
            chunks: Iterator[Any] = iter(stream)
            while (chunk := await run_in_thread(lambda: next(chunks, _END))) is not _END:
                yield chunk
    finally:
        closed = stream.close()
        if inspect.isawaitable(closed):
            await closed


def _plain(value: Any) -> dict[str, Any]:
    """What the client made of the JSON, as JSON again."""
    if not hasattr(value, "model_dump"):
        raise unreadable(str(value))
    return dict(value.model_dump(warnings=False))


@contextmanager
def _own_errors(deltas: Deltas | None = None) -> Iterator[None]:
    """Turns the client's errors into ours; with `deltas` they happen in the middle of a stream."""
    try:
        yield
    except json.JSONDecodeError as error:
        if deltas is None:
            raise unreadable(error.doc) from error
        raise StreamError(f"The stream holds an event that is no JSON: {error}", deltas.reply()) from error
    except Exception as error:
        # Known by where they come from, for the client's package is not ours to import.
        if not type(error).__module__.startswith(("openai", "httpx")):
            raise
        if deltas and getattr(error, "body", None) is None:
            raise StreamError(
                f"The stream broke off before its end: {shortened(str(error))}", deltas.reply()
            ) from error
        raise _api_error(error, deltas.reply() if deltas else None) from error


def _api_error(error: Exception, partial: Reply | None) -> APIError:
    status, code, param = (getattr(error, name, None) for name in ("status_code", "code", "param"))
    return APIError(
        shortened(str(getattr(error, "message", error)), 4000),
        status=status,
        code=None if code is None else str(code),
        param=None if param is None else str(param),
        request_id=getattr(error, "request_id", None),
        partial=partial,
    )
