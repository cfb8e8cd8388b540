"""A recorder in Python: what a server answers while a block runs is recorded into a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.recording.file import RecordingFile
from mockserver.recording.keeper import Keeper
from mockserver.recording.recorder import Recorder
from mockserver.recording.upstream import Upstream
from mockserver.redaction import Sanitiser
from mockserver.scenario import Play
from mockserver.server.host import Host
from mockserver.server.passing import PassingPipeline


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
    sanitiser = sanitiser or Sanitiser()
    file = RecordingFile(to, sanitiser, upstream=upstream, anew=anew)
    known = file.at_start if not anew else None
    engine = Engine(Settings(fallback="error"), [Play(known, sanitiser=sanitiser)] if known is not None else [])
    unkept: list[str] = []
    recorder = Recorder(Upstream(upstream), Keeper(file, unkept.append), sanitiser)
    journal = Journal()
    host.run(recorder.__aenter__())
    try:
        host.serve(engine, journal, pipeline=partial(PassingPipeline, recorder=recorder))
        yield journal
    finally:
        host.run(recorder.__aexit__(None, None, None))
    assert not unkept, "; ".join(unkept)
