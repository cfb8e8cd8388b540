"""Beside other plugins: one run with workers, in random order, measured, on asyncio, anyio, trio and aiohttp."""

import os
import subprocess
import sys

import pytest

from tests.test_pytest_plugin.project import APPLICATION, FILES, HEAD, run

pytest_plugins = ["pytester"]

TESTS = """
import asyncio, os

from aiohttp import web
from openai import AsyncOpenAI

ports = set()


async def chat(llm):
    async with AsyncOpenAI(max_retries=0) as client:
        answer = await client.chat.completions.create(model="gpt-4o", messages=[user("Hello")])
        return answer.choices[0].message.content


@pytest.mark.parametrize("number", range(8))
def test_a_worker_has_its_own_server(mock_llm, number):
    mock_llm.script(f"I am {number}.")
    assert agent("Who are you?") == f"I am {number}."
    ports.add(mock_llm.base_url)
    assert len(ports) == 1


@pytest.mark.asyncio
async def test_on_asyncio(mock_llm):
    mock_llm.script("Hello.")
    assert await chat(mock_llm) == "Hello."


@pytest.mark.asyncio
async def test_a_blocking_client_in_an_asynchronous_test(mock_llm):
    mock_llm.script("Hello.")
    assert agent("Hello") == "Hello."


@pytest.mark.asyncio
async def test_an_asynchronous_test_fails_by_itself_too(mock_llm):
    mock_llm.script("Never said.")


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_on_anyio(mock_llm, anyio_backend):
    mock_llm.script("Hello.")
    assert await chat(mock_llm) == "Hello."


@pytest.mark.asyncio
async def test_an_aiohttp_application(mock_llm, aiohttp_client):
    async def handler(request):
        return web.Response(text=await chat(mock_llm))

    mock_llm.script("Hello.")
    served = web.Application()
    served.router.add_get("/", handler)
    client = await aiohttp_client(served)
    assert await (await client.get("/")).text() == "Hello."


@pytest.mark.scenario("oslo.yaml")
def test_with_a_file(mock_llm):
    mock_llm.allow("unplayed")


@pytest.mark.faults("unknown_param")
def test_with_a_fault(mock_llm):
    mock_llm.script(call("get_current_weather", location="Oslo"), "Warm.")
    agent("How warm is it?")
"""


def test_all_of_them_at_once(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n")
    pytester.makepyfile(application=APPLICATION, test_application=HEAD + TESTS)
    pytester.makefile(".yaml", oslo=FILES["oslo"])
    options = ("-q", "-n", "2", "--cov=application", "--scenario-coverage", "--fault-report=f.json")
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *options]

    ran = subprocess.run(command, cwd=pytester.path, env=os.environ, capture_output=True, text=True, check=False)

    told = ran.stdout
    assert "1 failed, 15 passed" in told, told + ran.stderr
    assert "\nturn 1 of the script was never asked for: 'Never said.'\n" in told
    assert "application.py " in told.partition("TOTAL")[0]
    assert "  unknown_param  ran it as if it were right  1 passed\n" in told
    assert "oslo.yaml: 0 of 2 turns and rules played\n" in told
    assert (pytester.path / "f.json").exists()


SOCKETS = """
def test_without_sockets(mock_llm):
    mock_llm.script("Hello.")
    assert agent("Hi") == "Hello."

@pytest.mark.allow_hosts(["127.0.0.1"])
def test_with_loopback(mock_llm):
    mock_llm.script("Hello.")
    assert agent("Hi") == "Hello."

def test_without_sockets_again(mock_llm):
    mock_llm.script("Hello.")
    assert agent("Hi") == "Hello."
"""


def test_where_sockets_are_disabled_the_failure_names_the_cause_and_the_option(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_socket")

    ran = run(pytester, SOCKETS, "--disable-socket", "-W", "error", "-W", "ignore:A test tried")

    ran.assert_outcomes(errors=2, passed=1)
    ran.stdout.fnmatch_lines(
        ["the mock's server cannot start: SocketBlockedError: *", "*pytest with --allow-hosts=127.0.0.1 *"]
    )


def test_where_loopback_is_allowed_sockets_may_be_disabled(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_socket")

    run(pytester, SOCKETS, "--disable-socket", "--allow-hosts=127.0.0.1").assert_outcomes(passed=3)
