"""Whether a name stands for this machine: one answer for the guard, the upstream and no egress alike."""

import pytest

from mockserver import MockLLM
from mockserver.loopback import is_loopback
from mockserver.pytest_plugin.egress import Egress, Forbidden
from mockserver.recording.forwarding import WrongUpstream
from mockserver.recording.upstream import Upstream
from tests.test_server.conftest import get, said

CASES = {
    "localhost": True,
    "LOCALHOST": True,
    "localhost.": True,
    "api.localhost": True,
    "127.0.0.1": True,
    "127.8.9.10": True,
    "[::1]": True,
    "[::ffff:127.0.0.1]": True,
    "localhost.example": False,
    "notlocalhost": False,
    "127.0.0.1.example": False,
    "example.com": False,
    "10.0.0.1": False,
    "192.168.0.1": False,
    "[fe80::1]": False,
    "[2001:db8::1]": False,
    "[::ffff:10.0.0.1]": False,
}
TABLE = pytest.mark.parametrize(("host", "here"), CASES.items())


@TABLE
def test_a_name_stands_for_this_machine_or_not(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("host", "here"), {"::1": True, "::1%lo": True, "": False, "0.0.0.0": False, "::": False}.items()
)
def test_addresses_without_brackets_and_the_one_for_all_interfaces(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@TABLE
def test_the_guard_goes_by_it(host: str, here: bool) -> None:
    with MockLLM() as llm:
        assert (said(llm.base_url, get("/v1/models", host=host)).status == 200) is here


@TABLE
def test_an_upstream_without_tls_goes_by_it(host: str, here: bool) -> None:
    try:
        Upstream(f"http://{host}/v1")
    except WrongUpstream:
        assert not here
    else:
        assert here


@TABLE
def test_no_egress_goes_by_it(host: str, here: bool) -> None:
    try:
        Egress().judge("socket.connect", (None, (host.strip("[]"), 443)))
    except Forbidden:
        assert not here
    else:
        assert here
