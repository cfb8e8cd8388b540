"""Where ids and invented values come from: the seed, the request, and how often that very request came before."""

from collections.abc import Mapping
from hashlib import blake2b, shake_128
from typing import Any

from mockserver.wire.codec import canonical

_ALPHANUMERIC = (b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" * 5)[:256]
_CALL_ID = 24
_FIRST_SECOND = 1_750_000_000
_SECONDS = 10_000_000
_SLOWEST_MILLISECONDS = 200


class Identity:
    """The nth attempt (from 1) of a request in a session, under a seed.

    Equal identities give equal ids, in every process and on every machine. All ids of an answer are cut from one
    digest, so that they cost next to nothing.
    """

    __slots__ = ("_digest",)

    def __init__(self, seed: str, fingerprint: bytes, session: str = "", attempt: int = 1) -> None:
        asked = f"{seed}\0{session}\0{attempt}\0".encode("utf-8", "surrogateescape")
        self._digest = blake2b(asked + fingerprint).digest()

    @property
    def completion_id(self) -> str:
        """`chatcmpl-` and 29 letters and digits."""
        return f"chatcmpl-{_letters(self._digest[:29])}"

    @property
    def request_id(self) -> str:
        """`req_` and 32 hexadecimal digits."""
        return f"req_{self._digest[29:45].hex()}"

    @property
    def created(self) -> int:
        """The moment of the reply in seconds since 1970: derived, for a wall clock would change from run to run."""
        return _FIRST_SECOND + int.from_bytes(self._digest[45:53]) % _SECONDS

    @property
    def processing_milliseconds(self) -> int:
        """How long the answer is said to have taken."""
        return 1 + int.from_bytes(self._digest[53:57]) % _SLOWEST_MILLISECONDS

    def call_ids(self, count: int) -> list[str]:
        """For each call of the answer `call_` and 24 letters and digits."""
        drawn = _letters(shake_128(self._digest).digest(count * _CALL_ID))
        return [f"call_{drawn[start : start + _CALL_ID]}" for start in range(0, count * _CALL_ID, _CALL_ID)]


def content_seed(seed: str, fingerprint: bytes) -> str:
    """Decides what is said: the same for every attempt and every session."""
    return blake2b(f"{seed}\0".encode("utf-8", "surrogateescape") + fingerprint, digest_size=16).hexdigest()


def fingerprint(body: Mapping[str, Any]) -> bytes:
    """What makes two requests the same: the body without the words that only say how the reply is to be sent."""
    asked = dict(body)
    asked.pop("stream", None)
    asked.pop("stream_options", None)
    return blake2b(canonical(asked), digest_size=16).digest()


def _letters(digest: bytes) -> str:
    return digest.translate(_ALPHANUMERIC).decode("ascii")
