"""A dialect: how one API writes requests and responses on the wire."""

from typing import NamedTuple

from mockserver.chat import ChatRequest


class ParsedRequest(NamedTuple):
    """A request as it was understood, the fingerprint that tells it from every other one, what it costs, and its bytes.

    Of equal bodies the one that came first is kept.
    """

    request: ChatRequest
    fingerprint: bytes
    prompt_tokens: int
    body: bytes = b""
