"""How Gemini words a refusal: a 400 that names the field, or the rule of the conversation, that is broken."""

import json
import re
from collections.abc import Iterable
from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.refusal import Refused

_SMALL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_TOO_MUCH = 60

CALL_PLACE = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
)
RESPONSE_PLACE = "Please ensure that function response turn comes immediately after a function call turn."
RESPONSE_COUNT = (
    "Please ensure that the number of function response parts is equal to the number of function call parts of the "
    "function call turn."
)
NAME_RULE = (
    "Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores "
    "(_), dots (.), colons (:), or dashes (-), with a maximum length of 64."
)
JSON_WITH_CALLS = "Function calling with a response mime type: 'application/json' is unsupported"
NO_DECLARATIONS = "Function calling config is set without function_declarations."
ROLES = "Please use a valid role: user, model."
CORRUPTED = "Corrupted thought signature."


def refused(message: str, details: Iterable[Any] = ()) -> Refused:
    """A 400 with this text."""
    listed = list(details)
    return Refused(ApiError(400, message, extra={"details": listed} if listed else {}))


def snake(name: str) -> str:
    """A field's name as errors write it."""
    return _SMALL.sub(lambda found: f"_{found[1].lower()}", name)


def not_json(text: str) -> Refused:
    """The body cannot be read."""
    try:
        json.loads(text)
        place = 0
    except json.JSONDecodeError as error:
        place = error.pos
    except RecursionError:
        return refused("Invalid JSON payload received. Message too deep. Max recursion depth reached")
    start = max(place - _TOO_MUCH // 2, 0)
    line = text[start : start + _TOO_MUCH].replace("\n", " ")
    what = "Unexpected end of string. Expected a value." if place >= len(text.rstrip()) else "Unexpected token."
    return refused(f"Invalid JSON payload received. {what}\n{line}\n{' ' * (place - start)}^")


def unknown_name(key: str, path: str) -> Refused:
    """A field that the message does not have."""
    where = f" at '{path}'" if path else ""
    message = f'Invalid JSON payload received. Unknown name "{key}"{where}: Cannot find field.'
    violation = {"field": path, "description": message} if path else {"description": message}
    bad = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return refused(message, [bad])


def invalid_value(path: str, kind: str, value: Any) -> Refused:
    """A field has a value of another type."""
    shown = json.dumps(value, ensure_ascii=False)
    message = f"Invalid value at '{path}' ({kind}), {shown[:_TOO_MUCH]}"
    bad = {"@type": "type.googleapis.com/google.rpc.BadRequest",
           "fieldViolations": [{"field": path, "description": message}]}  # fmt: skip
    return refused(message, [bad])


def broken_rule(path: str, rule: str) -> Refused:
    """A rule of one field, as the service lists it."""
    return refused(f"* GenerateContentRequest.{path}: {rule}\n")


def unsigned(name: str, position: int) -> Refused:
    """A call came back without the signature that it had."""
    return refused(
        "Function call is missing a thought_signature in functionCall parts. This is required for tools to work "
        "correctly, and missing thought_signature may lead to degraded model performance. Additional data, function "
        f"call `default_api:{name}` , position {position}. Please refer to "
        "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
    )
