"""Many at once: streams side by side, streams that nobody wants any more, and several processes on one port."""

import asyncio
import json
import signal
import urllib.request
from collections import Counter
from urllib.parse import urlsplit

import pytest

from mockserver.chat import Reply, Timing
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.scenario import Play, Rule, Scenario, When
from mockserver.server.app import Listener
from tests.test_server.conftest import HELLO, request
from tests.test_server.test_command_line import serving

SIDE_BY_SIDE = 100
ABORTED = 500
WORDS = "one two three four five"
ASKED = request({**HELLO, "stream": True}, connection="close")


def engine(gap: float) -> Engine:
    rule = Rule(Reply(WORDS, timing=Timing(gap=gap)), When.of(user_says="Hello"))
    return Engine(Settings(), [Play(Scenario("slow", rules=(rule,)))])


async def connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(ASKED)
    return reader, writer


async def whole_stream(url: str) -> bytes:
    reader, writer = await connected(url)
    received = await reader.read()
    writer.close()
    return received


async def aborted_stream(url: str) -> None:
    reader, writer = await connected(url)
    assert b"data: " in await reader.readuntil(b"\n\n")
    writer.transport.abort()


async def only(tasks: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """What is left of the loop's tasks once those that had ended are gone."""
    for _ in range(1000):
        left = asyncio.all_tasks() - tasks
        if not left:
            break
        await asyncio.sleep(0)
    return asyncio.all_tasks() - tasks


async def test_a_hundred_streams_at_once_all_arrive_and_leave_no_task_behind() -> None:
    journal = Journal()
    listener = Listener(engine(gap=0.01), journal)
    await listener.start()
    before = asyncio.all_tasks()

    streams = await asyncio.gather(*[whole_stream(listener.url) for _ in range(SIDE_BY_SIDE)])

    assert await only(before) == set()
    assert all(stream.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n") for stream in streams)
    assert Counter(exchange.ended for exchange in journal) == {"complete": SIDE_BY_SIDE}
    await listener.stop()


async def test_five_hundred_aborted_streams_stop_at_once_and_leave_no_task_behind() -> None:
    journal = Journal()
    listener = Listener(engine(gap=60), journal)
    await listener.start()
    before = asyncio.all_tasks()

    for _ in range(ABORTED // SIDE_BY_SIDE):
        await asyncio.gather(*[aborted_stream(listener.url) for _ in range(SIDE_BY_SIDE)])

    assert await only(before) == set()
    assert Counter((exchange.ended, exchange.events_sent) for exchange in journal) == {("client_gone", 1): ABORTED}
    await listener.stop()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_several_processes_serve_one_port_and_end_together(sign: signal.Signals) -> None:
    spoke = set()

    with serving("--workers", "2") as (process, url):
        for _ in range(200):
            with urllib.request.urlopen(url.replace("/v1", "/_mock/health")) as answer:
                spoke.add(answer.headers["x-mock-worker"])
                assert json.load(answer)["status"] == "ok"
            if len(spoke) == 2:
                break
        process.send_signal(sign)
        out, err = process.communicate()

    assert spoke == {"1 of 2", "2 of 2"}
    assert (process.returncode, out, err) == (0, "", "")
