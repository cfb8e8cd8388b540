"""`GET /health`: whether the server takes requests, for balancers and load generators."""

import asyncio
from urllib.parse import urlsplit

import pytest

from mockserver import MockLLM
from mockserver.chat import ChatRequest
from mockserver.engine import Engine, Settings
from mockserver.journal import Journal
from mockserver.scenario import Play, Rule, Scenario, When
from mockserver.server.app import Listener
from tests.test_server.conftest import get, said
from tests.test_server.test_load import whole_stream


def test_a_server_that_takes_requests_says_ok() -> None:
    with MockLLM(require_key=True) as llm:
        heard = said(llm.base_url, get("/health?verbose=1", host="10.1.2.3"))

        assert (heard.status, heard.json) == (200, {"status": "ok"})
        assert (len(llm.journal), llm.journal.served) == (0, False)


def test_the_head_alone_is_told() -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, get("/health", "HEAD"))

    assert (heard.status, heard.body) == (200, b"")


@pytest.mark.parametrize(("origin", "named"), [("http://localhost:3000", True), ("https://evil.example", False)])
def test_only_a_page_of_this_machine_may_read_it(origin: str, named: bool) -> None:
    with MockLLM() as llm:
        heard = said(llm.base_url, get("/health", origin=origin))

    assert heard.status == 200
    assert ("access-control-allow-origin" in heard.headers) is named


async def test_a_server_that_was_told_to_stop_says_draining_until_its_answers_are_through() -> None:
    came, may_answer = asyncio.Event(), asyncio.Event()

    async def answer(request: ChatRequest) -> str:
        came.set()
        await may_answer.wait()
        return "Hello."

    play = Play(Scenario("held", rules=(Rule(answer, When()),)))
    listener = Listener(Engine(Settings(), [play]), Journal())
    await listener.start()
    held = asyncio.create_task(whole_stream(listener.url))
    await came.wait()
    stopping = asyncio.create_task(listener.stop(drain=600))

    heard = await health(listener.url)
    may_answer.set()

    assert (await held).endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
    await stopping
    assert heard.startswith(b"HTTP/1.1 503 ")
    assert heard.endswith(b'{"status":"draining"}')


async def health(url: str) -> bytes:
    """What `/health` says on a connection of its own, once the server knows that it is to stop."""
    heard = b"HTTP/1.1 200 "
    while heard.startswith(b"HTTP/1.1 200 "):
        reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
        writer.write(get("/health"))
        heard = await reader.read()
        writer.close()
        await writer.wait_closed()
    return heard
