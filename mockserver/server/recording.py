"""A recorder in Python: what a server answers while a block runs is recorded into a file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.recording.file import RecordingFile
from mockserver.recording.keeper import Keeper
from mockserver.recording.locked import locked, write_whole
from mockserver.recording.recorder import Recorder
from mockserver.recording.upstream import Upstream
from mockserver.redaction import Sanitiser, secrets_sent
from mockserver.scenario import Play, load
from mockserver.server.pipeline import Pipeline
from mockserver.server.proxy import Proxy
from mockserver.server.thread import Host


@contextmanager
def recording(
    host: Host, upstream: str, to: Path, *, anew: bool = False, sanitiser: Sanitiser | None = None
) -> Iterator[Journal]:
    """Have a running server pass everything on to an upstream and write it down; gives the journal.

    What the file holds is played, unless all is to be recorded `anew`. When the block ends, all is on the disk.

    Raises:
        WrongUpstream: the address cannot be an upstream.
        ScenarioErrors: the file is broken; it is left as it is.
        AssertionError: something could not be recorded.
    """
    real = Upstream(upstream)
    sanitiser = (sanitiser or Sanitiser()).with_keys(secrets_sent({}, real.query))
    file = RecordingFile(to, sanitiser, upstream=real.shown, anew=anew)
    known = file.at_start if not anew else None
    engine = Engine(Settings(fallback="error"), [Play(known, sanitiser=sanitiser)] if known is not None else [])
    unkept: list[str] = []
    recorder = Recorder(real, Keeper(file, unkept.append), sanitiser)
    journal = Journal()
    host.run(recorder.__aenter__())
    try:
        host.serve(engine, journal, pipeline=partial(Pipeline, source=Proxy(recorder)))
        yield journal
    finally:
        host.run(recorder.__aexit__(None, None, None))
    assert not unkept, "; ".join(unkept)


@contextmanager
def recording_kept_if(  # noqa: PLR0913  # each is a choice of its own, mostly made by keyword
    wanted: Callable[[], bool], host: Host, upstream: str, to: Path, *, anew: bool = False, secrets: Sequence[str] = ()
) -> Iterator[None]:
    """The same beside the file, which is replaced when the block ends and what was recorded is wanted.

    Raises:
        WrongUpstream: the address cannot be an upstream.
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
        with recording(host, upstream, beside, anew=anew, sanitiser=sanitiser):
            yield
        if wanted() and _content(beside) != before:
            _put_in_place(beside, to, before)


def _put_in_place(made: Path, file: Path, before: bytes | None) -> None:
    """Replace the file; what another process wrote there meanwhile stays."""
    with locked(file):
        alone = _content(file) == before
        if alone:
            write_whole(file, made.read_bytes())
    if not alone:
        RecordingFile(file, Sanitiser()).add(load(made).turns)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
