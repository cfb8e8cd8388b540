"""Clients of the vendors' SDKs, closed with the test that made them: a socket left open fails another test."""

from contextlib import ExitStack
from typing import Any, TypeVar

Client = TypeVar("Client", bound=Any)

_OPEN = ExitStack()


def kept(client: Client) -> Client:
    """A client that is closed when the test is over."""
    _OPEN.callback(client.close)
    return client


def close_clients() -> None:
    """Close those of the test that is over."""
    _OPEN.close()
