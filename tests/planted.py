"""Secrets to plant: none of them real, each shaped like one, put together so that no scanner takes them for real."""

import base64

KNOWN = "correct/horse+battery é"
_LONG = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"
SECRETS = [
    "sk-" + _LONG,
    "sk-proj-" + _LONG,
    "sk-ant-api03-" + _LONG,
    "sk_live_" + _LONG[:24],
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + _LONG[:36],
    "github_pat_" + _LONG[:30],
    "glpat-" + _LONG[:20],
    "xoxb-" + "123456789012-" + _LONG[:24],
    "AIza" + _LONG[:35],
    "ya29." + _LONG,
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + _LONG,
    "-----BEGIN PRIVATE KEY-----\n" + _LONG + "\n-----END PRIVATE KEY-----",
    "hf_" + _LONG[:34],
    "npm_" + _LONG[:36],
    "SG." + _LONG[:22] + "." + _LONG,
    "SK" + "0123456789abcdef" * 2,
    "123456789:AA" + _LONG[:33],
    "hooks.slack.com/services/T00000000/B00000000/" + _LONG[:24],
    "gsk_" + _LONG,
    "xai-" + _LONG,
    KNOWN,
    base64.b64encode(KNOWN.encode()).decode(),
]
