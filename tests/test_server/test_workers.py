"""Several processes on one port: whatever ends one of them, or all, leaves nothing behind and nothing hanging."""

import os
import random
import select
import signal
import subprocess
import threading
import urllib.request

import pytest

from mockserver.server.workers import MOST_RESTARTS
from tests.test_server.conftest import HELLO, connection, request
from tests.test_server.test_command_line import serving

STARTS, LONGEST_DELAY = 10, 0.05
PATIENCE = 60


def worker_that_answers(url: str) -> str:
    with urllib.request.urlopen(url.replace("/v1", "/_mock/health")) as answer:
        return str(answer.headers["x-mock-worker"])


def children_of(process: int) -> set[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return {int(line) for line in listed.stdout.split()}


def ended(process: int) -> bool:
    """Whether a process ends within the patience of this test."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE)[0])
    finally:
        os.close(handle)


def test_a_signal_at_any_moment_after_the_listening_line_ends_all() -> None:
    chance = random.Random(13)

    for _ in range(STARTS):
        with serving("--workers", "2") as (process, _):
            threading.Event().wait(chance.uniform(0, LONGEST_DELAY))
            process.terminate()
            out, err = process.communicate(timeout=PATIENCE)

        assert (process.returncode, out, err) == (0, "", "")


def test_workers_end_when_their_parent_is_killed() -> None:
    with serving("--workers", "2") as (process, _):
        workers = children_of(process.pid)
        process.kill()

        assert len(workers) == 2
        assert all(map(ended, workers))


def test_a_worker_that_dies_is_replaced_and_the_log_says_so() -> None:
    with serving("--workers", "2") as (process, url):
        killed = min(children_of(process.pid))
        os.kill(killed, signal.SIGKILL)
        assert process.stderr is not None
        line = process.stderr.readline()
        answers = {worker_that_answers(url) for _ in range(40)}
        process.terminate()

        assert process.wait(PATIENCE) == 0
    assert line == "mockserver: worker 1 of 2 ended by itself (killed by SIGKILL); a new one takes its place\n"
    assert answers == {"1 of 2", "2 of 2"}


def test_workers_that_die_again_and_again_end_the_server() -> None:
    with serving("--workers", "2") as (process, _):
        assert process.stderr is not None
        for _ in range(MOST_RESTARTS):
            os.kill(max(children_of(process.pid)), signal.SIGKILL)
            assert "a new one takes its place" in process.stderr.readline()
        os.kill(max(children_of(process.pid)), signal.SIGKILL)
        _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode != 0
    assert "5 were replaced within 60 s; all were stopped" in err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_answer_that_is_under_way_is_finished_after_a_stop_signal(workers: str, slow_scenario: str) -> None:
    with serving(slow_scenario, "--workers", workers) as (process, url), connection(url) as sock:
        sock.sendall(request({**HELLO, "stream": True}))
        received = sock.recv(65536)
        process.terminate()
        while data := sock.recv(65536):
            received += data

        assert process.wait(PATIENCE) == 0
    assert b"data: [DONE]" in received


@pytest.fixture
def slow_scenario(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("slow") / "slow.yaml"
    file.write_text("turns:\n  - text: One two three four.\n    timing: {gap: 200ms}\n", encoding="utf-8")
    return str(file)
