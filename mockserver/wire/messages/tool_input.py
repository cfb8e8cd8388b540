"""The input of a call: an object in the API, and here the text that a model wrote, so that it can be wrong in any way.

A body holds an `InputText` for each call. A stream sends it in pieces; a plain body holds the value that it is.
"""

import json
from typing import Any

import orjson

from mockserver.wire.codec import NotJson, decode
from mockserver.wire.mock_error import mock_error
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]

_MARK = "\u0000input\u0000"


class InputText(str):
    """The input of a call as JSON text, which a plain body holds as a value."""

    __slots__ = ()


def is_object(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        return isinstance(decode(text), dict)
    except NotJson:
        return False


def is_value(text: str) -> bool:
    """Whether a text can stand for a value in a body: JSON, or what only lenient readers take for it."""
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def whole_members(text: str) -> str:
    """The object that is left of a text that was cut off: the members that had come whole."""
    depth, inside, end, escaped = 0, False, 0, False
    for place, letter in enumerate(text):
        if inside:
            escaped, inside = letter == "\\" and not escaped, letter != '"' or escaped
        elif letter == '"':
            inside = True
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
        elif letter == "," and depth == 1:
            end = place
    kept = text[:end] + "}"
    return kept if end and is_object(kept) else "{}"


def not_producible(name: str) -> Refused:
    """A script gives a call arguments that a plain body cannot hold."""
    reason = (
        f"The arguments that are scripted for {name} are not a JSON object, and a plain message holds an object there. "
        "Ask for a stream, which sends the text as it is, or script an object."
    )
    return Refused(mock_error("fault_not_producible", reason))


def encode_message(body: JsonObject) -> bytes:
    """A body as JSON, with each input as the value that it is."""
    try:
        return orjson.dumps(_with_values(body))
    except TypeError:
        return _encode(body)


def _with_values(body: JsonObject) -> JsonObject:
    """The body with its inputs as JSON that is written as it stands; so is that of a body in another one."""
    content = body.get("content")
    if not isinstance(content, list):
        return {key: _with_values(value) if isinstance(value, dict) else value for key, value in body.items()}
    blocks = [
        {**block, "input": orjson.Fragment(block["input"].encode("utf-8", "surrogatepass"))}
        if isinstance(block, dict) and isinstance(block.get("input"), InputText)
        else block
        for block in content
    ]
    return {**body, "content": blocks}


def _encode(body: JsonObject) -> bytes:
    """The same for text that UTF-8 cannot hold, which is written as escapes."""
    inputs: list[str] = []

    def marked(value: Any) -> Any:
        if isinstance(value, InputText):
            inputs.append(value)
            return _MARK
        if isinstance(value, dict):
            return {key: marked(entry) for key, entry in value.items()}
        return [marked(entry) for entry in value] if isinstance(value, list) else value

    text = json.dumps(marked(body), separators=(",", ":"))
    for each in inputs:
        escaped = "".join(letter if ord(letter) < 128 else json.dumps(letter)[1:-1] for letter in each)
        text = text.replace(json.dumps(_MARK), escaped, 1)
    return text.encode("ascii")
