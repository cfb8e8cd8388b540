"""`encrypted_content` of a reasoning item: what the model thought, sealed, and opened again when it comes back.

It follows from the text alone, so that any server can open it. It hides nothing: it has the look of the real thing,
which begins with `gAAAAA`, and shows whether a client changed it.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import blake2b

_VERSION = bytes.fromhex("8000000000")
_SUM = 16
_MOST = 4 * 1024 * 1024


def sealed(thinking: str) -> str:
    """The text, sealed."""
    packed = zlib.compress(thinking.encode("utf-8", "surrogatepass"))
    check = _check_sum(packed)
    return urlsafe_b64encode(_VERSION + check + _masked(packed, check)).decode()


def opened(encrypted: str) -> str | None:
    """The text that was sealed; None where it was changed, or is not ours."""
    try:
        data = urlsafe_b64decode(encrypted.encode("ascii"))
    except (Error, ValueError):
        return None
    check, masked = data[len(_VERSION) : len(_VERSION) + _SUM], data[len(_VERSION) + _SUM :]
    packed = _masked(masked, check)
    if not data.startswith(_VERSION) or _check_sum(packed) != check:
        return None
    try:
        return zlib.decompressobj().decompress(packed, _MOST).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError):
        return None


def _check_sum(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=_SUM, person=b"encrypted").digest()


def _masked(data: bytes, check: bytes) -> bytes:
    blocks = range(0, len(data), 64)
    mask = b"".join(blake2b(check + start.to_bytes(8), person=b"mask").digest() for start in blocks)
    return bytes(one ^ other for one, other in zip(data, mask, strict=False))
