"""`thoughtSignature`: what a client must send back unchanged with a call, derived from the thinking's text alone.

It holds a digest of the text and a check sum of its own, so that every server can tell one of ours from one that was
changed, without keeping anything.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import blake2b

_HEAD = bytes.fromhex("0a81")
_DIGEST, _SUM, _MORE = 32, 16, 64
SKIPPED = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
"""What the documentation names for calls that come from another model."""
_ALWAYS_SIGNED = re.compile(r"gemini-([3-9]|\d\d)")


def is_signed(model: str) -> bool:
    """Whether a model signs its calls, and demands the signatures back: Gemini 3 and later."""
    return _ALWAYS_SIGNED.match(model) is not None


def signature_of(thinking: str) -> str:
    """The signature of a text; that of no text is one, too."""
    own = blake2b(thinking.encode("utf-8", "surrogatepass"), digest_size=_DIGEST, person=b"gemini").digest()
    more = blake2b(own, digest_size=_MORE, person=b"signature").digest()
    return b64encode(_HEAD + own + _check_sum(own) + more).decode()


def is_sound(signature: str) -> bool:
    """Whether a signature is one that was given out."""
    if signature in SKIPPED:
        return True
    try:
        data = b64decode(signature.replace("-", "+").replace("_", "/") + "=" * (-len(signature) % 4), validate=True)
    except (Error, ValueError):
        return False
    if data.decode("utf-8", "replace") in SKIPPED:
        return True
    own, check = data[len(_HEAD) : len(_HEAD) + _DIGEST], data[len(_HEAD) + _DIGEST :][:_SUM]
    return data.startswith(_HEAD) and check == _check_sum(own)


def _check_sum(own: bytes) -> bytes:
    return blake2b(own, digest_size=_SUM, person=b"sum").digest()
