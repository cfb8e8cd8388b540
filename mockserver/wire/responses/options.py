"""The parameters of a response beside input and tools: their types and bounds (API reference, types of the SDK).

What chat completions have too is kept under their names in the neutral request: `max_output_tokens` as
`max_completion_tokens`, `text.format` as `response_format`, `reasoning.effort` as `reasoning_effort`.
"""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.wire.chat_completions.json_schema import check_answer_schema
from mockserver.wire.chat_completions.parameters import (
    Check,
    boolean,
    decimal,
    integer,
    metadata,
    one_of,
    or_null,
    same_as,
    string,
    table,
)
from mockserver.wire.refusal import Refused, invalid, missing, unknown, wrong_type

JsonObject = dict[str, Any]

LEAST_OUTPUT = 16
"""So many tokens an answer must at least be allowed."""
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
INCLUDABLE = (
    "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
    "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs",
    "reasoning.encrypted_content", "message.output_text.logprobs",
)  # fmt: skip
_SCHEMA_NAME = 64
_WITHOUT_SAMPLING = re.compile(r"(openai/)?(o[134]([-_]|$)|gpt-5([-_](?!chat)|$))")
_MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
}
_MORE = (
    "See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create."
)


@same_as({"type": "array", "items": {"type": "string", "enum": list(INCLUDABLE)}})
def include(path: str, value: Any) -> None:
    """Further output to include."""
    if not isinstance(value, list):
        raise wrong_type(path, "an array of strings", value)
    for index, word in enumerate(value):
        one_of(*INCLUDABLE)(f"{path}[{index}]", word)


@same_as({"anyOf": [{"type": "string"}, {"type": "object", "required": ["id"]}]})
def conversation(path: str, value: Any) -> None:
    """The id of a conversation, or an object with it."""
    if isinstance(value, str):
        return
    table({"id": string()}, needed=("id",))(path, value)


@same_as({"anyOf": [{"type": "string"}, {"type": "array"}]})
def instructions(path: str, value: Any) -> None:
    """A system message before the input."""
    if not isinstance(value, str | list):
        raise wrong_type(path, "a string", value)


@same_as({"type": "object", "properties": {"format": or_null({"type": "object"}), "verbosity": {}}})
def text(path: str, value: Any) -> None:
    """The form of the text: plain, a JSON object, or JSON that fits a named schema."""
    table({"verbosity": one_of("low", "medium", "high"), "format": table()})(path, value)
    written = value.get("format")
    if written is None:
        return
    path = f"{path}.format"
    if written.get("type") is None:
        raise missing(f"{path}.type")
    one_of("json_object", "json_schema", "text")(f"{path}.type", written["type"])
    if written["type"] != "json_schema":
        return
    table({"name": string(_SCHEMA_NAME), "description": string(), "schema": table(), "strict": boolean})(path, written)
    for key in ("name", "schema"):
        if written.get(key) is None:
            raise missing(f"{path}.{key}")
    check_answer_schema(f"{path}.schema", written["name"], written["schema"], strict=written.get("strict") is True)


@same_as({})
def _anything(path: str, value: Any) -> None:
    """A value that only the real service looks into."""
    del path, value


_REASONING = {
    "effort": one_of(*EFFORTS),
    "summary": one_of("auto", "concise", "detailed"),
    "generate_summary": one_of("auto", "concise", "detailed"),
    "context": one_of("auto", "current_turn", "all_turns"),
    "mode": one_of("standard", "pro"),
}

