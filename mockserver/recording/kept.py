"""Which answers of an upstream are kept: all but those that only say that the recorder was used wrongly."""

import json
import re
from typing import Any

from mockserver.recording.answered import Answered

_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_NO_SUCH_MODEL = frozenset({"model_not_found", "deploymentnotfound", "model_not_available", "no_such_model"})
_PATH = re.compile(r"(?<![\w/])/\S+")
_OF_A_MODEL = re.compile(
    r"(?i)\b(?:model|deployment)\b.*\b(?:not found|not exist|unknown|no access|not available)\b"
    r"|\b(?:no such|unknown|invalid) (?:model|deployment)\b"
)
_LONGEST = 200


def not_kept(answered: Answered, model: str) -> str | None:
    """Why an answer is not to be kept; None where it is.

    A key that is refused, a request that is forbidden and a path that is not served say nothing of the API's
    behaviour; that the API has no such model does.
    """
    status = answered.status
    if status in (_UNAUTHORISED, _FORBIDDEN):
        cure = "check the key that the application sends"
    elif status == _NOT_FOUND and not _says_no_such_model(answered.body, model):
        cure = "check the path that the application asks for, and --upstream"
    else:
        return None
    said = " ".join(answered.body.decode("utf-8", "replace").split())[:_LONGEST]
    return f"the upstream answered {status}, which is passed on and not recorded: {cure}. It said: {said or 'nothing'}"


def _says_no_such_model(body: bytes, model: str) -> bool:
    """Whether a 404 speaks of the model that was asked for, and not of the path."""
    try:
        value = json.loads(body)
    except ValueError:
        return False
    error = value.get("error", value) if isinstance(value, dict) else None
    texts = [error] if isinstance(error, str) else list(_texts(error))
    if any(text.lower() in _NO_SUCH_MODEL for text in texts):
        return True
    spoken = [_PATH.sub(" ", text) for text in texts]
    return any((model and model in text) or _OF_A_MODEL.search(text) is not None for text in spoken)


def _texts(error: Any) -> list[str]:
    """What an error object says, at its first level."""
    return [text for text in error.values() if isinstance(text, str)] if isinstance(error, dict) else []
