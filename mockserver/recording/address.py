"""The upstream's address, and where a client's path leads there."""

import re

from yarl import URL

from mockserver.errors import MockServerError
from mockserver.loopback import is_loopback

_BEGINS_AN_API = re.compile(r"v[0-9]+[a-z0-9]*|openai")
_OWN_BASE = "v1"
"""The mock's own base URL ends so; it stands for the upstream's, whatever that ends with."""


class WrongUpstream(MockServerError, ValueError):
    """The address cannot be an upstream; the message says why."""


def address_of(text: str) -> URL:
    """The base URL of an upstream; a query is put before that of every request.

    Raises:
        WrongUpstream: the text is not an http(s) URL, holds a password, or would send a key unencrypted over a network.
    """
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise WrongUpstream(f"{text!r} is no upstream: expected a base URL such as https://api.example.com/v1")
    if url.user or url.password:
        raise WrongUpstream("the upstream's URL holds a user or a password: clients send the key, not the URL")
    if url.fragment:
        raise WrongUpstream("the upstream's URL has a fragment: give the base URL alone, /v1 included")
    if url.scheme == "http" and not is_loopback(url.host):
        raise WrongUpstream(f"{url.origin()} would see the key unencrypted: use https (http is for loopback alone)")
    return url


def shown(url: URL) -> str:
    """The address as it may be printed and written: its query may hold a key."""
    return str(url.with_query(None))


def joined(base: URL, path: str, query: str) -> URL:
    """Where a request for this path and query goes.

    What ends the base and also begins the path, such as `/v1` or `/openai/deployments/NAME`, counts once.
    """
    segments = _joined([part for part in base.raw_path.split("/") if part], path.strip("/").split("/"))
    asked = "&".join(part for part in (base.raw_query_string, query) if part)
    return URL.build(
        scheme=base.scheme,
        authority=base.raw_authority,
        path=f"/{'/'.join(segments)}",
        query_string=asked,
        encoded=True,
    )


def _joined(base: list[str], path: list[str]) -> list[str]:
    if _BEGINS_AN_API.fullmatch(path[0]):
        for length in range(min(len(base), len(path)), 0, -1):
            if base[-length:] == path[:length]:
                return [*base, *path[length:]]
    return [*base, *path[1:]] if base and path[0] == _OWN_BASE else [*base, *path]
