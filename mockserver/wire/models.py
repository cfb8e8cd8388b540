"""The models that answer here: their list, who owns them, and the dated snapshot that an alias stands for."""

from functools import cache
from pathlib import Path
from typing import Any

_CREATED = 1_715_367_049

_SNAPSHOTS = {
    "chatgpt-4o-latest": "chatgpt-4o-latest",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-4": "gpt-4-0613",
    "gpt-4-turbo": "gpt-4-turbo-2024-04-09",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07",
    "o1": "o1-2024-12-17",
    "o3": "o3-2025-04-16",
    "o3-mini": "o3-mini-2025-01-31",
    "o4-mini": "o4-mini-2025-04-16",
}

_OWNERS = {
    "claude": "anthropic",
    "gpt": "openai",
    "chatgpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "gemini": "google",
    "qwen": "alibaba",
    "minimax": "minimax",
    "abab": "minimax",
}


def snapshot(model: str) -> str:
    """The dated name under which an alias answers; any other name stays as it is."""
    return _SNAPSHOTS.get(model, model)


@cache
def catalogue() -> tuple[str, ...]:
    """The ids of all models in the list: those that AI/ML API's function-calling page names, and OpenAI's own."""
    listed = Path(__file__).with_name("models.txt").read_text(encoding="utf-8").split()
    return tuple(listed)


def model_list() -> dict[str, Any]:
    """The body of `GET /models`."""
    return {"object": "list", "data": [describe(model) for model in catalogue()]}


def describe(model: str) -> dict[str, Any]:
    """The body of `GET /models/{id}`."""
    return {"id": model, "object": "model", "created": _CREATED, "owned_by": owner(model)}


def owner(model: str) -> str:
    """Who made a model, as far as its name tells."""
    maker, slash, _ = model.partition("/")
    if slash:
        return maker.lower()
    return next((owner for prefix, owner in _OWNERS.items() if model.lower().startswith(prefix)), "mock")
