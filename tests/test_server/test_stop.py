"""Stopping is immediate, whatever is in flight: nothing is waited for, everything is cut off and written down."""

import asyncio
from typing import Any

import pytest

from mockserver import MockLLM, Reply
from mockserver.chat import Timing
from mockserver.journal import Exchange
from tests.test_server.conftest import HELLO, connection, request


@pytest.mark.parametrize("asked", [HELLO, {**HELLO, "stream": True}], ids=["plain", "streamed"])
def test_a_scripted_delay_does_not_hold_the_server_up(asked: dict[str, Any]) -> None:
    llm = MockLLM(time_scale=1).start()
    llm.script(Reply("Late.", timing=Timing(first_token=30)))

    with connection(llm.base_url) as sock:
        sock.sendall(request(asked))
        wait_until_all_is_asked(llm)
        llm.stop()

    assert [(exchange.ended, exchange.events_sent) for exchange in llm.journal] == [("client_gone", 0)]


def test_an_open_stream_is_cut_off() -> None:
    llm = MockLLM(time_scale=1).start()
    llm.script(Reply("One two three.", timing=Timing(gap=30)))

    with connection(llm.base_url) as sock:
        sock.sendall(request({**HELLO, "stream": True}))
        received = sock.recv(65536)
        llm.stop()
        while data := sock.recv(65536):
            received += data

    assert received.startswith(b"HTTP/1.1 200")
    assert b"three" not in received


def test_an_idle_connection_is_closed() -> None:
    llm = MockLLM().start()

    with connection(llm.base_url) as sock:
        llm.stop()

        assert sock.recv(1) == b""


def test_a_client_that_goes_away_is_written_down_with_how_far_it_got() -> None:
    with MockLLM(time_scale=1) as llm:
        llm.script(Reply("One two three.", timing=Timing(gap=30)))
        with connection(llm.base_url) as sock:
            sock.sendall(request({**HELLO, "stream": True}))
            sock.recv(65536)
        exchange = wait_for_an_exchange(llm)

    assert (exchange.ended, exchange.events_sent) == ("client_gone", 1)


async def test_starting_and_stopping_leave_no_task_behind() -> None:
    before = asyncio.all_tasks()
    with MockLLM():
        pass

    assert asyncio.all_tasks() == before


def test_a_stopped_server_can_be_started_again() -> None:
    llm = MockLLM()
    for _ in range(2):
        with llm:
            assert llm.base_url.startswith("http://127.0.0.1:")

    with pytest.raises(RuntimeError, match="is not running: use it as `with MockLLM"):
        assert llm.base_url


def wait_until_all_is_asked(llm: MockLLM) -> None:
    """Give the server's loop turns until every scripted turn was asked for."""
    while True:
        try:
            llm.verify()
        except AssertionError:
            continue
        return


def wait_for_an_exchange(llm: MockLLM) -> Exchange:
    """Give the server's loop turns until an exchange has ended."""
    while not len(llm.journal):
        pass
    return llm.journal[0]
