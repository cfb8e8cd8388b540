"""The recording proxy: what nothing recorded answers goes to the upstream, and its response comes back live."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from mockserver.chat import ApiError, Reply
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.recording.atomic_file import file_lock, write_atomically
from mockserver.recording.recorder import Recorder, ResponseStream
from mockserver.recording.recording_file import RecordingFile, RecordingWriter
from mockserver.recording.upstream import IncomingResponse, Outgoing, UnknownEncoding, Unreachable, Upstream
from mockserver.recording.upstream_response import EventCounter
from mockserver.redaction import Sanitiser, client_secrets
from mockserver.scenario import Play, load
from mockserver.scenario.ignored_parts import ignoring
from mockserver.server.perform import CLIENT_GONE, Performance
from mockserver.server.pipeline import LiveResponse, Pipeline
from mockserver.server.request_context import RequestContext
from mockserver.server.respond import cors_headers, response_headers
from mockserver.server.routing import Operation
from mockserver.server.thread import Host
from mockserver.steps import Drop, Head, Send, Step
from mockserver.wire.chat_completions.dialect import CHAT_COMPLETIONS
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity
from mockserver.wire.mock_error import mock_error
from mockserver.wire.provider import OPENAI

UPSTREAM = "upstream"
"""What the journal names as the match of a request that was passed on."""

_BAD_GATEWAY = 502
_WITHOUT_BODY = (204, 304)


class Proxy:
    """The upstream as the pipeline's last source: it answers what no recorded turn, rule or scenario answers."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def pass_on(
        self, request: web.BaseRequest, body: bytes, parsed: ParsedRequest, context: RequestContext
    ) -> LiveResponse:
        """Send a request to the upstream as it is; its response is recorded whether or not the client stays."""
        address = request.rel_url
        outgoing = Outgoing(request.method, address.raw_path, address.raw_query_string, request.headers, body)
        stream = self._recorder.pass_on(parsed, outgoing)
        return LiveResponse(_recorded_steps(stream, context, Identity("", body)), partial(_reply, stream), UPSTREAM)

    def operations(self) -> tuple[Operation, ...]:
        """The routes of the models, which the upstream lists; nothing of it is recorded."""
        return (
            Operation("GET", "/models", self.models, "The upstream's models.", "ModelList", keyed=True),
            Operation("GET", "/models/{id:path}", self.models, "One of the upstream's models.", "Model", keyed=True),
        )

    async def models(self, request: web.BaseRequest, **_: str) -> web.StreamResponse:
        """`GET /v1/models` and `GET /v1/models/{id}`."""
        try:
            return await Performance(request).run_live(self._unrecorded_steps(request))
        except ConnectionError:
            return CLIENT_GONE

    async def _unrecorded_steps(self, request: web.BaseRequest) -> AsyncGenerator[Step]:
        address, headers = request.rel_url, request.headers
        context = RequestContext(CHAT_COMPLETIONS, OPENAI, address.raw_path, headers)
        outgoing = Outgoing(request.method, address.raw_path, address.raw_query_string, headers)
        try:
            async with self._recorder.upstream.send(outgoing) as incoming:
                async for step in _steps(incoming, incoming, headers):
                    yield step
                if incoming.response.cut or incoming.garbled:
                    yield Drop()
        except (Unreachable, UnknownEncoding) as error:
            for step in _bad_gateway(error, context, Identity("", address.raw_path.encode())):
                yield step


@contextmanager
def recording(  # noqa: PLR0913  # each is a choice of its own, mostly made by keyword
    host: Host,
    upstream: str,
    to: Path,
    *,
    anew: bool = False,
    sanitiser: Sanitiser | None = None,
    ignore: Sequence[str] = (),
) -> Iterator[Journal]:
    """Record into a file what an upstream answers to a running server's clients; gives the journal.

    What the file holds is played, unless all is recorded `anew`; `ignore` names what is not compared. When the block
    ends, all is on the disk.

    Raises:
        WrongUpstream: the URL cannot be an upstream.
        ScenarioErrors: the file is broken; it is left as it is.
        AssertionError: something could not be recorded.
    """
    real = Upstream(upstream)
    sanitiser = (sanitiser or Sanitiser()).with_keys(client_secrets({}, real.query))
    file = RecordingFile(to, sanitiser, upstream=real.printable_url, anew=anew)
    known = file.at_start if not anew else None
    plays = [Play(ignoring(known, ignore), sanitiser=sanitiser)] if known is not None else []
    engine = Engine(Settings(fallback="error"), plays)
    missing: list[str] = []
    recorder = Recorder(real, RecordingWriter(file, missing.append), sanitiser)
    journal = Journal()
    host.run(recorder.__aenter__())
    try:
        host.serve(engine, journal, pipeline=partial(Pipeline, source=Proxy(recorder)))
        yield journal
    finally:
        host.run(recorder.__aexit__(None, None, None))
    assert not missing, "; ".join(missing)


