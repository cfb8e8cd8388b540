"""The checks of Ollama's server, in its words: Go's own errors for JSON and types, and the texts of its handlers."""

import json
import re
from collections.abc import Mapping
from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.refusal import Refused

JsonObject = dict[str, Any]

_GO_TYPES = {
    "string": str,
    "bool": bool,
    "int": int,
    "[]string": list,
    "[]int": list,
    "[]api.Message": list,
    "[]api.Tool": list,
    "api.ToolCallFunctionArguments": dict,
    "map[string]interface {}": dict,
}
_SHARED = {"model": "string", "stream": "bool", "options": "map[string]interface {}", "top_logprobs": "int",
           "logprobs": "bool", "truncate": "bool", "shift": "bool"}  # fmt: skip
CHAT_FIELDS: Mapping[str, str] = {**_SHARED, "messages": "[]api.Message", "tools": "[]api.Tool"}
GENERATE_FIELDS: Mapping[str, str] = {
    **_SHARED,
    **dict.fromkeys(("prompt", "suffix", "system", "template"), "string"),
    "raw": "bool",
    "context": "[]int",
}
_MESSAGE_FIELDS = {"role": "string", "content": "string", "thinking": "string", "images": "[]string",
                   "tool_name": "string", "tool_call_id": "string"}  # fmt: skip
_OPTION_KINDS = {
    **dict.fromkeys(("num_keep", "seed", "num_predict", "top_k", "repeat_last_n", "num_ctx", "num_batch", "num_gpu",
                     "main_gpu", "num_thread"), "integer"),
    **dict.fromkeys(("top_p", "min_p", "typical_p", "temperature", "repeat_penalty", "presence_penalty",
                     "frequency_penalty"), "float32"),
    "use_mmap": "boolean",
    "stop": "array",
}  # fmt: skip
_KINDS: Mapping[str, tuple[type, ...]] = {"float32": (int, float), "boolean": (bool,), "array": (list,)}
_EFFORTS = ("high", "medium", "low", "max")
_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*|[-+]?0")
_GO_SYNTAX = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ',' delimiter": "after object key:value pair",
    "Expecting ':' delimiter": "after object key",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Extra data": "after top-level value",
}


def refused(message: str, status: int = 400) -> Refused:
    """A refusal with this text."""
    return Refused(ApiError(status, message))


def not_json(body: bytes) -> Refused:
    """The body is not JSON: what Go's decoder says of it."""
    if not body.strip():
        return refused("missing request body")
    text = body.decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            return refused("unexpected EOF")
        where = _GO_SYNTAX.get(error.msg, "looking for beginning of value")
        return refused(f"invalid character {_go_quoted(text[error.pos])} {where}")
    except RecursionError:
        return refused("exceeded max depth")
    return refused("invalid character 'N' looking for beginning of value")


def _go_quoted(letter: str) -> str:
    return {"'": "'\\''", '"': "'\"'"}.get(letter, repr(letter))


def wrong_type(value: Any, field: str, go_type: str) -> Refused:
    """A value has a type that Go cannot read into a field."""
    return refused(f"json: cannot unmarshal {_json_word(value)} into Go struct field {field} of type {go_type}")


def not_an_object(value: Any, struct: str) -> Refused:
    """The body is JSON, but not an object."""
    return refused(f"json: cannot unmarshal {_json_word(value)} into Go value of type api.{struct}")


def _json_word(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return f"number {value}"
    return {str: "string", int: "number", dict: "object", list: "array"}.get(type(value), "null")


def check_fields(data: JsonObject, struct: str, fields: Mapping[str, str], path: str = "") -> None:
    """Every field has the type of the Go struct; null counts as absent, unknown keys are passed over.

    Raises:
        Refused: one has not.
    """
    for key, go_type in fields.items():
        value = data.get(key)
        if value is not None and not _is_of(value, _GO_TYPES[go_type]):
            raise wrong_type(value, f"{struct}.{path}{key}", go_type)


def _is_of(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


def check_messages(messages: Any) -> None:
    """The fields of each message, and of the calls in it.

    Raises:
        Refused: one has another type.
    """
    for message in messages or ():
        if not isinstance(message, dict):
            raise wrong_type(message, "ChatRequest.messages", "api.Message")
        check_fields(message, "ChatRequest", _MESSAGE_FIELDS, "messages.")
        calls = message.get("tool_calls")
        if not isinstance(calls, list | None):
            raise wrong_type(calls, "ChatRequest.messages.tool_calls", "[]api.ToolCall")
        for call in calls or ():
            function = call.get("function") if isinstance(call, dict) else call
            if not isinstance(function, dict):
                raise wrong_type(function, "ChatRequest.messages.tool_calls.function", "api.ToolCallFunction")
            named = {"name": "string", "arguments": "api.ToolCallFunctionArguments"}
            check_fields(function, "ChatRequest", named, "messages.tool_calls.function.")


def check_tools(tools: Any) -> None:
    """The fields of each tool.

    Raises:
        Refused: one has another type.
    """
    for tool in tools or ():
        if not isinstance(tool, dict):
            raise wrong_type(tool, "ChatRequest.tools", "api.Tool")
        function = tool.get("function")
        if not isinstance(function, dict | None):
            raise wrong_type(function, "ChatRequest.tools.function", "api.ToolFunction")
        fields = {"name": "string", "description": "string"}
        check_fields(function or {}, "ChatRequest", fields, "tools.function.")
        schema = (function or {}).get("parameters")
        if not isinstance(schema, dict | None):
            raise wrong_type(schema, "ChatRequest.tools.function.parameters", "api.ToolFunctionParameters")


def check_settings(data: JsonObject) -> None:
    """`think`, `format`, `keep_alive`, `top_logprobs` and `options`, in the texts of Ollama's handlers.

    Raises:
        Refused: one has a value that it cannot have.
    """
    _check_think(data.get("think"))
    _check_keep_alive(data.get("keep_alive"))
    if not 0 <= (data.get("top_logprobs") or 0) <= 20:
        raise refused("top_logprobs must be between 0 and 20")
    for key, value in (data.get("options") or {}).items():
        kind = _OPTION_KINDS.get(key)
        if value is not None and kind is not None and not _is_option(value, kind):
            raise refused(f'option "{key}" must be of type {kind}', 500)
    form = data.get("format")
    if form is not None and form not in ("", "json") and not isinstance(form, dict):
        shown = json.dumps(form, separators=(",", ":"))
        raise refused(f'invalid format: {shown}; expected "json" or a valid JSON Schema object', 500)


def _is_option(value: Any, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _check_think(think: Any) -> None:
    if isinstance(think, bool | None):
        return
    if not isinstance(think, str):
        raise refused('think must be a boolean or string ("high", "medium", "low", "max", true, or false)')
    if think not in _EFFORTS:
        raise refused(f'invalid think value: "{think}" (must be "high", "medium", "low", "max", true, or false)')


def _check_keep_alive(keep_alive: Any) -> None:
    if isinstance(keep_alive, str) and not _DURATION.fullmatch(keep_alive):
        raise refused(f'time: invalid duration "{keep_alive}"')
    if isinstance(keep_alive, bool | list | dict):
        word = {bool: "bool", list: "[]interface {}", dict: "map[string]interface {}"}[type(keep_alive)]
        raise refused(f"Unsupported type: '{word}'")
