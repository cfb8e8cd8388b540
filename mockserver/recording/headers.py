"""The headers of a request that go on to the upstream, and those of its answer that come back to the client."""

from collections.abc import Iterator, Mapping

_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    "upgrade expect".split()
)
"""They speak of one connection (RFC 9110, section 7.6.1); `expect` is answered by the recorder itself."""
_KEPT_BACK = frozenset("host cookie accept-encoding content-length content-encoding origin".split())
"""`content-encoding` too: the body goes on unpacked."""
_OWN_PREFIX = "x-mock-"

_PASSED_BACK = frozenset(
    "content-type openai-model openai-organization openai-processing-ms openai-version retry-after retry-after-ms "
    "x-request-id x-should-retry".split()
)
_PASSED_BACK_PREFIX = "x-ratelimit-"


def sent_on(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The headers for the upstream, which is asked not to pack its answer; one that is there twice goes on twice."""
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    kept_back = _HOP_BY_HOP | _KEPT_BACK | named
    for name, value in headers.items():
        lowered = name.lower()
        if lowered not in kept_back and not lowered.startswith(_OWN_PREFIX):
            yield name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    yield "accept-encoding", "identity"


def passed_back(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer that may go back to the client; their names are in lower case."""
    return {
        name: value for name, value in headers.items() if name in _PASSED_BACK or name.startswith(_PASSED_BACK_PREFIX)
    }
