"""The list of models as Gemini gives it: `models/NAME`, with limits and the methods that each of them has."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from typing import Any

from mockserver.wire.gemini.errors import unknown_model
from mockserver.wire.models import catalogue
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]

MODELS = (
    "gemini-3.7-flash", "gemini-3-pro-preview", "gemini-3-flash-preview", "gemini-2.5-pro", "gemini-2.5-flash",
    "gemini-2.5-flash-lite", "gemini-2.0-flash", "gemini-2.0-flash-lite",
)  # fmt: skip
"""Those that clients ask for, newest first."""
_METHODS = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"]
_PREFIX = "models/"
_USUAL, _MOST = 50, 1000


def describe(name: str) -> JsonObject:
    """One model; of a name that is not known as much as can be said of any."""
    bare = name.removeprefix(_PREFIX)
    words = [word.capitalize() for word in bare.split("-") if word]
    return {
        "name": f"{_PREFIX}{bare}",
        "version": bare.split("-")[1] if bare.count("-") else "001",
        "displayName": " ".join(words),
        "description": f"A mock of {' '.join(words)}",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": _METHODS,
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
        "thinking": True,
    }


def known(name: str, *, known_only: bool) -> JsonObject:
    """One model.

    Raises:
        Refused: with 404, where only known models are served and this is not one.
    """
    bare = name.removeprefix(_PREFIX)
    if known_only and bare not in MODELS and bare not in catalogue():
        raise Refused(unknown_model(bare))
    return describe(bare)


def page(query: Mapping[str, str]) -> JsonObject:
    """A page of the list; a token that is not ours begins anew."""
    size = query.get("pageSize", "")
    most = min(int(size), _MOST) if size.isdecimal() and int(size) else _USUAL
    start = _start(query.get("pageToken", ""))
    found: JsonObject = {"models": [describe(name) for name in MODELS[start : start + most]]}
    if start + most < len(MODELS):
        found["nextPageToken"] = urlsafe_b64encode(b"%d" % (start + most)).decode()
    return found


def _start(token: str) -> int:
    try:
        text = urlsafe_b64decode(token.encode("ascii", "replace"))
    except (Error, ValueError):
        return 0
    return int(text) if text.isdigit() else 0
