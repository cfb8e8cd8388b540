"""A request's bytes and path → ChatRequest, checked as the service checks it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.wire.codec import DEEPEST, NotJson, decode, is_too_deep
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.gemini.checks import check_request
from mockserver.wire.gemini.contents import listed, read_messages
from mockserver.wire.gemini.functions import read_choice, read_functions
from mockserver.wire.gemini.refusal import not_json, refused
from mockserver.wire.gemini.schema import json_schema
from mockserver.wire.gemini.spelling import camel_keys
from mockserver.wire.identity import fingerprint
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.tokens import prompt_tokens

JsonObject = dict[str, Any]

_METHOD = re.compile(r"(?P<model>[^:]+):(?P<method>\w+)$")
_MODELS = re.compile(r"^.*?/(?:publishers/[^/]+/)?models/")
_ENCODED = re.compile(rb"%([0-9A-Fa-f]{2})")
_SSE = re.compile(r"(?:^|&)(?:\$|%24)?alt=sse(?:&|$)")
_STREAMS = "streamgeneratecontent"
_OFTEN_SEEN = 16 * 1024
_RENAMED = {"maxOutputTokens": "max_tokens", "stopSequences": "stop", "topP": "top_p", "topK": "top_k",
            "presencePenalty": "presence_penalty", "frequencyPenalty": "frequency_penalty",
            "thinkingConfig": "thinking_config"}  # fmt: skip
_NUMBERS = ("temperature", "top_p", "top_k", "seed", "max_tokens", "presence_penalty", "frequency_penalty")
_OTHER = {"safetySettings": "safety_settings", "cachedContent": "cached_content", "labels": "labels"}
_MOST_CANDIDATES = 8


@dataclass(frozen=True, slots=True, eq=False)
class GeminiRequest(ParsedRequest):
    """A request with what its address says of the answer: `sse` streams events, and not one JSON array."""

    sse: bool = False
    vertex: bool = False


def parse(
    body: bytes, *, strict: bool = True, provider: Provider | None = None, occasion: Occasion | None = None
) -> GeminiRequest:
    """Understand a request to generate content; its path names the model, and whether it streams.

    `strict` refuses what the service refuses; otherwise only text that is not a JSON object.

    Raises:
        Refused: with the service's status and text.
    """
    del provider
    path, query = (occasion.path, occasion.query) if occasion is not None else ("", "")
    return (_parse_again if len(body) <= _OFTEN_SEEN else _parse)(body, path, is_sse(query), strict)


def is_sse(query: str) -> bool:
    """Whether a query asks for server-sent events."""
    return _SSE.search(query) is not None


def model_and_method(path: str) -> tuple[str, str]:
    """The model, without `models/` before it, and the method that a path asks for, in small letters."""
    found = _METHOD.search(_decoded(path))
    if found is None:
        return "", ""
    model = found["model"]
    bare = _MODELS.sub("", model)
    if bare == model and "/tunedModels/" in model:
        bare = "tunedModels/" + model.partition("/tunedModels/")[2]
    return bare, found["method"].lower()


def _decoded(path: str) -> str:
    """A path without percent-encoding."""
    raw = _ENCODED.sub(lambda found: bytes([int(found[1], 16)]), path.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "replace")


def _parse(body: bytes, path: str, sse: bool, strict: bool) -> GeminiRequest:
    return _read(object_of(body), path, sse=sse, strict=strict)


def _read(data: JsonObject, path: str, *, sse: bool, strict: bool) -> GeminiRequest:
    model, method = model_and_method(path)
    tools = read_functions(data.get("tools"))
    if strict:
        check_request(data, model, tools)
    request = ChatRequest(
        model,
        read_messages(data.get("systemInstruction"), data.get("contents")),
        tools,
        read_choice(data.get("toolConfig"), tools),
        stream=method == _STREAMS,
        options=_options(data),
        api="gemini",
    )
    told = fingerprint({**data, "model": model})
    return GeminiRequest(request, told, prompt_tokens(request), sse=sse, vertex="/projects/" in path)


_parse_again = lru_cache(maxsize=256)(_parse)
"""Retries and load tests send the same bytes over and over."""


def parse_counted(body: bytes, path: str, *, strict: bool) -> GeminiRequest:
    """Understand a request to count tokens: contents alone, or a whole request in `generateContentRequest`.

    Raises:
        Refused: with the service's status and text.
    """
    data = object_of(body)
    inner = data.get("generateContentRequest")
    return _read(inner if isinstance(inner, dict) else data, path, sse=False, strict=strict)


def object_of(body: bytes) -> JsonObject:
    """The object that a body holds, its fields in camelCase.

    Raises:
        Refused: it is not a JSON object, or nested too deeply.
    """
    try:
        data = decode(body or b"{}")
    except NotJson:
        raise not_json(body.decode("utf-8", "replace")) from None
    if not isinstance(data, dict):
        raise refused("Invalid JSON payload received. Unexpected token. Expected an object.")
    if body.count(b"{") + body.count(b"[") > DEEPEST and is_too_deep(data):
        raise refused("Invalid JSON payload received. Message too deep. Max recursion depth reached")
    found: JsonObject = camel_keys(data)
    return found


def _options(data: JsonObject) -> JsonObject:
    """What else was asked for, in chat completions' words where they have one."""
    config = data.get("generationConfig") if isinstance(data.get("generationConfig"), dict) else {}
    found: JsonObject = {}
    for key, value in (config or {}).items():
        name = _RENAMED.get(key, key)
        if value is None or (name in _NUMBERS and not _is_number(value)):
            continue
        if key == "candidateCount":
            if isinstance(value, int) and 1 < value <= _MOST_CANDIDATES:
                found["n"] = value
        elif key == "stopSequences":
            found["stop"] = [word for word in listed(value) if isinstance(word, str)]
        elif key not in ("responseMimeType", "responseSchema", "responseJsonSchema"):
            found[name] = value
    if form := _response_format(config or {}):
        found["response_format"] = form
    return found | {name: data[key] for key, name in _OTHER.items() if data.get(key) is not None}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _response_format(config: JsonObject) -> JsonObject | None:
    if config.get("responseMimeType") != "application/json":
        return None
    schema = config.get("responseJsonSchema") or json_schema(config.get("responseSchema"))
    if not isinstance(schema, dict):
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "output", "schema": schema, "strict": True}}
