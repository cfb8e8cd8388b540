"""Passes requests on to the upstream and keeps what it answers, whether or not the client stays to hear it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self

from mockserver.recording.exchange import Unkept, turn_of
from mockserver.recording.keeper import Keeper
from mockserver.recording.upstream import Answering, Unreachable, Upstream
from mockserver.redaction import Sanitiser
from mockserver.scenario import Say
from mockserver.scenario.recorded import knowing_client
from mockserver.wire.dialect import ParsedRequest

_GRACE_SECONDS = 2.0


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

    def end(self, error: Unreachable | None = None) -> None:
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

    def pass_on(self, heard: ParsedRequest, headers: Mapping[str, str], body: bytes) -> Passing:
        """Ask the upstream this question, and keep its answer."""
        self.sanitiser = knowing_client(self.sanitiser, headers)
        passing = Passing()
        task = asyncio.create_task(self._listen(passing, heard, headers, body))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return passing

    async def _listen(self, passing: Passing, heard: ParsedRequest, headers: Mapping[str, str], body: bytes) -> None:
        unreachable = None
        try:
            answering = await self._hear(passing, headers, body)
            passing.cut = answering.answered.cut
            if not answering.too_long:
                # Before the client hears that this was all: what it asks next comes after this in the recording.
                await self._keep(passing, heard, answering)
        except TimeoutError:
            passing.cut = True
            self._keeper.tell("an exchange was not recorded: the recorder was stopped before the answer was over")
        except Unreachable as error:
            unreachable = error
        finally:
            passing.end(unreachable)

    async def _hear(self, passing: Passing, headers: Mapping[str, str], body: bytes) -> Answering:
        """The whole answer, passed on as it comes.

        Raises:
            TimeoutError: the recorder ends before the answer does.
            Unreachable: there is no connection to the upstream.
        """
        async with asyncio.timeout(None) as patience:
            self._patience.add(patience)
            try:
                async with self.upstream.ask("POST", "chat/completions", headers, body) as answering:
                    passing.begin(answering)
                    async for data in answering:
                        passing.bring(data)
            finally:
                self._patience.discard(patience)
        return answering

    async def _keep(self, passing: Passing, heard: ParsedRequest, answering: Answering) -> None:
        try:
            turn = await asyncio.to_thread(turn_of, heard, answering.answered, self.sanitiser)
        except Unkept as error:
            self._keeper.tell(str(error))
            return
        passing.said = turn.say
        self._keeper.keep(turn, self.sanitiser)
