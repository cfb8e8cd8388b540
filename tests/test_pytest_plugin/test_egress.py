"""No egress: a test that leaves loopback fails, whoever asked for it and whatever became of the error."""

import gc
import sys
import warnings
from collections.abc import Iterator

import pytest

from tests.test_pytest_plugin.project import run

pytest_plugins = ["pytester"]

WAYS = {
    "blocking": "socket.create_connection((HOST, 80))",
    "address": "socket.create_connection(('192.0.2.1', 80))",
    "v6": "with socket.socket(socket.AF_INET6) as one: one.connect(('2001:db8::1', 80))",
    "datagram": "with socket.socket(type=socket.SOCK_DGRAM) as one: one.sendto(b'', ('192.0.2.1', 53))",
    "name": "socket.gethostbyname(HOST)",
    "asynchronous": "asyncio.run(asyncio.open_connection(HOST, 80))",
    "url": "urllib.request.urlopen('http://api.openai.example/v1')",
}
TESTS = """
import asyncio, socket, threading, urllib.request

HOST = "api.openai.example"


def leave():
    {way}


{mark}
def test_it({fixture}):
    {body}
"""


def written(way: str, body: str, fixture: str = "mock_llm", mark: str = "") -> str:
    return TESTS.format(way=WAYS[way], body=body, fixture=fixture, mark=mark)


@pytest.fixture(autouse=True)
def _sockets_of_stopped_tests_are_gone() -> Iterator[None]:
    """What was stopped leaves its socket open; it is closed here and not in whichever test comes next.

    The run inside this one leaves its last error behind, and with it the frame that holds the socket.
    """
    yield
    for name in ("last_exc", "last_value", "last_traceback", "last_type"):
        if hasattr(sys, name):
            delattr(sys, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.parametrize("way", WAYS)
def test_a_test_that_leaves_loopback_is_stopped_with_host_and_place(way: str, pytester: pytest.Pytester) -> None:
    ran = run(pytester, written(way, "leave()"), "--mock-llm-no-egress")

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        "E*no egress: this test must not leave loopback, and it tried to reach * "
        "from */test_application.py:*, in leave()"
    )


def test_an_error_that_the_application_swallows_fails_the_test_all_the_same(pytester: pytest.Pytester) -> None:
    swallowing = "try: leave()\n    except Exception: pass"

    ran = run(pytester, written("blocking", swallowing), "--mock-llm-no-egress")

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        "no egress: * it tried to reach api.openai.example from */test_application.py:*, in leave()"
    )


def test_threads_are_watched_too(pytester: pytest.Pytester) -> None:
    quietly = """def quietly():
        try: leave()
        except Exception: pass
    thread = threading.Thread(target=quietly); thread.start(); thread.join()"""

    run(pytester, written("blocking", quietly), "--mock-llm-no-egress").assert_outcomes(failed=1)


def test_a_mark_keeps_one_test_in_with_or_without_mock_llm(pytester: pytest.Pytester) -> None:
    marked = written(
        "blocking", "with pytest.raises(RuntimeError, match='no egress'): leave()", "", "@pytest.mark.no_egress"
    )

    run(pytester, marked).assert_outcomes(failed=1)


def test_loopback_stays_open_under_all_its_names(pytester: pytest.Pytester) -> None:
    body = """mock_llm.script("One.")
    ask([user("Hi")])
    port = int(mock_llm.base_url.removesuffix("/v1").rpartition(":")[2])
    for host in ("localhost", "127.0.0.1", "::ffff:127.0.0.1"):
        socket.create_connection((host, port)).close()
"""

    run(pytester, written("blocking", body), "--mock-llm-no-egress").assert_outcomes(passed=1)


def test_what_was_forbidden_is_free_after_the_test(pytester: pytest.Pytester) -> None:
    body = """pass


def test_free():
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 53))
"""

    run(pytester, written("blocking", body), "--mock-llm-no-egress").assert_outcomes(passed=2)
