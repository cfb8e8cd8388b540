"""The secrets that a client sends along: keys in its headers and in the query of its path."""

import re
from collections.abc import Iterator, Mapping

from mockserver.redaction.shapes import secrets_in

_NAMES = re.compile(r"key|token|secret|authorization", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def secrets_sent(headers: Mapping[str, str], query: str = "") -> Iterator[str]:
    """What is secret of it: whatever a name with key, token, secret or authorization holds, and what looks like a key.

    Of a value such as `Bearer KEY` the key is one by itself.
    """
    for name, value in (*headers.items(), *_asked_for(query)):
        if not _NAMES.search(name):
            yield from secrets_in(value)
            continue
        whole = value.strip()
        _, blank, rest = whole.partition(" ")
        yield rest.strip() if blank else whole
        if blank:
            yield whole


def _asked_for(query: str) -> Iterator[tuple[str, str]]:
    """The names and values of a query, as they were before they were escaped."""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        yield _plain(name), _plain(value)


def _plain(text: str) -> str:
    return _ESCAPED.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text.replace("+", " ")
    )
