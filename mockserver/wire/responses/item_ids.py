"""The ids of a response and of its items: derived from the identity, of the form that the API gives them.

A response is `resp_` and 50 hexadecimal digits; its items are `msg_`, `fc_`, `rs_` … and 50 digits, of which the first
16 are those of the response. A call has a second id, `call_` and 24 letters and digits, which its result refers to.
The digits after the first 16 hold the place in a scenario (`Place`), so that a conversation which is continued by
`previous_response_id` goes on after a restart and on another worker. They are masked, and end in a check sum that
depends on the seed.
"""

from hashlib import blake2b
from typing import NamedTuple

from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import Identity, play_digest

_OWN, _PLACE, _SUM = 8, 9, 8
_DIGITS = 2 * (_OWN + _PLACE + _SUM)
PREFIX = "resp_"


class Place(NamedTuple):
    """A place in a conversation: a digest of the scenario that answered, and its replies since it opened.

    `kept` says whether the response asked to be stored.
    """

    match: bytes = bytes(4)
    replies: int = 0
    kept: bool = True


class ResponseIds:
    """The ids of one response and of its items."""

    def __init__(self, identity: Identity, parsed: ParsedRequest) -> None:
        own = blake2b(b"responses\0" + identity.letters, digest_size=_OWN).digest()
        seed = identity.origin[0]
        self._shared = own.hex()
        kept = (parsed.body or {}).get("store") is not False
        place = identity.place
        here = Place(kept=kept) if place is None else Place(play_digest(place[0]), place[1], kept)
        self.response = PREFIX + self._shared + _sealed(own, here, seed)
        self.created = identity.created
        self._calls = identity

    def item(self, prefix: str, index: int) -> str:
        """The id of an output item; prefixes are the API's: msg, fc, ctc, rs."""
        rest = blake2b(f"{self.response}/{index}".encode(), digest_size=_PLACE + _SUM).hexdigest()
        return f"{prefix}_{self._shared}{rest}"

    def calls(self, count: int) -> list[str]:
        """The id of each call, which its result refers to."""
        return self._calls.call_ids(count)


def place_of(response_id: str, seed: str) -> Place | None:
    """The place that an id of ours holds; None for any other id, and for one under another seed."""
    digits = response_id.removeprefix(PREFIX)
    if not response_id.startswith(PREFIX) or len(digits) != _DIGITS:
        return None
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        return None
    own, masked, check = data[:_OWN], data[_OWN:-_SUM], data[-_SUM:]
    if _check_sum(own, masked, seed) != check:
        return None
    plain = _masked(masked, own, seed)
    return Place(plain[:4], int.from_bytes(plain[4:8]), bool(plain[8]))


def _sealed(own: bytes, place: Place, seed: str) -> str:
    masked = _masked(place.match + place.replies.to_bytes(4) + bytes([place.kept]), own, seed)
    return (masked + _check_sum(own, masked, seed)).hex()


def _masked(data: bytes, own: bytes, seed: str) -> bytes:
    mask = blake2b(own, key=_key(seed), digest_size=len(data), person=b"place").digest()
    return bytes(one ^ other for one, other in zip(data, mask, strict=True))


def _check_sum(own: bytes, masked: bytes, seed: str) -> bytes:
    return blake2b(own + masked, key=_key(seed), digest_size=_SUM, person=b"sum").digest()


def _key(seed: str) -> bytes:
    return blake2b(seed.encode("utf-8", "surrogateescape"), digest_size=32).digest()
