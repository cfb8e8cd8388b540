"""Listening sockets, and what is said when there can be none."""

import errno
import socket

from mockserver.errors import MockServerError

BACKLOG = 1024


class CannotListen(MockServerError):
    """The server cannot listen there; the message says why and what to do."""


def listening(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens; port 0 takes any free one. With `shared` others may listen on the same port, too.

    Raises:
        CannotListen: the port is taken, or the host is not one of this machine.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"port {port} is already taken: stop what listens there, or choose --port 0") from None
        if error.errno == errno.EACCES:
            raise CannotListen(f"port {port} is not allowed for this user: choose one above 1023") from None
        raise CannotListen(f"cannot listen on {host}: {error.strerror or error}") from None
    return sock


def url_of(host: str, sock: socket.socket) -> str:
    """The base URL for clients, `/v1` included."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{sock.getsockname()[1]}/v1"
