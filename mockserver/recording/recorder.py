"""The recorder: passes requests on to the upstream and records its responses, whether or not the client stays."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

from mockserver.recording.recording_file import RecordingWriter
from mockserver.recording.upstream import IncomingResponse, Outgoing, UnknownEncoding, Unreachable, Upstream
from mockserver.recording.upstream_response import NotRecorded, reason_not_recorded, turn_from_exchange
from mockserver.redaction import Sanitiser
from mockserver.scenario import Say
from mockserver.scenario.request_matching import knowing_client
from mockserver.wire.dialect import ParsedRequest

_GRACE_SECONDS = 2.0
_NONCE = "idempotency-key"


class ResponseStream:
    """A response on its way from the upstream to a client: the head, then the bytes as they come.

    At its end `cut` says that the connection to the upstream closed too early, and `reply` what was answered.
    """

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._head: asyncio.Future[IncomingResponse] = asyncio.get_running_loop().create_future()
        self.cut = False
        self.reply: Say | None = None

    async def head(self) -> IncomingResponse:
        """The response once its head is there.

        Raises:
            Unreachable: there is no connection to the upstream.
            UnknownEncoding: the response cannot be unpacked.
        """
        return await asyncio.shield(self._head)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes of the body."""
        while (data := await self._pieces.get()) is not None:
            yield data

    def begin(self, incoming: IncomingResponse) -> None:
        """The head is there."""
        self._head.set_result(incoming)

    def feed(self, data: bytes) -> None:
        """More of the body is there."""
        self._pieces.put_nowait(data)

    def end(self, error: Exception | None = None) -> None:
        """The body is complete; with an `error` there was no response at all."""
        self._pieces.put_nowait(None)
        if not self._head.done():
            self._head.set_exception(error or Unreachable("the recorder failed before the upstream answered"))


class Recorder:
    """Sits between clients and the upstream. Every exchange is read to its end and recorded."""

    def __init__(self, upstream: Upstream, writer: RecordingWriter, sanitiser: Sanitiser) -> None:
        self.upstream = upstream
        self.sanitiser = sanitiser
        """Knows the keys of all clients so far, beside what it knew at the start."""
        self._writer = writer
        self._tasks: set[asyncio.Task[None]] = set()
        self._timeouts: set[asyncio.Timeout] = set()

    async def __aenter__(self) -> Self:
        await self.upstream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_SECONDS)
        for timeout in self._timeouts:
            timeout.reschedule(0)
        # What was answered is recorded, however long a busy machine takes for it.
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._writer.flush()
        await self.upstream.__aexit__(kind, error, trace)

    def pass_on(self, parsed: ParsedRequest, outgoing: Outgoing) -> ResponseStream:
        """Send a request to the upstream, and record its response."""
        self.sanitiser = knowing_client(self.sanitiser, _without_nonce(outgoing.headers), outgoing.query)
        stream = ResponseStream()
        task = asyncio.create_task(self._exchange(stream, parsed, outgoing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return stream

    async def _exchange(self, stream: ResponseStream, parsed: ParsedRequest, outgoing: Outgoing) -> None:
        failed: Exception | None = None
        try:
            incoming = await self._receive(stream, outgoing)
            stream.cut = incoming.response.cut or incoming.garbled
            # Before the client gets the end: its next request then comes after this one in the recording.
            await self._record(stream, parsed, incoming, knowing_client(self.sanitiser, outgoing.headers))
        except TimeoutError:
            stream.cut = True
            self._writer.report("an exchange was not recorded: the recorder was stopped before the answer was over")
        except UnknownEncoding as error:
            failed = error
            self._writer.report(f"an exchange was not recorded: {error}")
        except Unreachable as error:
            failed = error
        finally:
            stream.end(failed)

    async def _receive(self, stream: ResponseStream, outgoing: Outgoing) -> IncomingResponse:
        """The whole response, passed on as it comes.

        Raises:
            TimeoutError: the recorder ends before the response does.
            Unreachable: there is no connection to the upstream.
            UnknownEncoding: the response cannot be unpacked.
        """
        async with asyncio.timeout(None) as timeout:
            self._timeouts.add(timeout)
            try:
                async with self.upstream.send(outgoing) as incoming:
                    stream.begin(incoming)
                    async for data in incoming:
                        stream.feed(data)
            finally:
                self._timeouts.discard(timeout)
        return incoming

    async def _record(
        self, stream: ResponseStream, parsed: ParsedRequest, incoming: IncomingResponse, sanitiser: Sanitiser
    ) -> None:
        """Write the exchange to the file, unless there is a reason not to, which is reported."""
        if incoming.too_long:
            return
        if incoming.garbled:
            self._writer.report("an exchange was not recorded: the upstream's answer is not packed as its headers say")
            return
        try:
            turn = await asyncio.to_thread(turn_from_exchange, parsed, incoming.response, sanitiser)
        except NotRecorded as error:
            self._writer.report(str(error))
            return
        stream.reply = turn.say
        if reason := reason_not_recorded(incoming.response, parsed.request.model):
            self._writer.report(sanitiser.text(reason))
            return
        self._writer.add(turn, self.sanitiser)


def _without_nonce(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers whose secrets other exchanges may hold as well; the nonce of one request is not remembered."""
    return {name: value for name, value in headers.items() if name.lower() != _NONCE}
