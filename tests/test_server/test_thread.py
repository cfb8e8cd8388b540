"""The server's thread: what keeps it from starting or answering is told, and nobody waits for ever."""

import socket
import subprocess
import sys
import threading
from typing import Any

import pytest

from mockserver import MockLLM
from mockserver.server import thread
from mockserver.server.thread import CannotServe, LoopThread

FORKED = """
import os, sys, warnings
from mockserver import MockLLM
warnings.simplefilter("ignore")
llm = MockLLM().start()
child = os.fork()
if child == 0:
    try:
        llm.journal
    except RuntimeError as error:
        os.write(1, str(error).encode())
    os._exit(0)
os.waitpid(child, 0)
llm.stop()
"""


def test_a_server_that_may_have_no_sockets_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> None:
        raise RuntimeError("No sockets here.")

    monkeypatch.setattr(socket, "socket", forbidden)

    with pytest.raises(CannotServe, match=r"the mock's server cannot start: RuntimeError: No sockets here\."):
        MockLLM().start()


def test_a_loop_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError("too many open files")

    monkeypatch.setattr("asyncio.run", broken)

    with pytest.raises(CannotServe, match="OSError: too many open files"):
        LoopThread("broken")


def test_a_thread_that_is_gone_is_told() -> None:
    loop = LoopThread("short")
    loop.stop()
    loop.stop()

    with pytest.raises(CannotServe, match="its thread has ended"):
        loop.call(dict)


def test_a_thread_that_is_blocked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    loop = LoopThread("blocked")
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(thread, "PATIENCE", 0.01)
            impatient.setattr(thread, "_LOOKS", 0.01)
            with pytest.raises(CannotServe, match="something blocks its thread"):
                loop.call(lambda: released.wait(60))
    finally:
        released.set()
        loop.stop()


def test_a_forked_process_is_told_that_the_server_stayed_behind() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=120, check=True)

    assert ran.stdout.startswith("the mock's server is gone: its thread has ended")
