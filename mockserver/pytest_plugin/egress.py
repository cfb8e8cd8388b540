"""No egress: while a test runs, its process cannot connect beyond loopback.

Python tells an audit hook of every connection, every name looked up and every datagram, in all threads. The hook
can't be taken away again, so it is installed once, when a run first forbids egress, and is idle otherwise. Code that
connects without Python, as uvloop does, is not heard of.
"""

import asyncio
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from mockserver.errors import MockServerError
from mockserver.loopback import address_of, is_loopback

_INSTALLED = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
_OURS = str(Path(__file__).parents[1])


class Forbidden(MockServerError, RuntimeError):
    """A test tried to leave loopback. Not an OSError: clients would take that for bad luck, and try again."""


class Egress:
    """What a test may reach, and what it tried to reach nevertheless."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    def judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Let loopback pass.

        Raises:
            Forbidden: the connection leaves it; the message names host and place.
        """
        host = _host(event, arguments)
        if host is None or _stays_here(host):
            return
        what = f"no egress: this test must not leave loopback, and it tried to reach {host} {_place()}"
        self.tried.append(what)
        raise Forbidden(what)


_in_force: Egress | None = None
_installed = threading.Lock()


@contextmanager
def no_egress() -> Iterator[Egress]:
    """Forbid all connections that leave loopback, in this process and its threads."""
    global _in_force  # noqa: PLW0603  # an audit hook has no other way to hear of the test that runs
    if _installed.acquire(blocking=False):
        sys.addaudithook(_hook)
    before = _in_force
    egress = _in_force = Egress()
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(asyncio.BaseEventLoop, "getaddrinfo", _look_up(asyncio.BaseEventLoop.getaddrinfo))
            yield egress
    finally:
        _in_force = before


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _in_force is not None and event.startswith("socket."):
        _in_force.judge(event, arguments)


def _look_up(getaddrinfo: Any) -> Any:
    """The same look-up of a name, judged where it is asked for: the thread that does it knows nothing of the place."""

    async def judging(self: asyncio.BaseEventLoop, host: Any, *arguments: Any, **more: Any) -> Any:
        if _in_force is not None:
            _in_force.judge("socket.getaddrinfo", (host,))
        return await getaddrinfo(self, host, *arguments, **more)

    return judging


def _host(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The host that an event is about; None where there is none."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        return f"{address[0]}:{address[1]}" if isinstance(address, tuple) and len(address) > 1 else None
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
        named = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        # An address that is written in numbers is looked up without a word to anybody.
        return named if isinstance(named, str) and named and address_of(named) is None else None
    return None


def _stays_here(host: str) -> bool:
    """Whether a connection there stays on this machine, as one to the address for all its interfaces does, too."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    address = address_of(name)
    return is_loopback(name) or (address is not None and address.is_unspecified)


def _place() -> str:
    """Where in the application's own code this happens."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if _is_of_the_application(frame.f_code):
            return f"from {frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}()"
        frame = frame.f_back
    return f"from the thread {threading.current_thread().name}"


def _is_of_the_application(code: CodeType) -> bool:
    file = code.co_filename
    return not file.startswith((*_INSTALLED, _OURS, "<"))
