"""What the tests of the recorder share: an upstream, a recorder before it, and the file."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.journal import Journal
from mockserver.server.proxy import recording
from mockserver.server.thread import Host


@pytest.fixture
def upstream() -> Iterator[MockLLM]:
    """What stands in for a real API: another instance of our own server."""
    with MockLLM(time_scale=1) as llm:
        yield llm


@pytest.fixture
def host() -> Iterator[Host]:
    """The recorder's own server."""
    running = Host()
    yield running
    running.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


class Record:
    """Starts recorders: `with record(anew=True): …`."""

    def __init__(self, host: Host, upstream: str, file: Path) -> None:
        self.url = host.url
        self.host = host
        self.upstream = upstream
        self._file = file

    def __call__(self, **more: Any) -> AbstractContextManager[Journal]:
        return recording(self.host, self.upstream, self._file, **more)


@pytest.fixture
def record(host: Host, upstream: MockLLM, file: Path) -> Record:
    return Record(host, upstream.base_url, file)
