"""Secrets that are known by value, in every form in which they come along."""

import base64
import json
import re
from collections.abc import Iterable
from string import ascii_letters, digits

SHORTEST = 4
"""Shorter values than this would be found in ordinary words."""
SHORTEST_KEY = 8
"""An API key that a client sends may be a word such as `any`; only longer ones are taken for secrets."""
_SHORTEST_BASE64 = 8
_UNRESERVED = frozenset(ascii_letters + digits + "-._~")


def forms(value: str) -> set[str]:
    """The value as it is, as JSON writes it, in a URL, in base64 at any offset, and in hex."""
    raw = value.encode("utf-8", "surrogatepass")
    found = {value, _in_a_url(raw), _in_a_url(raw).replace("%20", "+"), raw.hex()}
    found |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    for skipped in range(3):
        # What precedes the value in the encoded text shifts its bits: three ways in all, without the edges.
        encoded = base64.b64encode(b"\0" * skipped + raw).decode()
        core = encoded[(0, 2, 3)[skipped] : len(encoded) - (0, 3, 2)[(skipped + len(raw)) % 3]]
        if len(core) >= _SHORTEST_BASE64:
            found |= {core, core.replace("+", "-").replace("/", "_")}
    return found


def _in_a_url(raw: bytes) -> str:
    return "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in raw)


def pattern_of(values: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of these values, in any of their forms; None when there are none."""
    known = {form for value in values if len(value) >= SHORTEST for form in forms(value)}
    if not known:
        return None
    return re.compile("|".join(re.escape(form) for form in sorted(known, key=lambda form: (-len(form), form))))
