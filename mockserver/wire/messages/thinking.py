"""Thinking in the Messages API: whether a request asks for it, and the signature under which it is given out.

A signature follows from the text alone, so that every server can check it. It holds a digest of the text and a check
sum of its own: without the text (`display: omitted`) it can still be told from one that was made up.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal

from mockserver.chat import ChatRequest

_HEAD = bytes.fromhex("12a0010a48080b")
_DIGEST, _SUM, _LENGTH = 32, 16, 160
_SHOWING = ("enabled", "adaptive", "between_tools")

Verdict = Literal["sound", "changed", "invalid"]


def wants_thinking(request: ChatRequest) -> bool:
    """Whether a request asks for thinking."""
    return _config(request).get("type") in _SHOWING


def omits_thinking(request: ChatRequest) -> bool:
    """Whether a request asks for the signature of the thinking without its text."""
    return _config(request).get("display") == "omitted"


def _config(request: ChatRequest) -> Mapping[str, Any]:
    found = request.options.get("thinking")
    return found if isinstance(found, dict) else {}


def signature_of(thinking: str) -> str:
    """The signature of a text."""
    own = blake2b(thinking.encode("utf-8", "surrogatepass"), digest_size=_DIGEST, person=b"thinking").digest()
    more = b"".join([blake2b(own + bytes([part]), person=b"signature").digest() for part in range(2)])
    return b64encode(_HEAD + own + _check_sum(own) + more[: _LENGTH - _DIGEST - _SUM]).decode()


def judge(thinking: str, signature: str) -> Verdict:
    """Whether a signature is the one that belongs to a text; any text may be left out."""
    try:
        data = b64decode(signature.encode("ascii"), validate=True)
    except (Error, ValueError):
        return "invalid"
    own = data[len(_HEAD) : len(_HEAD) + _DIGEST]
    if not data.startswith(_HEAD) or data[len(_HEAD) + _DIGEST :][:_SUM] != _check_sum(own):
        return "invalid"
    return "sound" if not thinking or signature == signature_of(thinking) else "changed"


def _check_sum(own: bytes) -> bytes:
    return blake2b(own, digest_size=_SUM, person=b"sum").digest()
