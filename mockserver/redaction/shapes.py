"""How well-known keys and passwords look, wherever they stand in a text."""

import re
from functools import cache

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


@cache
def _shapes() -> re.Pattern[str]:
    """Every shape; compiled when a text is first looked at, as that takes longer than all the rest of this module."""
    return re.compile("|".join(f"(?:{shape})" for shape in (*_KEYS, *_INSIDE)))


@cache
def _alone() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{key})" for key in _KEYS))


def without_shapes(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    return _shapes().sub(_replaced, text)


def keys_in(text: str) -> list[str]:
    """What looks like a key by itself, whatever stands around it."""
    return [found[0] for found in _alone().finditer(text)]


def secrets_in(text: str) -> list[str]:
    """Everything that looks like a secret: all that `without_shapes` replaces."""
    return [secret for found in _shapes().finditer(text) if (secret := _secret(found)) != REDACTED]


def _secret(found: re.Match[str]) -> str:
    return next((found[group] for group in _GROUPS if found[group] is not None), found[0])


def _replaced(found: re.Match[str]) -> str:
    for group in _GROUPS:
        if found[group] is not None:
            start, end = found.start(group) - found.start(), found.end(group) - found.start()
            return found[0][:start] + REDACTED + found[0][end:]
    return REDACTED
