"""The parameters of a chat completion beside its messages and tools: their types and bounds (API reference).

Each rule refuses in the API's words and says the same as JSON Schema, from which the OpenAPI document is made.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.wire.chat_completions.json_schema import check_answer_schema
from mockserver.wire.refusal import (
    empty_array,
    invalid,
    listed,
    missing,
    not_supported,
    out_of_range,
    shortened,
    too_long,
    unknown,
    wrong_type,
)

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_STOP_SEQUENCES = 4
_METADATA_PAIRS, _METADATA_NAME, _METADATA_VALUE = 16, 64, 512
_SCHEMA_NAME = 64


class Check:
    """The rule for a value: called with its path it raises `Refused`; `schema` says the same as JSON Schema."""

    __slots__ = ("_refuse", "schema")

    def __init__(self, refuse: Callable[[str, Any], None], schema: Schema) -> None:
        self._refuse = refuse
        self.schema = schema

    def __call__(self, path: str, value: Any) -> None:
        """Let a value pass that keeps to the rule."""
        self._refuse(path, value)


def same_as(schema: Schema) -> Callable[[Callable[[str, Any], None]], Check]:
    """Make a rule of a function that refuses whatever does not fit the schema."""
    return lambda refuse: Check(refuse, schema)


def or_null(schema: Schema) -> Schema:
    """The schema of a value that may be null, which stands for none."""
    return {"anyOf": [schema, {"type": "null"}]}


@same_as({"type": "boolean"})
def boolean(path: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number within bounds."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_type(path, "an integer", value)
        if (low is not None and value < low) or (high is not None and value > high):
            raise out_of_range(path, value, low, high, "integer")

    limits = {"minimum": low, "maximum": high}
    return Check(check, {"type": "integer", **{key: limit for key, limit in limits.items() if limit is not None}})


def decimal(low: float, high: float) -> Check:
    """A number within bounds."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise wrong_type(path, "a decimal", value)
        if not low <= value <= high:
            raise out_of_range(path, value, low, high, "decimal")

    return Check(check, {"type": "number", "minimum": low, "maximum": high})


def string(longest: int | None = None) -> Check:
    """Text, perhaps of limited length."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, str):
            raise wrong_type(path, "a string", value)
        if longest is not None and len(value) > longest:
            raise too_long(path, "string", longest, len(value))

    return Check(check, _TEXT if longest is None else {**_TEXT, "maxLength": longest})


def one_of(*words: str) -> Check:
    """One of a few words."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, str):
            raise wrong_type(path, f"one of {listed(words, 'or')}", value)
        if value not in words:
            raise not_supported(path, value, words)

    return Check(check, {"type": "string", "enum": list(words)})