@contextmanager
def recording_if(  # noqa: PLR0913  # each is a choice of its own, mostly made by keyword
    wanted: Callable[[], bool],
    host: Host,
    upstream: str,
    to: Path,
    *,
    anew: bool = False,
    secrets: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Iterator[None]:
    """Record into a copy of the file, which replaces it when the block ends and `wanted()` is true.

    Raises:
        WrongUpstream: the URL cannot be an upstream.
        ScenarioErrors: the file is broken; it is left as it is.
        OSError: it cannot be read, or there is no such folder.
        AssertionError: something could not be recorded.
    """
    sanitiser = Sanitiser(secrets)
    to = RecordingFile(to, sanitiser).path  # a file with mistakes is told by its own name
    before = _content(to)
    with TemporaryDirectory(prefix=".recording-", dir=to.parent) as folder:
        beside = Path(folder) / to.name
        if before is not None:
            beside.write_bytes(before)
        with recording(host, upstream, beside, anew=anew, sanitiser=sanitiser, ignore=ignore):
            yield
        if wanted() and _content(beside) != before:
            _put_in_place(beside, to, before)


async def _recorded_steps(stream: ResponseStream, context: RequestContext, identity: Identity) -> AsyncGenerator[Step]:
    """The response as it comes in; where the upstream's connection breaks, the client's breaks too."""
    try:
        incoming = await stream.head()
    except (Unreachable, UnknownEncoding) as error:
        for step in _bad_gateway(error, context, identity):
            yield step
        return
    async for step in _steps(incoming, stream, context.headers):
        yield step
    if stream.cut:
        yield Drop()


async def _steps(
    incoming: IncomingResponse, pieces: AsyncIterable[bytes], headers: Mapping[str, str]
) -> AsyncGenerator[Step]:
    """Head and pieces of a response; nothing at all where the connection went away before it began."""
    status = incoming.response.status
    if status is None:
        return
    yield Head(status, (*incoming.headers.items(), *_framing(incoming), *cors_headers(headers).items()))
    events, rest = EventCounter(incoming.response), _length(incoming)
    last = b""
    async for data in pieces:
        rest = rest - len(data) if rest is not None else None
        if rest == 0:
            # Held until the exchange is recorded: with the last byte of its length a client knows that this was all.
            last = data
        else:
            yield Send(data, events=events.completed_by(data))
    yield Send(last, events=events.completed_by(last) + events.at_end())


def _framing(incoming: IncomingResponse) -> tuple[tuple[str, str], ...]:
    """The header that frames the body: the upstream's length, where it is that of the unpacked bytes, or chunks."""
    if incoming.response.status in _WITHOUT_BODY:
        return ()
    length = _length(incoming)
    return (("content-length", str(length)) if length is not None else ("transfer-encoding", "chunked"),)


def _length(incoming: IncomingResponse) -> int | None:
    """The length of the body as it goes out, where the upstream said it: not of a body that was packed."""
    headers = incoming.response.headers
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in headers else None


def _bad_gateway(error: Unreachable | UnknownEncoding, context: RequestContext, identity: Identity) -> list[Step]:
    if isinstance(error, Unreachable):
        told = mock_error("upstream_unreachable", f"The upstream cannot be reached, and nothing was recorded. {error}")
    else:
        told = mock_error("upstream_encoding", f"The answer cannot be passed on, and nothing was recorded: {error}.")
    refused = ApiError(_BAD_GATEWAY, told.message, told.type, code=told.code)
    return context.dialect.refuse(refused, response_headers(identity, context, _BAD_GATEWAY))


def _reply(stream: ResponseStream) -> Reply | ApiError:
    return stream.reply if isinstance(stream.reply, Reply | ApiError) else Reply()


def _put_in_place(made: Path, file: Path, before: bytes | None) -> None:
    """Replace the file; what another process wrote there meanwhile stays."""
    with file_lock(file):
        alone = _content(file) == before
        if alone:
            write_atomically(file, made.read_bytes())
    if not alone:
        RecordingFile(file, Sanitiser()).add(load(made).turns)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
