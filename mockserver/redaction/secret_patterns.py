"""Secret patterns: API keys and passwords recognised by their form, by value, and in what a client sends."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from string import ascii_letters, digits

REDACTED = "<secret>"

# A whole match is a secret.
_KEYS = (
    r"(?<![A-Za-z0-9])(?:sk|pk|rk)[-_]"  # OpenAI, Anthropic, Stripe and many more
    r"(?:(?=[a-z-]*[0-9A-Z_])[A-Za-z0-9_-]{8,}|[A-Za-z0-9]{12,}|[A-Za-z0-9_-]{20,})",
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])",
    r"(?<![A-Za-z0-9])gh[a-z]_[A-Za-z0-9]{20,}",
    r"(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{20,}",
    r"(?<![A-Za-z0-9])gl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_.-]{16,}",
    r"(?<![A-Za-z0-9])xox[a-z]-[A-Za-z0-9-]{10,}",
    r"(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{10,}",
    r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{30,}",
    r"(?<![A-Za-z0-9])ya29\.[A-Za-z0-9_.-]{20,}",
    r"(?<![A-Za-z0-9])GOCSPX-[A-Za-z0-9_-]{16,}",
    r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # JWT
    r"(?<![A-Za-z0-9])(?:hf|npm|gsk|r8|dop_v1|lin_api|whsec|shpat|shpss|figd|ntn)_[A-Za-z0-9]{20,}",
    r"(?<![A-Za-z0-9])(?:xai|pplx|tvly|nvapi|pypi|sq0csp|sq0atp|fc|ops)-[A-Za-z0-9_-]{20,}",
    r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"(?<![A-Za-z0-9])(?:SK|AC)[0-9a-f]{32}(?![0-9a-f])",  # Twilio
    r"(?<![A-Za-z0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",  # Telegram
    r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    r"discord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{20,}",
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----(?s:.)*?(?:-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|\Z)",
)
_NAMES = (
    r"pass(?:word|wd|phrase)|pwd|secret|credentials?|(?:[a-z0-9]+[_-])*api[_-]?key|(?:[a-z0-9]+[_-])*secret[_-]?"
    r"(?:access[_-]?)?key|access[_-]?key|account[_-]?key|private[_-]?key|client[_-]?secret|"
    r"(?:auth|access|refresh|id|session|bearer)[_-]?token|token"
)
_VALUE = r"""[^\s"'\\&,;<>{}\[\]()]"""
# The group `secret` is one; what stands around it says so, and stays.
_INSIDE = (
    r"(?i:\b(?:Bearer|Basic|Token)\s+)(?P<s1>(?=[^\s]*[0-9=._])[A-Za-z0-9._~+/-]{8,}=*|[A-Za-z0-9._~+/-]{28,}=*)",
    r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@\"']*:(?P<s2>[^\s/@\"'<>]+)@",
    rf"""(?i:(?<![a-z0-9])(?:{_NAMES})\\?["']?\s*=\s*\\?["']?)(?P<s3>{_VALUE}{{4,}})""",
    rf"""(?i:(?<![a-z0-9])(?:{_NAMES})\\?["']?\s*:\s*\\?["']?)(?P<s4>(?={_VALUE}*[0-9]){_VALUE}{{6,}})""",
)
_GROUPS = ("s1", "s2", "s3", "s4")

KEY_NAMES = re.compile(rf"(?:{_NAMES}|authorization|x[_-]api[_-]key|cookie|set[_-]cookie)", re.IGNORECASE)
"""Names of keys of an object whose text is secret whatever it looks like; all of the name has to fit."""

SHORTEST = 4
"""Shorter values would be found in ordinary words."""
SHORTEST_KEY = 8
"""An API key that a client sends may be a word such as `any`; only longer ones are taken for secrets."""
_SHORTEST_BASE64 = 8
_UNRESERVED = frozenset(ascii_letters + digits + "-._~")
_SECRET_NAMES = re.compile(r"key|token|secret|authorization", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def redacted_text(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    return _secret_pattern().sub(_replaced, text)


def keys_in(text: str) -> list[str]:
    """What looks like a key by itself, whatever stands around it."""
    return [found[0] for found in _key_pattern().finditer(text)]


def secrets_in(text: str) -> list[str]:
    """Everything that looks like a secret: all that `redacted_text` replaces."""
    return [secret for found in _secret_pattern().finditer(text) if (secret := _secret(found)) != REDACTED]


def pattern_of(values: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of these values in every encoding in which they occur; None when there are no values."""
    encoded = {text for value in values if len(value) >= SHORTEST for text in _encodings(value)}
    if not encoded:
        return None
    return re.compile("|".join(re.escape(text) for text in sorted(encoded, key=lambda text: (-len(text), text))))


def client_secrets(headers: Mapping[str, str], query: str = "") -> Iterator[str]:
    """The secrets in a request's headers and query: values whose name has key, token, secret or authorization in it,
    and what looks like a key. Of a value such as `Bearer KEY` the key is a secret by itself.
    """
    for name, value in (*headers.items(), *_query_items(query)):
        if not _SECRET_NAMES.search(name):
            yield from secrets_in(value)
            continue
        text = value.strip()
        _, blank, credentials = text.partition(" ")
        yield credentials.strip() if blank else text
        if blank:
            yield text


@cache
def _secret_pattern() -> re.Pattern[str]:
    """Every pattern; compiled at its first use, which takes longer than the import of this module."""
    return re.compile("|".join(f"(?:{shape})" for shape in (*_KEYS, *_INSIDE)))


@cache
def _key_pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{key})" for key in _KEYS))


def _replaced(found: re.Match[str]) -> str:
    for group in _GROUPS:
        if found[group] is not None:
            start, end = found.start(group) - found.start(), found.end(group) - found.start()
            return found[0][:start] + REDACTED + found[0][end:]
    return REDACTED


def _secret(found: re.Match[str]) -> str:
    return next((found[group] for group in _GROUPS if found[group] is not None), found[0])


def _encodings(value: str) -> set[str]:
    """The value as it is, as JSON writes it, in a URL, in base64 at any offset, and in hex."""
    raw = value.encode("utf-8", "surrogatepass")
    found = {value, _percent_encoded(raw), _percent_encoded(raw).replace("%20", "+"), raw.hex()}
    found |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    for skipped in range(3):
        # What precedes the value in the encoded text shifts its bits: three ways in all, without the edges.
        encoded = base64.b64encode(b"\0" * skipped + raw).decode()
        core = encoded[(0, 2, 3)[skipped] : len(encoded) - (0, 3, 2)[(skipped + len(raw)) % 3]]
        if len(core) >= _SHORTEST_BASE64:
            found |= {core, core.replace("+", "-").replace("/", "_")}
    return found


def _percent_encoded(raw: bytes) -> str:
    return "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in raw)


def _query_items(query: str) -> Iterator[tuple[str, str]]:
    """The names and values of a query, unescaped."""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        yield _unescaped(name), _unescaped(value)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text.replace("+", " ")
    )