def table(fields: Mapping[str, Check] | None = None, *, needed: Sequence[str] = (), closed: bool = False) -> Check:
    """An object; the fields named here are checked too, those needed must be there, a closed one has no others."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise wrong_type(path, "an object", value)
        known = fields or {}
        if closed and (others := [key for key in value if key not in known]):
            raise unknown(f"{path}.{others[0]}")
        for key in needed:
            if value.get(key) is None:
                raise missing(f"{path}.{key}")
        for key, inner in known.items():
            if value.get(key) is not None:
                inner(f"{path}.{key}", value[key])

    schema: Schema = {"type": "object"}
    if fields:
        schema["properties"] = {
            key: inner.schema if key in needed else or_null(inner.schema) for key, inner in fields.items()
        }
    if needed:
        schema["required"] = list(needed)
        # Null is none, and what is needed must be there.
        schema["properties"] = {**{key: {"not": {"type": "null"}} for key in needed}, **schema.get("properties", {})}
    return Check(check, {**schema, "additionalProperties": False} if closed else schema)


@same_as({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": _STOP_SEQUENCES}]})
def stop(path: str, value: Any) -> None:
    """A string or up to four of them."""
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        raise wrong_type(path, "one of a string or array of strings", value)
    if not value:
        raise empty_array(path)
    if len(value) > _STOP_SEQUENCES:
        raise too_long(path, "array", _STOP_SEQUENCES, len(value))
    for index, word in enumerate(value):
        string()(f"{path}[{index}]", word)


@same_as({"type": "array", "items": {"type": "string", "enum": ["text", "audio"]}, "minItems": 1})
def modalities(path: str, value: Any) -> None:
    """A list of the ways to answer: text, and for some models sound."""
    if not isinstance(value, list):
        raise wrong_type(path, "an array of strings", value)
    if not value:
        raise empty_array(path)
    for index, word in enumerate(value):
        one_of("text", "audio")(f"{path}[{index}]", word)


@same_as(
    {
        "type": "object",
        "maxProperties": _METADATA_PAIRS,
        "propertyNames": {"maxLength": _METADATA_NAME},
        "additionalProperties": {**_TEXT, "maxLength": _METADATA_VALUE},
    }
)
def metadata(path: str, value: Any) -> None:
    """Up to 16 pairs of text: names up to 64 characters, values up to 512."""
    if not isinstance(value, dict):
        raise wrong_type(path, "a metadata object", value)
    if len(value) > _METADATA_PAIRS:
        text = f"Invalid '{path}': too many properties. Expected an object with at most {_METADATA_PAIRS} properties, "
        text += f"but got an object with {len(value)} properties instead."
        raise invalid(text, path, "object_above_max_properties")
    for key, text in value.items():
        if len(key) > _METADATA_NAME:
            found = (
                f"Invalid property name in '{path}': '{shortened(key)}' is too long. Expected a string with maximum "
            )
            found += f"length {_METADATA_NAME}, but got a string with length {len(key)} instead."
            raise invalid(found, f"{path}.{key}", "property_name_above_max_length")
        string(_METADATA_VALUE)(f"{path}.{key}", text)


@same_as(
    {
        "type": "object",
        "required": ["type", "content"],
        "properties": {"type": {"type": "string", "enum": ["content"]}, "content": {"type": ["string", "array"]}},
    }
)
def prediction(path: str, value: Any) -> None:
    """Text that the answer will mostly repeat."""
    table({"type": one_of("content")}, needed=("type", "content"))(path, value)
    if not isinstance(value["content"], str | list):
        raise wrong_type(f"{path}.content", "one of a string or array of objects", value["content"])


@same_as({"type": "object", "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100}})
def logit_bias(path: str, value: Any) -> None:
    """Token ids to numbers from -100 to 100."""
    table()(path, value)
    for key, bias in value.items():
        decimal(-100, 100)(f"{path}.{key}", bias)


@same_as(
    {
        "anyOf": [
            {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"type": "string", "enum": ["json_object", "text"]}},
            },
            {
                "type": "object",
                "required": ["type", "json_schema"],
                "properties": {
                    "type": {"type": "string", "enum": ["json_schema"]},
                    "json_schema": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {
                            "name": {**_TEXT, "maxLength": _SCHEMA_NAME},
                            "description": or_null(_TEXT),
                            "schema": or_null({"type": "object"}),
                            "strict": or_null({"type": "boolean"}),
                        },
                    },
                },
            },
        ]
    }
)
def response_format(path: str, value: Any) -> None:
    """Text, a JSON object, or JSON that fits a named schema."""
    table()(path, value)
    if value.get("type") is None:
        raise missing(f"{path}.type")
    one_of("json_object", "json_schema", "text")(f"{path}.type", value["type"])
    if value["type"] != "json_schema":
        return
    path, named = f"{path}.json_schema", value.get("json_schema")
    if named is None:
        raise missing(path)
    table({"name": string(_SCHEMA_NAME), "description": string(), "schema": table(), "strict": boolean})(path, named)
    if named.get("name") is None:
        raise missing(f"{path}.name")
    check_answer_schema("response_format", named["name"], named.get("schema"), strict=named.get("strict") is True)


_VOICES_NEED = ("voice", "format")
_STREAM_OPTIONS = {"include_usage": boolean, "include_obfuscation": boolean}
_CACHE_OPTIONS = {"mode": one_of("implicit", "explicit"), "ttl": string()}

# In the order in which the API looks at them: the first mistake is the one that is told.
PARAMETERS: Mapping[str, Check] = {
    "parallel_tool_calls": boolean,
    "max_tokens": integer(1),
    "max_completion_tokens": integer(1),
    "n": integer(1, 128),
    "stop": stop,
    "temperature": decimal(0, 2),
    "top_p": decimal(0, 1),
    "presence_penalty": decimal(-2, 2),
    "frequency_penalty": decimal(-2, 2),
    "logit_bias": logit_bias,
    "logprobs": boolean,
    "top_logprobs": integer(0, 20),
    "user": string(),
    "seed": integer(),
    "safety_identifier": string(64),
    "prompt_cache_options": table(_CACHE_OPTIONS, closed=True),
    "prompt_cache_key": string(),
    "prompt_cache_retention": one_of("in_memory", "24h"),
    "service_tier": one_of("auto", "default", "flex", "scale", "priority", "fast"),
    "stream": boolean,
    "stream_options": table(_STREAM_OPTIONS, closed=True),
    "store": boolean,
    "metadata": metadata,
    "moderation": table({"model": string()}, needed=("model",)),
    "prediction": prediction,
    "response_format": response_format,
    "verbosity": one_of("low", "medium", "high"),
    "reasoning_effort": one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "modalities": modalities,
    "audio": table({"format": one_of("wav", "aac", "mp3", "flac", "opus", "pcm16")}, needed=_VOICES_NEED),
    "web_search_options": table({"search_context_size": one_of("low", "medium", "high"), "user_location": table()}),
}
