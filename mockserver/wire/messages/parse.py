"""A request's bytes and headers → ChatRequest, checked as the Messages API checks them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mockserver.chat import ApiError, ChatRequest
from mockserver.wire.codec import DEEPEST, NotJson, decode, is_too_deep
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import fingerprint
from mockserver.wire.messages.blocks import check_cache_marks, check_messages, check_system
from mockserver.wire.messages.content import read_messages
from mockserver.wire.messages.families import ClaudeFamily, claude_family
from mockserver.wire.messages.history import check_conversation
from mockserver.wire.messages.parameters import COUNTED_KEYS, check_fields, check_keys, check_length
from mockserver.wire.messages.refusal import refused, required, text_at
from mockserver.wire.messages.tools import check_choice, check_tools, is_parallel, read_choice, read_tools
from mockserver.wire.messages.versions import Version, version_of
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.refusal import Refused
from mockserver.wire.tokens import prompt_tokens

JsonObject = dict[str, Any]

_OFTEN_SEEN = 16 * 1024
_NEUTRAL = {"stop_sequences": "stop", "output_format": "response_format"}
_NOT_OPTIONS = frozenset({"model", "messages", "system", "tools", "tool_choice", "stream", "output_config"})
_NUMBERS = ("max_tokens", "temperature", "top_p", "top_k")


def parse(
    body: bytes, *, strict: bool = True, provider: Provider | None = None, occasion: Occasion | None = None
) -> ParsedRequest:
    """Understand the body of a request for a message.

    `strict` refuses what the API refuses in the version that the headers name; otherwise only what cannot be answered
    at all is refused: text that is not a JSON object, a missing model, missing messages.

    Raises:
        Refused: with the API's status and text, or the provider's.
    """
    headers: Mapping[str, str] = occasion.given if occasion is not None else {}
    version = version_of(headers.get("anthropic-version"), headers.get("anthropic-beta", ""), strict=strict)
    if provider is not None and provider.hear is not None and occasion is not None:
        return _parse_translated(body, strict, version, provider, occasion)
    return (_parse_again if len(body) <= _OFTEN_SEEN else _parse)(body, strict, version)


def _parse_translated(
    body: bytes, strict: bool, version: Version, provider: Provider, occasion: Occasion
) -> ParsedRequest:
    assert provider.hear is not None, "only a provider that translates gets here"
    return parsed_of(provider.hear(object_of(body), occasion), version, strict=strict)


def _parse(body: bytes, strict: bool, version: Version) -> ParsedRequest:
    return parsed_of(object_of(body), version, strict=strict)


_parse_again = lru_cache(maxsize=256)(_parse)
"""Retries, agents that share a prompt, and load tests send the same bytes over and over."""


def parse_counted(body: bytes, version: Version, *, strict: bool) -> ParsedRequest:
    """Understand the body of a request to count its tokens, which has no `max_tokens`.

    Raises:
        Refused: with the API's status and text.
    """
    data = object_of(body)
    if strict:
        check_keys(data, version, COUNTED_KEYS)
    return parsed_of({"max_tokens": 1, **data}, version, strict=strict, limited=False)


def object_of(body: bytes) -> JsonObject:
    """The object that a body holds.

    Raises:
        Refused: it is not a JSON object, or nested too deeply.
    """
    try:
        data = decode(body)
    except NotJson as error:
        raise refused(f"The request body is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise refused("The request body is not valid JSON: expected an object")
    if body.count(b"{") + body.count(b"[") > DEEPEST and is_too_deep(data):
        raise refused("The request body is nested too deeply: at most 254 levels are read.")
    return data


def parsed_of(data: JsonObject, version: Version, *, strict: bool, limited: bool = True) -> ParsedRequest:
    """Understand a request's JSON; `limited`: its prompt must fit into the model's context.

    Raises:
        Refused: with the API's status and text.
    """
    for key in ("model", "messages"):
        if data.get(key) is None:
            raise required(key)
    if data.get("thread") is not None:
        raise _no_threads()
    family = claude_family(str(data["model"]))
    if strict:
        _check(data, family, version)
    messages = data["messages"] if isinstance(data["messages"], list) else [data["messages"]]
    tools = read_tools(data.get("tools"))
    request = ChatRequest(
        str(data["model"]),
        read_messages(data.get("system"), messages),
        tools,
        read_choice(data.get("tool_choice"), tools),
        is_parallel(data.get("tool_choice")),
        data.get("stream") is True,
        _options(data, strict),
        api="messages",
    )
    parsed = ParsedRequest(request, fingerprint(data), prompt_tokens(request))
    if strict and limited:
        check_length(parsed.prompt_tokens, family, version)
    return parsed


def _check(data: JsonObject, family: ClaudeFamily, version: Version) -> None:
    """The rules in the API's order: the shape of every value first, then what ties them together."""
    if data.get("max_tokens") is None:
        raise required("max_tokens")
    text_at("model", data["model"], 1)
    check_keys(data, version)
    check_messages(data["messages"], family, version)
    if data.get("system") is not None:
        check_system(data["system"])
    if data.get("tools") is not None:
        check_tools(data["tools"])
    if data.get("tool_choice") is not None:
        check_choice(data["tool_choice"], data.get("tools"))
    check_fields(data, family)
    check_cache_marks(data)
    check_conversation(data, family)


def _options(data: JsonObject, strict: bool) -> JsonObject:
    """What else was asked for, in chat completions' words where it has them."""
    found = {_NEUTRAL.get(key, key): value for key, value in data.items() if key not in _NOT_OPTIONS}
    config = data.get("output_config")
    if isinstance(config, dict):
        more = {"reasoning_effort": config.get("effort"), "response_format": config.get("format")}
        rest = {key: value for key, value in config.items() if key not in ("effort", "format")}
        found |= {key: value for key, value in more.items() if value is not None}
        found |= {"output_config": rest} if rest else {}
    form = found.get("response_format")
    if isinstance(form, dict) and form.get("type") == "json_schema" and "schema" in form:
        found["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "output", "schema": form["schema"], "strict": True},
        }
    return {key: value for key, value in found.items() if value is not None and (strict or _counts(key, value))}


def _counts(key: str, value: Any) -> bool:
    """Whether a value that was not checked can be used; one that breaks its rules counts as absent."""
    if key in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= (key == "max_tokens")
    if key == "stop":
        return isinstance(value, list) and all(isinstance(word, str) for word in value)
    return not (key == "response_format" and not isinstance(value, dict))


def _no_threads() -> Refused:
    """Held conversations are not served: the SDK's helpers go on with the whole history."""
    message = "thread: threads are not supported for this request; send the whole conversation without `thread`"
    details = {"error_code": "thread_unsupported_request", "unsupported": ["inference_hooks"]}
    return Refused(ApiError(400, message, extra={"details": details}))
