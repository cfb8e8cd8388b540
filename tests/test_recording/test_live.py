"""Live: the first chunk reaches the client when it reaches the recorder, and an exchange is soon on the disk."""

import asyncio
import time
from pathlib import Path

from mockserver import MockLLM, Reply
from mockserver.chat import Timing
from mockserver.scenario import load
from tests.test_recording.asking import ask, body
from tests.test_recording.conftest import Record


async def first_chunk(url: str) -> float:
    """Seconds from sending a request to its first chunk."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/", maxsplit=1)[0]))
    asked = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "stream": true}'
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    begun = time.perf_counter()
    writer.write(head + b"content-length: %d\r\n\r\n" % len(asked) + asked)
    while b"data: " not in await reader.read(65536):
        pass
    lasted = time.perf_counter() - begun
    writer.close()
    return lasted


async def test_the_first_chunk_comes_within_50_ms_of_the_upstreams_own(record: Record, upstream: MockLLM) -> None:
    said = Reply("One two three four five.", timing=Timing(0.05, 0.1))
    upstream.script(*[said] * 6)
    with record(anew=True):
        direct = min([await first_chunk(upstream.base_url) for _ in range(3)])
        through = min([await first_chunk(record.url) for _ in range(3)])

    assert through - direct < 0.05


def test_an_exchange_is_on_the_disk_within_a_second(record: Record, upstream: MockLLM, file: Path) -> None:
    upstream.script("Good morning.")
    with record():
        ask(record.url, body())
        until = time.monotonic() + 1
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.01)

        assert len(load(file).turns) == 1
