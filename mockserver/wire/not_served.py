"""What a client hears that asked for a path which is not served: a 404 in the shape of the API that it speaks."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from mockserver.chat import ApiError
from mockserver.chat.printable import printable, shortened

Shape = Literal["chat_completions", "messages", "gemini", "ollama"]

_GEMINI = re.compile("/v1beta(/|$)")
_GENERATION = re.compile(":(stream)?generateContent$", re.IGNORECASE)
_OPENAI_ALL_THE_SAME = "/api/v1/"
_LONGEST = 200
_LEFT_OPEN = 0.2
"""So much less alike is a path that leaves something open, as it is written for people."""


def nearest_api(path: str, given: Mapping[str, str]) -> Shape:
    """The API that a client speaks, by its headers and its path; OpenAI's where nothing speaks for another."""
    if "anthropic-version" in given:
        return "messages"
    if "x-goog-api-key" in given or _GEMINI.match(path) or is_generation(path):
        return "gemini"
    if path.startswith("/api/") and not path.startswith(_OPENAI_ALL_THE_SAME):
        return "ollama"
    return "chat_completions"


def is_generation(path: str) -> bool:
    """Whether a path is one of Gemini's that ask a model for an answer: what looks like the path of a model is not."""
    return _GENERATION.search(path) is not None


def not_served(method: str, path: str, meant: str, served: Sequence[tuple[str, str]], base_url: str) -> ApiError:
    """The error, in words that say what was asked for, what is near it, and where clients find the API.

    `meant` is the path as it would be written here, `served` are the methods and paths that are served: those of the
    same method are nearer than others, and of equally near ones the first is told.
    """
    alike = [each for each in served if each[0] == method] or served
    near_method, near = max(alike, key=lambda each: _likeness(meant[:_LONGEST], each[1]))
    asked = printable(shortened(f"{method} {path}", _LONGEST))
    message = (
        f"Invalid URL ({asked}): this server does not serve that path. The nearest one that it serves is "
        f"{near_method} {near}; the base URL for clients is {printable(base_url)}"
    )
    return ApiError(404, message)


def body_of(error: ApiError, shape: str, request_id: str) -> dict[str, Any]:
    """The body of the error in a shape that is not OpenAI's."""
    if shape == "messages":
        said = {"type": "not_found_error", "message": error.message}
        return {"type": "error", "error": said, "request_id": request_id}
    if shape == "gemini":
        return {"error": {"code": error.status, "message": error.message, "status": "NOT_FOUND"}}
    return {"error": error.message}


def _likeness(path: str, served: str) -> float:
    likeness = SequenceMatcher(None, path.strip("/").casefold(), served.strip("/").casefold(), autojunk=False).ratio()
    return likeness - _LEFT_OPEN * ("{" in served)
