"""A request's bytes → ChatRequest, checked as the API checks them and in the same order."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mockserver.chat import ChatRequest, Tool, ToolChoice
from mockserver.wire.chat_completions.checks import KNOWN, check_fields, check_keys, check_together
from mockserver.wire.chat_completions.messages import check_messages, read_message
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.chat_completions.tool_choice import (
    check_function_call,
    check_tool_choice,
    read_function_call,
    read_tool_choice,
)
from mockserver.wire.chat_completions.tools import read_tools
from mockserver.wire.codec import DEEPEST, NotJson, decode, encode, is_too_deep
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.families import Family, family
from mockserver.wire.identity import fingerprint
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.refusal import Refused, invalid, missing, no_model, not_json, too_deep
from mockserver.wire.tokens import prompt_tokens

_OFTEN_SEEN = 16 * 1024
_NOT_OPTIONS = KNOWN - PARAMETERS.keys() | {"parallel_tool_calls", "stream"}

Translate = Callable[[dict[str, Any], Occasion], dict[str, Any]]


def parse(
    body: bytes, *, strict: bool = True, provider: Provider | None = None, occasion: Occasion | None = None
) -> ParsedRequest:
    """Understand the body of a chat completion request.

    `strict` refuses what the API refuses; otherwise only what cannot be answered at all is refused: text that is
    not a JSON object, a missing model, missing messages. What only a provider's clients say is translated first.

    Raises:
        Refused: with the API's status, text, param and code, or the provider's.
    """
    if provider is not None and provider.hear is not None and occasion is not None:
        return _parse_translated(body, strict, provider.hear, occasion)
    return _parse_again(body, strict) if len(body) <= _OFTEN_SEEN else _parse(body, strict)


def _parse_translated(body: bytes, strict: bool, translate: Translate, occasion: Occasion) -> ParsedRequest:
    try:
        data = decode(body)
    except NotJson:
        data = None
    if not isinstance(data, dict):
        return parse(body, strict=strict)
    try:
        translated = translate(data, occasion)
    except Refused:
        if strict:
            raise
        translated = data
    return parse(encode(translated), strict=strict)


def _parse(body: bytes, strict: bool) -> ParsedRequest:
    data = _object(body)
    checked = _checked(data) if strict else None
    legacy = data.get("functions") is not None and (strict or not data.get("tools"))
    tools = read_tools(data.get("functions" if legacy else "tools"), checked, legacy=legacy)
    if checked is not None:
        check_fields(data, checked)
    messages = data["messages"] if isinstance(data["messages"], list) else [data["messages"]]
    request = ChatRequest(
        str(data["model"]),
        tuple([read_message(entry) for entry in messages]),
        tools,
        _choice(data, tools, legacy, strict),
        data.get("parallel_tool_calls") is not False and not legacy,
        data.get("stream") is True,
        {key: value for key, value in data.items() if key not in _NOT_OPTIONS and _counts(key, value, strict)},
        legacy,
    )
    parsed = ParsedRequest(request, fingerprint(data), prompt_tokens(request))
    if checked is not None:
        check_together(data, parsed.prompt_tokens, checked)
    return parsed


_parse_again = lru_cache(maxsize=256)(_parse)
"""Retries, agents that share a prompt, and load tests send the same bytes over and over."""


def _choice(data: dict[str, Any], tools: tuple[Tool, ...], legacy: bool, strict: bool) -> ToolChoice:
    """The choice among the tools, in whichever form it was given."""
    key = "function_call" if legacy else "tool_choice"
    given = data.get(key)
    if strict:
        if given is not None:
            (check_function_call if legacy else check_tool_choice)(given, tools)
        if not legacy and data.get("function_call") is not None:
            check_function_call(data["function_call"], ())
        if legacy and data.get("tool_choice") is not None:
            check_tool_choice(data["tool_choice"], ())
    return (read_function_call if legacy else read_tool_choice)(given, tools)


def _counts(key: str, value: Any, checked: bool) -> bool:
    """Whether a parameter was given; one that breaks its rules and was not refused for it counts as absent."""
    if value is None:
        return False
    if not checked and key in PARAMETERS:
        try:
            PARAMETERS[key](key, value)
        except Refused:
            return False
    return True


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = decode(body)
    except NotJson:
        raise not_json() from None
    if not isinstance(data, dict):
        raise not_json()
    if body.count(b"{") + body.count(b"[") > DEEPEST and is_too_deep(data):
        raise too_deep()
    if data.get("model") is None:
        raise no_model()
    if data.get("messages") is None:
        raise missing("messages")
    return data


def _checked(data: dict[str, Any]) -> Family:
    """The model's family, once the keys and the messages have been checked."""
    if not isinstance(data["model"], str):
        raise invalid("model parameter must be a string")
    if not data["model"]:
        raise no_model()
    found = family(data["model"])
    check_keys(data, found)
    check_messages(data["messages"], found)
    return found
