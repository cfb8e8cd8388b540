"""A request's bytes → ChatRequest, for `/api/chat` and `/api/generate`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mockserver.chat import ChatRequest, Message, ToolChoice
from mockserver.wire.codec import DEEPEST, NotJson, decode, is_too_deep
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import fingerprint
from mockserver.wire.models import family
from mockserver.wire.ollama.conversation import read_messages, read_tools, with_images
from mockserver.wire.ollama.request_checks import (
    CHAT_FIELDS,
    GENERATE_FIELDS,
    check_fields,
    check_messages,
    check_settings,
    check_tools,
    not_an_object,
    not_json,
    refused,
)
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.tokens import prompt_tokens

JsonObject = dict[str, Any]

PROMPT = "prompt"
"""The option that says that text is generated for a prompt, and not a chat."""
_GENERATE = "/api/generate"
_OFTEN_SEEN = 16 * 1024
_NOT_OPTIONS = frozenset({"model", "messages", "tools", "stream", "options", "format", "images", "system", PROMPT})
_NUMBERS = ("temperature", "top_p", "seed", "presence_penalty", "frequency_penalty")


def parse(
    body: bytes, *, strict: bool = True, provider: Provider | None = None, occasion: Occasion | None = None
) -> ParsedRequest:
    """Understand the body of a chat or of a generation, which the path tells apart.

    `strict` refuses what Ollama refuses; otherwise only what cannot be answered at all is refused: text that is not a
    JSON object, and a request without a model.

    Raises:
        Refused: with Ollama's status and text.
    """
    del provider
    generates = occasion is not None and occasion.path.endswith(_GENERATE)
    return _parse_again(body, strict, generates) if len(body) <= _OFTEN_SEEN else _parse(body, strict, generates)


def _parse(body: bytes, strict: bool, generates: bool) -> ParsedRequest:
    data = object_of(body, "GenerateRequest" if generates else "ChatRequest")
    if strict:
        _check(data, generates)
    if not isinstance(data.get("model"), str) or not data["model"]:
        raise refused("model '' not found", 404) if generates else refused("model is required")
    tools = () if generates else read_tools(data.get("tools"))
    request = ChatRequest(
        data["model"],
        _prompt(data) if generates else read_messages(data.get("messages")),
        tools,
        ToolChoice() if tools else ToolChoice("none"),
        stream=data.get("stream") is not False,
        options=_options(data, generates),
        api="ollama",
    )
    if strict and tools and not family(request.model).functions:
        raise refused(f"{_full_name(request.model)} does not support tools")
    return ParsedRequest(request, fingerprint(data), prompt_tokens(request))


_parse_again = lru_cache(maxsize=256)(_parse)
"""Retries and load tests send the same bytes over and over."""


def object_of(body: bytes, struct: str) -> JsonObject:
    """The object that a body holds.

    Raises:
        Refused: it is not a JSON object, or nested too deeply.
    """
    try:
        data = decode(body)
    except NotJson:
        raise not_json(body) from None
    if not isinstance(data, dict):
        raise not_an_object(data, struct)
    if body.count(b"{") + body.count(b"[") > DEEPEST and is_too_deep(data):
        raise refused("exceeded max depth")
    return data


def loads_only(data: Mapping[str, Any], *, generates: bool) -> bool:
    """Whether a request asks nothing: it loads its model into memory, or unloads it."""
    return not data.get(PROMPT if generates else "messages")


def _check(data: JsonObject, generates: bool) -> None:
    struct, fields = ("GenerateRequest", GENERATE_FIELDS) if generates else ("ChatRequest", CHAT_FIELDS)
    check_fields(data, struct, fields)
    if not generates:
        check_messages(data.get("messages"))
        check_tools(data.get("tools"))
    check_settings(data)
    if data.get("raw") and any(data.get(key) for key in ("template", "system", "context")):
        raise refused("raw mode does not support template, system, or context")


def _prompt(data: JsonObject) -> tuple[Message, ...]:
    """The conversation of a prompt: one user message, after the system's."""
    prompt, system = data.get(PROMPT), data.get("system")
    text = prompt if isinstance(prompt, str) else ""
    asked = Message("user", text, parts=with_images(text, data.get("images")))
    return (Message("system", system), asked) if isinstance(system, str) and system else (asked,)


def _options(data: JsonObject, generates: bool) -> JsonObject:
    """What else was asked for, in chat completions' words where they have one."""
    given = data.get("options") if isinstance(data.get("options"), dict) else {}
    found = {key: value for key, value in data.items() if key not in _NOT_OPTIONS and value is not None}
    for key, value in (given or {}).items():
        if value is None or (key in _NUMBERS and not isinstance(value, int | float)):
            continue
        if key == "num_predict":
            if isinstance(value, int) and value > 0:
                found["max_tokens"] = value
        elif key != "stop" or (isinstance(value, list) and all(isinstance(word, str) for word in value)):
            found[key] = value
    if form := _response_format(data.get("format")):
        found["response_format"] = form
    if generates:
        found[PROMPT] = data.get(PROMPT) or ""
    return found


def _response_format(form: Any) -> JsonObject | None:
    if form == "json":
        return {"type": "json_object"}
    if isinstance(form, dict):
        return {"type": "json_schema", "json_schema": {"name": "output", "schema": form, "strict": True}}
    return None


def _full_name(model: str) -> str:
    """A model as Ollama's registry names it."""
    name, _, tag = model.partition(":")
    return f"registry.ollama.ai/{name if '/' in name else f'library/{name}'}:{tag or 'latest'}"
