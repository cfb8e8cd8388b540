"""Secrets to plant: none of them real, each shaped like one, put together so that no scanner takes them for real."""

import base64
from collections.abc import Callable, Mapping
from hashlib import sha256

KNOWN = "correct/horse+battery é"
_LONG = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"
_CERTIFICATE = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----"

KINDS: Mapping[str, Callable[[str], str]] = {
    "OpenAI": lambda drawn: f"sk-{drawn}",
    "OpenAI project": lambda drawn: f"sk-proj-{drawn}",
    "Anthropic": lambda drawn: f"sk-ant-api03-{drawn}",
    "Stripe": lambda drawn: f"sk_live_{drawn[:24]}",
    "AWS": lambda drawn: "AKIA" + (drawn.upper()[:16] if drawn != _LONG else "IOSFODNN7EXAMPLE"),
    "GitHub": lambda drawn: f"ghp_{drawn[:36]}",
    "GitHub, fine-grained": lambda drawn: f"github_pat_{drawn[:30]}",
    "GitLab": lambda drawn: f"glpat-{drawn[:20]}",
    "Slack": lambda drawn: f"xoxb-123456789012-{drawn[:24]}",
    "Google": lambda drawn: f"AIza{drawn[:35]}",
    "Google, of an hour": lambda drawn: f"ya29.{drawn}",
    "a web token": lambda drawn: f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{drawn}",
    "a private key": _CERTIFICATE.format,
    "Hugging Face": lambda drawn: f"hf_{drawn[:34]}",
    "npm": lambda drawn: f"npm_{drawn[:36]}",
    "SendGrid": lambda drawn: f"SG.{drawn[:22]}.{drawn}",
    "Twilio": lambda drawn: "SK" + sha256(drawn.encode()).hexdigest()[:32],
    "Telegram": lambda drawn: f"123456789:AA{drawn[:33]}",
    "a hook of Slack": lambda drawn: f"hooks.slack.com/services/T00000000/B00000000/{drawn[:24]}",
    "Groq": lambda drawn: f"gsk_{drawn}",
    "xAI": lambda drawn: f"xai-{drawn}",
    "known by value": lambda drawn: KNOWN if drawn == _LONG else f"{KNOWN}/{drawn[:12]}",
    "known by value, in base64": lambda drawn: base64.b64encode(
        KINDS["known by value"](drawn).encode()
    ).decode(),
}  # fmt: skip
SECRETS = [made(_LONG) for made in KINDS.values()]


def drawn(name: str) -> str:
    """39 letters and digits that no other name gives."""
    return base64.b32encode(sha256(name.encode()).digest()).decode().title()[:39]
