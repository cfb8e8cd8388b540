"""The list of models as Anthropic's API gives it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.wire.messages.families import claude_family

JsonObject = dict[str, Any]

MODELS = tuple(
    """
    claude-fable-5-2 claude-mythos-5-2 claude-haiku-5-5 claude-sonnet-5-5 claude-fable-5-1 claude-opus-5-5
    claude-mythos-5-1 claude-sonnet-5 claude-fable-5 claude-mythos-5 claude-opus-5 claude-opus-4-8 claude-opus-4-7
    claude-mythos-preview claude-opus-4-6 claude-sonnet-4-6 claude-haiku-4-5-20251001 claude-opus-4-5-20251101
    claude-sonnet-4-5-20250929 claude-opus-4-1-20250805 claude-opus-4-20250514 claude-sonnet-4-20250514
    claude-3-7-sonnet-20250219 claude-3-5-haiku-20241022 claude-3-haiku-20240307
    """.split()
)
"""The models of the newest SDK's types, and older ones, newest first."""

_LINES = ("haiku", "sonnet", "opus", "fable", "mythos")
_DATE = re.compile(r"-(\d{4})(\d{2})(\d{2})$")
_UNKNOWN_DATE = "1970-01-01T00:00:00Z"
_USUAL, _LEAST, _MOST = 20, 1, 1000


def describe(model: str) -> JsonObject:
    """One model; of a name that is not known as much as can be said of any."""
    dated, family = _DATE.search(model), claude_family(model)
    words = model.removesuffix(dated[0] if dated else "").split("-")
    return {
        "type": "model",
        "id": model,
        "display_name": " ".join([word.capitalize() for word in words if word]),
        "created_at": f"{dated[1]}-{dated[2]}-{dated[3]}T00:00:00Z" if dated else _UNKNOWN_DATE,
        "lifecycle": "active",
        "line": next((line for line in _LINES if line in words), None),
        "max_input_tokens": family.context,
        "max_tokens": family.output,
        "capabilities": None,
        "deprecated_at": None,
        "retires_at": None,
    }


def page(query: Mapping[str, str]) -> JsonObject:
    """The page of the list that `limit`, `after_id` and `before_id` ask for.

    Raises:
        ValueError: `limit` is not a number within its bounds; the message says so.
    """
    limit = query.get("limit", str(_USUAL))
    if not limit.isdecimal() or not _LEAST <= int(limit) <= _MOST:
        raise ValueError(f"limit: Input should be between {_LEAST} and {_MOST}")
    shown, more = _within(MODELS, query, int(limit))
    data = [describe(model) for model in shown]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"data": data, "has_more": more, "first_id": first, "last_id": last}


def _within(models: Sequence[str], query: Mapping[str, str], limit: int) -> tuple[Sequence[str], bool]:
    if (before := query.get("before_id")) in models:
        earlier = models[: models.index(str(before))]
        return earlier[-limit:], len(earlier) > limit
    if (after := query.get("after_id")) in models:
        models = models[models.index(str(after)) + 1 :]
    return models[:limit], len(models) > limit
