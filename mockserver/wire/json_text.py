"""Arguments as JSON text inside a body that holds them as a value, so that they can be wrong in any way.

Messages, Gemini and Ollama have an object where chat completions has a text. A body holds a `JsonText` there, and the
encoder writes it as the value that it spells: keys that come twice, numbers that no float holds, odd white space stay
as they are.
"""

import json
from typing import Any

import orjson

from mockserver.chat import Reply, ToolCall
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.mock_error import mock_error
from mockserver.wire.refusal import Refused

_MARK = "\u0000json text\u0000"


class JsonText(str):
    """A JSON text that is written as the value that it spells."""

    __slots__ = ()


def dump(value: Any) -> str:
    """A value as a model writes it: the form that scripted calls have."""
    return json.dumps(value, ensure_ascii=False)


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


def argument_value(call: ToolCall, reply: Reply, *, faulty: bool, api: str) -> JsonText | None:
    """The arguments of a call as a body can hold them; None where a fault made them something that is not JSON.

    Raises:
        Refused: a script gives arguments that are not an object.
    """
    if is_object(call.arguments):
        return JsonText(call.arguments)
    if reply.finish_reason == "length":
        return JsonText(whole_members(call.arguments))
    if not faulty:
        raise not_producible(call.name, f"{api} sends")
    return JsonText(call.arguments) if is_value(call.arguments) else None


def not_producible(name: str, place: str, instead: str = "Script an object, or ask over chat completions.") -> Refused:
    """A script gives a call arguments that its place, which holds an object, cannot hold; what to do `instead`."""
    reason = f"The arguments that are scripted for {name} are not a JSON object, and {place} an object there."
    return Refused(mock_error("fault_not_producible", f"{reason} {instead}"))


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


def encode(value: Any) -> bytes:
    """JSON, compact and in UTF-8, each `JsonText` as the value that it spells."""
    try:
        return orjson.dumps(value, _written, orjson.OPT_PASSTHROUGH_SUBCLASS)
    except (TypeError, UnicodeEncodeError):
        return _escaped(value)


def _written(value: Any) -> Any:
    if isinstance(value, JsonText):
        return orjson.Fragment(value.encode())
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _escaped(value: Any) -> bytes:
    """The same for text that UTF-8 cannot hold, which is written as escapes."""
    texts: list[str] = []

    def marked(part: Any) -> Any:
        if isinstance(part, JsonText):
            texts.append(part)
            return _MARK
        if isinstance(part, dict):
            return {key: marked(entry) for key, entry in part.items()}
        return [marked(entry) for entry in part] if isinstance(part, list) else part

    written = json.dumps(marked(value), separators=(",", ":"))
    for text in texts:
        ascii_text = "".join(letter if ord(letter) < 128 else json.dumps(letter)[1:-1] for letter in text)
        written = written.replace(json.dumps(_MARK), ascii_text, 1)
    return written.encode("ascii")
