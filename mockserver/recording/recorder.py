"""Passes requests on to the upstream and keeps what it answers, whether or not the client stays to hear it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

from mockserver.recording.exchange import Unkept, turn_of
from mockserver.recording.keeper import Keeper
from mockserver.recording.kept import not_kept
from mockserver.recording.unpack import UnknownEncoding
from mockserver.recording.upstream import Answering, Outgoing, Unreachable, Upstream
from mockserver.redaction import Sanitiser
from mockserver.scenario import Say
from mockserver.scenario.request_matching import knowing_client
from mockserver.wire.dialect import ParsedRequest

_GRACE_SECONDS = 2.0
_NONCE = "idempotency-key"


class Passing:
    """An answer on its way from the upstream to a client: the head, then the bytes as they come.

    `cut` says in the end that the connection to the upstream went away too early, `said` what was answered.
    """

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._head: asyncio.Future[Answering] = asyncio.get_running_loop().create_future()
        self.cut = False
        self.said: Say | None = None

    async def head(self) -> Answering:
        """The answer once its head is there.

        Raises:
            Unreachable: there is no connection to the upstream.
            UnknownEncoding: the answer cannot be unpacked.
        """
        return await asyncio.shield(self._head)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes of the body."""
        while (data := await self._pieces.get()) is not None:
            yield data

    def begin(self, answering: Answering) -> None:
        """The head is there."""
        self._head.set_result(answering)

    def bring(self, data: bytes) -> None:
        """More of the body is there."""
        self._pieces.put_nowait(data)

    def end(self, error: Exception | None = None) -> None:
        """There is no more; with an `error` there was nothing at all."""
        self._pieces.put_nowait(None)
        if not self._head.done():
            self._head.set_exception(error or Unreachable("the recorder failed before the upstream answered"))


class Recorder:
    """Sits between clients and the upstream. Every exchange is heard to its end and kept."""

    def __init__(self, upstream: Upstream, keeper: Keeper, sanitiser: Sanitiser) -> None:
        self.upstream = upstream
        self.sanitiser = sanitiser
        """Knows the keys of all clients so far, beside what it knew at the start."""
        self._keeper = keeper
        self._under_way: set[asyncio.Task[None]] = set()
        self._patience: set[asyncio.Timeout] = set()

    async def __aenter__(self) -> Self:
        await self.upstream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_GRACE_SECONDS)
        for patience in self._patience:
            patience.reschedule(0)
        # What was answered is kept, however long a busy machine takes for it.
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._keeper.settle()
        await self.upstream.__aexit__(kind, error, trace)

    def pass_on(self, heard: ParsedRequest, asked: Outgoing) -> Passing:
        """Ask the upstream this question, and keep its answer."""
        self.sanitiser = knowing_client(self.sanitiser, _lasting(asked.headers), asked.query)
        passing = Passing()
        task = asyncio.create_task(self._listen(passing, heard, asked))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return passing

    async def _listen(self, passing: Passing, heard: ParsedRequest, asked: Outgoing) -> None:
        failed: Exception | None = None
        try:
            answering = await self._hear(passing, asked)
            passing.cut = answering.answered.cut or answering.garbled
            # Before the client hears that this was all: what it asks next comes after this in the recording.
            await self._keep(passing, heard, answering, knowing_client(self.sanitiser, asked.headers))
        except TimeoutError:
            passing.cut = True
            self._keeper.tell("an exchange was not recorded: the recorder was stopped before the answer was over")
        except UnknownEncoding as error:
            failed = error
            self._keeper.tell(f"an exchange was not recorded: {error}")
        except Unreachable as error:
            failed = error
        finally:
            passing.end(failed)

    async def _hear(self, passing: Passing, asked: Outgoing) -> Answering:
        """The whole answer, passed on as it comes.

        Raises:
            TimeoutError: the recorder ends before the answer does.
            Unreachable: there is no connection to the upstream.
            UnknownEncoding: the answer cannot be unpacked.
        """
        async with asyncio.timeout(None) as patience:
            self._patience.add(patience)
            try:
                async with self.upstream.ask(asked) as answering:
                    passing.begin(answering)
                    async for data in answering:
                        passing.bring(data)
            finally:
                self._patience.discard(patience)
        return answering

    async def _keep(self, passing: Passing, heard: ParsedRequest, answering: Answering, sanitiser: Sanitiser) -> None:
        """Write the exchange down, unless there is a reason not to, which is told."""
        if answering.too_long:
            return
        if answering.garbled:
            self._keeper.tell("an exchange was not recorded: the upstream's answer is not packed as its headers say")
            return
        try:
            turn = await asyncio.to_thread(turn_of, heard, answering.answered, sanitiser)
        except Unkept as error:
            self._keeper.tell(str(error))
            return
        passing.said = turn.say
        if reason := not_kept(answering.answered, heard.request.model):
            self._keeper.tell(sanitiser.text(reason))
            return
        self._keeper.keep(turn, self.sanitiser)


def _lasting(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers whose secrets other exchanges may hold as well; a nonce of one request is not remembered for all."""
    return {name: value for name, value in headers.items() if name.lower() != _NONCE}
