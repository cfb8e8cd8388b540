"""Lets a conversation use an OpenAI client that the application already has."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from clientkit.completion import error_from_event, error_object, read_completion, request_id_of, unreadable
from clientkit.deltas import Deltas
from clientkit.display import shorten
from clientkit.errors import APIError, ClientKitError, StreamError
from clientkit.events import ReplyEvent
from clientkit.model import Message, ToolDefinition
from clientkit.reply import Reply
from clientkit.retry import retry_after_of, should_retry_of
from clientkit.stream import read_whole
from clientkit.threads import run_in_thread

_END = object()
_CODES = {"APIConnectionError": "connection", "APITimeoutError": "timeout"}


class OpenAIChat:
    """Asks through `client`, an `openai.OpenAI` or `openai.AsyncOpenAI`, whose keys, retries and timeouts hold.

    `options` go into every request. One reply may take `longest` seconds as a whole, for the client's own timeout is
    one of silence. The package `openai` is not imported, only used as the client shows it. Whatever it raises comes out
    as APIError or StreamError, with the original as their cause.
    """

    def __init__(self, client: Any, *, model: str, longest: float = 600.0, **options: Any) -> None:
        self.client = client
        self.model = model
        self.longest = longest
        self.options = options

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> Reply:
        """The model's next message, whole.

        Raises:
            APIError: The client raised an error, or the answer is unreadable.
            StreamError: The server streamed the answer unasked and broke off.
        """
        with _own_errors():
            answer = await _before(self._latest(), self._create(messages, tools, **options))
            return read_whole(answer.encode()) if isinstance(answer, str) else read_completion(_plain(answer))

    async def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolDefinition] = (), **options: Any
    ) -> AsyncGenerator[ReplyEvent, None]:
        """The events of the model's next message; the last is `Finished`.

        Raises:
            APIError: As `complete` does, and for an error event in the stream.
            StreamError: The stream was torn, unreadable, or had no finish.
        """
        latest = self._latest()
        with _own_errors():
            chunks = await _before(latest, self._create(messages, tools, **options, stream=True))
        deltas = Deltas()
        with _own_errors(deltas, _headers(chunks)):
            async with aclosing(_each(chunks, latest)) as arriving:
                async for chunk in arriving:
                    plain = _plain(chunk)
                    if described := error_object(plain):
                        raise error_from_event(described, deltas.reply())
                    for event in deltas.add(plain):
                        yield event
            if deltas.finish is None:
                raise StreamError("The stream ended without a finish reason; nothing of it was run.", deltas.reply())
            for event in deltas.end():
                yield event

    def _latest(self) -> float:
        return asyncio.get_running_loop().time() + self.longest

    async def _create(self, messages: Sequence[Message], tools: Sequence[ToolDefinition], **more: Any) -> Any:
        offered = {"tools": list(tools)} if tools else {}
        # In a thread, for a client that is not async would hold up everything else; an async one returns at once.
        result = await run_in_thread(
            self.client.chat.completions.create,
            model=self.model,
            messages=list(messages),
            **{**offered, **self.options, **more},
        )
        return await result if inspect.isawaitable(result) else result


async def _each(stream: Any, latest: float) -> AsyncGenerator[Any, None]:
    chunks: Any = aiter(stream) if hasattr(stream, "__aiter__") else iter(stream)
    try:
        while (chunk := await _before(latest, _next(chunks))) is not _END:
            yield chunk
    finally:
        # What goes wrong here is of no interest any more, and must not hide what went wrong before.
        with suppress(Exception):
            closed = stream.close()
            if inspect.isawaitable(closed):
                await closed


async def _next(chunks: Any) -> Any:
    """The next of the chunks, _END if there is none."""
    if hasattr(chunks, "__anext__"):
        return await anext(chunks, _END)
    return await run_in_thread(lambda: next(chunks, _END))


async def _before(latest: float, waiting: Awaitable[Any]) -> Any:
    """The result of an awaitable.

    Raises:
        TimeoutError: It did not come before the loop's clock passed `latest`.
    """
    try:
        async with asyncio.timeout_at(latest):
            return await waiting
    except TimeoutError:
        raise TimeoutError("the reply as a whole took too long, see OpenAIChat(longest=…)") from None


def _plain(value: Any) -> dict[str, Any]:
    """What the client made of the JSON, as JSON again."""
    if not hasattr(value, "model_dump"):
        raise unreadable(str(value))
    return dict(value.model_dump(warnings=False))


def _headers(answer: Any) -> Mapping[str, str]:
    headers = getattr(getattr(answer, "response", None), "headers", None) or {}
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def _own_errors(deltas: Deltas | None = None, headers: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turns what the client raises into our errors; with `deltas` it is in the middle of a stream."""
    try:
        yield
    except ClientKitError as error:
        if isinstance(error, APIError | StreamError):
            error.request_id = error.request_id or request_id_of(headers or {})
            error.partial = error.partial or (deltas.reply() if deltas else None)
        raise
    except Exception as error:
        from_client = _is_from_client(error)
        if deltas and not (from_client and getattr(error, "body", None)):
            reason = f"The stream broke off before its end: {shorten(str(error) or type(error).__name__)}"
            raise StreamError(reason, deltas.reply(), request_id=request_id_of(headers or {})) from error
        if isinstance(error, TimeoutError):
            raise APIError(f"No answer in time: {error}", code="timeout") from error
        if from_client:
            raise _api_error(error, headers or _headers(error), deltas.reply() if deltas else None) from error
        if isinstance(error, ValueError | RecursionError):
            raise unreadable(str(getattr(error, "doc", error))) from error
        raise


def _is_from_client(error: Exception) -> bool:
    # Known by where it comes from, for the client's package is not ours to import.
    return type(error).__module__.startswith(("openai", "httpx"))


def _api_error(error: Exception, headers: Mapping[str, str], partial: Reply | None) -> APIError:
    status, code, param = (getattr(error, name, None) for name in ("status_code", "code", "param"))
    code = code or _CODES.get(type(error).__name__)
    return APIError(
        shorten(str(getattr(error, "message", error)), 4000),
        status=status,
        code=None if code is None else str(code),
        param=None if param is None else str(param),
        request_id=getattr(error, "request_id", None) or request_id_of(headers),
        retry_after=retry_after_of(headers),
        should_retry=should_retry_of(headers),
        partial=partial,
    )
