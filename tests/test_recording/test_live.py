"""Live: the first chunk reaches the client when it reaches the recorder, and an exchange is soon on the disk."""

import asyncio
import time
from pathlib import Path

from mockserver import MockLLM, Reply
from mockserver.chat import Timing
from mockserver.scenario import load
from tests.test_recording.asking import ask, body
from tests.test_recording.conftest import Record


async def times(url: str) -> tuple[float, float]:
    """Seconds from sending a request to the first chunk of its answer, and to the last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/", maxsplit=1)[0]))
    asked = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    begun = time.perf_counter()
    writer.write(head + b"content-length: %d\r\n\r\n" % len(asked) + asked)
    received, first = b"", None
    while b"[DONE]" not in received:
        received += await reader.read(65536)
        if first is None and b"data: " in received:
            first = time.perf_counter() - begun
    writer.close()
    assert first is not None
    return first, time.perf_counter() - begun


async def test_the_first_chunk_comes_long_before_the_upstream_is_done(record: Record, upstream: MockLLM) -> None:
    upstream.script(Reply("One two three four five.", timing=Timing(0, 0.5)))
    with record(anew=True):
        first, last = await times(record.url)

    assert first < last / 2


def test_an_exchange_is_soon_on_the_disk_while_the_recorder_runs(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("Good morning.")
    with record():
        ask(record.url, body())
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.01)

        assert len(load(file).turns) == 1