# In the order in which the API looks at them: the first mistake is the one that is told.
OPTIONS: Mapping[str, Check] = {
    "instructions": instructions,
    "previous_response_id": string(),
    "conversation": conversation,
    "max_output_tokens": integer(LEAST_OUTPUT),
    "max_tool_calls": integer(1),
    "parallel_tool_calls": boolean,
    "temperature": decimal(0, 2),
    "top_p": decimal(0, 1),
    "top_logprobs": integer(0, 20),
    "text": text,
    "reasoning": table(_REASONING),
    "include": include,
    "store": boolean,
    "background": boolean,
    "background_options": table(),
    "stream": boolean,
    "stream_options": table({"include_obfuscation": boolean}, closed=True),
    "truncation": one_of("auto", "disabled"),
    "metadata": metadata,
    "user": string(),
    "safety_identifier": string(64),
    "prompt_cache_key": string(),
    "prompt_cache_options": table(),
    "prompt_cache_retention": one_of("in_memory", "24h"),
    "service_tier": one_of("auto", "default", "flex", "scale", "priority", "fast", "ultrafast"),
    "prompt": table({"id": string()}, needed=("id",)),
    "context_management": _anything,
    "moderation": table(),
    "access_programs": _anything,
    "image": table(),
    "client_metadata": table(),
}
_OTHER_KEYS = frozenset({"model", "input", "tools", "tool_choice"})
_ORDER = {key: place for place, key in enumerate(OPTIONS)}
_RENAMED = {"max_output_tokens": "max_completion_tokens"}
_NOT_OPTIONS = frozenset(
    {"instructions", "previous_response_id", "conversation", "parallel_tool_calls", "stream", "text", "reasoning"}
)


def check_options(data: JsonObject, model: str) -> None:
    """The rules for each key beside input and tools.

    Raises:
        Refused: a key is not known here, or its value breaks its rules.
    """
    for key in data:
        if key not in OPTIONS and key not in _OTHER_KEYS:
            raise _unknown(key)
    for key in sorted(data.keys() & _ORDER.keys(), key=_ORDER.__getitem__):
        if data[key] is not None:
            OPTIONS[key](key, data[key])
    _check_together(data, model)


def _check_together(data: JsonObject, model: str) -> None:
    previous = data.get("previous_response_id")
    if previous is not None and data.get("conversation") is not None:
        text = "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'previous_response_id' or "
        raise invalid(text + "'conversation'.", None, "mutually_exclusive_parameters")
    if previous is not None and not previous.startswith("resp"):
        text = f"Invalid 'previous_response_id': '{previous}'. Expected an ID that begins with 'resp'."
        raise invalid(text, "previous_response_id", "invalid_value")
    if data.get("stream_options") is not None and data.get("stream") is not True:
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    effort = (data.get("reasoning") or {}).get("effort")
    for key in ("temperature", "top_p"):
        if data.get(key) is not None and effort != "none" and _WITHOUT_SAMPLING.match(model):
            raise invalid(f"Unsupported parameter: '{key}' is not supported with this model.", key)


def _unknown(key: str) -> Refused:
    if key in _MOVED:
        text = f"Unsupported parameter: '{key}'. In the Responses API, this parameter has moved to '{_MOVED[key]}'. "
        return invalid(f"{text}Try again with the new parameter. {_MORE}", key, "unsupported_parameter")
    return unknown(key)


def neutral_options(data: JsonObject, *, checked: bool) -> JsonObject:
    """What else was asked for, in chat completions' words where they have one."""
    found: JsonObject = {}
    for key, value in data.items():
        if value is None or key in _NOT_OPTIONS or key in _OTHER_KEYS:
            continue
        if not checked and not _keeps_rule(key, value):
            continue
        found[_RENAMED.get(key, key)] = value
    reasoning = data.get("reasoning") if isinstance(data.get("reasoning"), dict) else {}
    if reasoning and reasoning.get("effort") is not None:
        found["reasoning_effort"] = reasoning["effort"]
    written = data.get("text") if isinstance(data.get("text"), dict) else {}
    if written and (form := written.get("format")) and isinstance(form, dict):
        found |= _response_format(form)
    if written and written.get("verbosity") is not None:
        found["verbosity"] = written["verbosity"]
    return found


def _keeps_rule(key: str, value: Any) -> bool:
    """Whether a value may be used; one that breaks its rule and was not refused for it counts as absent."""
    if key not in OPTIONS:
        return False
    try:
        OPTIONS[key](key, value)
    except Refused:
        return False
    return True


def _response_format(form: JsonObject) -> JsonObject:
    if form.get("type") != "json_schema":
        return {} if form.get("type") in (None, "text") else {"response_format": {"type": form["type"]}}
    named = {key: value for key, value in form.items() if key != "type"}
    return {"response_format": {"type": "json_schema", "json_schema": named}}
