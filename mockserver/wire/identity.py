"""Where ids and invented values come from: the seed, the request, and how often that very request came before."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from mockserver.wire.codec import canonical

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = len(_ALPHABET)
_TURNED = [(_ALPHABET * 6)[turn : turn + 256] for turn in range(_LETTERS)]
_CALL_ID = 24
_READINGS = [(_TURNED[23 * call % _LETTERS], 29 + 5 * call % 11) for call in range(_LETTERS)]
_FIRST_SECOND = 1_750_000_000
_SECONDS = 10_000_000
_SLOWEST_MILLISECONDS = 200


class Identity:
    """The nth attempt (from 1) of a request in a session, under a seed.

    Equal identities give equal ids, in every process and on every machine. All ids of an answer are cut from one
    digest, so that they cost next to nothing. `created` is in seconds since 1970, and derived like the rest: a wall
    clock would change from run to run.
    """

    __slots__ = ("_digest", "completion_id", "created", "processing_milliseconds", "request_id")

    def __init__(self, seed: str, fingerprint: bytes, session: str = "", attempt: int = 1) -> None:
        asked = f"{seed}\0{session}\0{attempt}\0".encode("utf-8", "surrogateescape")
        digest = self._digest = blake2b(asked + fingerprint).digest()
        numbers = int.from_bytes(digest[-8:])
        self.completion_id = f"chatcmpl-{_letters(digest[:29])}"
        self.request_id = f"req_{digest[29:45].hex()}"
        self.created = _FIRST_SECOND + numbers % _SECONDS
        self.processing_milliseconds = 1 + numbers % _SLOWEST_MILLISECONDS

    def call_ids(self, count: int, choice: int = 0) -> list[str]:
        """For each call of the nth choice `call_` and 24 letters and digits.

        One digest serves many: read from another place, with the alphabet turned further for every call, it gives
        another id each time.
        """
        found: list[str] = []
        for start in range(0, count, _LETTERS):
            digest = (
                self._digest if choice == start == 0 else blake2b(self._digest + b"%d %d" % (choice, start)).digest()
            )
            for turned, first in _READINGS[: count - start]:
                found.append(f"call_{digest[first : first + _CALL_ID].translate(turned).decode('ascii')}")
        return found


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
    return digest.translate(_TURNED[0]).decode("ascii")
