"""Forwarding: the upstream URL of a client's request, the headers that go there, and those that come back."""

import re
from collections.abc import Iterator, Mapping

from yarl import URL

from mockserver.errors import MockServerError
from mockserver.loopback import is_loopback

_API_PREFIX = re.compile(r"v[0-9]+[a-z0-9]*|openai")
_OWN_BASE = "v1"
"""The last segment of the mock's own base URL; it stands for the upstream's, whatever that ends with."""

_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    "upgrade expect".split()
)
"""They speak of one connection (RFC 9110, section 7.6.1); `expect` is answered by the recorder itself."""
_NOT_FORWARDED = frozenset("host cookie accept-encoding content-length content-encoding origin".split())
"""`content-encoding` too: the body goes on unpacked."""
_OWN_PREFIX = "x-mock-"

_RETURNED = frozenset(
    "content-type openai-model openai-organization openai-processing-ms openai-version retry-after retry-after-ms "
    "x-request-id x-should-retry".split()
)
_RETURNED_PREFIX = "x-ratelimit-"


class WrongUpstream(MockServerError, ValueError):
    """The URL cannot be an upstream; the message says why."""


def upstream_url(text: str) -> URL:
    """The base URL of an upstream; its query is put before that of every request.

    Raises:
        WrongUpstream: the text is not an http(s) URL, holds a password, or would send a key unencrypted over a network.
    """
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise WrongUpstream(f"{text!r} is not an upstream: expected a base URL such as https://api.example.com/v1")
    if url.user or url.password:
        raise WrongUpstream("the upstream's URL holds a user or a password: clients send the key, not the URL")
    if url.fragment:
        raise WrongUpstream("the upstream's URL has a fragment: give the base URL alone, /v1 included")
    if url.scheme == "http" and not is_loopback(url.host):
        raise WrongUpstream(f"{url.origin()} would see the key unencrypted: use https (http is for loopback alone)")
    return url


def printable_url(url: URL) -> str:
    """The URL as it may be printed and written: without its query, which may hold a key."""
    return str(url.with_query(None))


def forwarded_url(base: URL, path: str, query: str) -> URL:
    """The upstream URL of a request for this path and query.

    What ends the base and also begins the path, such as `/v1` or `/openai/deployments/NAME`, counts once.
    """
    segments = _without_overlap([part for part in base.raw_path.split("/") if part], path.strip("/").split("/"))
    return URL.build(
        scheme=base.scheme,
        authority=base.raw_authority,
        path=f"/{'/'.join(segments)}",
        query_string="&".join(part for part in (base.raw_query_string, query) if part),
        encoded=True,
    )


def forwarded_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The headers for the upstream, which is asked not to pack its response; one that is there twice goes on twice."""
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    left_out = _HOP_BY_HOP | _NOT_FORWARDED | named
    for name, value in headers.items():
        lowered = name.lower()
        if lowered not in left_out and not lowered.startswith(_OWN_PREFIX):
            yield name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    yield "accept-encoding", "identity"


def returned_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a response that may go back to the client; their names are in lower case."""
    return {name: value for name, value in headers.items() if name in _RETURNED or name.startswith(_RETURNED_PREFIX)}


def _without_overlap(base: list[str], path: list[str]) -> list[str]:
    if _API_PREFIX.fullmatch(path[0]):
        for length in range(min(len(base), len(path)), 0, -1):
            if base[-length:] == path[:length]:
                return [*base, *path[length:]]
    return [*base, *path[1:]] if base and path[0] == _OWN_BASE else [*base, *path]
