"""A request's bytes → ChatRequest, checked as the API checks them and in the same order."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mockserver.chat import ApiError, ChatRequest, Tool, ToolChoice
from mockserver.wire.chat_completions.messages import check_conversation, check_messages, read_messages
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.chat_completions.reasoning import SAMPLING, check_effort, check_sampling
from mockserver.wire.chat_completions.tool_choice import (
    check_function_call,
    check_tool_choice,
    read_function_call,
    read_tool_choice,
)
from mockserver.wire.chat_completions.tools import read_tools
from mockserver.wire.codec import DEEPEST, NotJson, decode, encode, is_too_deep
from mockserver.wire.dialect import ParsedRequest
from mockserver.wire.identity import fingerprint
from mockserver.wire.models import Family, family
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.refusal import (
    Refused,
    invalid,
    missing,
    no_functions,
    no_model,
    not_json,
    out_of_range,
    too_deep,
    unknown,
)
from mockserver.wire.tokens import prompt_tokens

KNOWN = frozenset({"model", "messages", "tools", "tool_choice", "functions", "function_call"}) | PARAMETERS.keys()
"""Every key that a request may have."""

_ORDER = {key: place for place, key in enumerate(PARAMETERS)}
_BY_FAMILY = frozenset({"n", "max_tokens", "max_completion_tokens", "modalities"})
_PAIRED = frozenset({"reasoning_effort", "stream_options", "top_logprobs", "parallel_tool_calls", "functions"})
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
    choice = _choice(data, tools, legacy, strict)
    if checked is not None:
        check_pairs(data, checked)
        check_conversation(data["messages"], checked)
    request = ChatRequest(
        str(data["model"]),
        read_messages(data["messages"]),
        tools,
        choice,
        data.get("parallel_tool_calls") is not False and not legacy,
        data.get("stream") is True,
        {key: value for key, value in data.items() if key not in _NOT_OPTIONS and _counts(key, value, strict)},
        legacy,
    )
    parsed = ParsedRequest(request, fingerprint(data), prompt_tokens(request))
    if checked is not None:
        fits = checked.context is None or parsed.prompt_tokens <= checked.context
        if not (fits and checked.functions):
            _check_model(parsed, checked)
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
    if given is None:
        return ToolChoice("auto" if tools else "none")
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


def check_keys(data: dict[str, Any], family: Family) -> None:
    """Whether every key is one of the API's, or of another service's, where the family has models of others.

    Raises:
        Refused: one is not.
    """
    if data.keys() <= KNOWN:
        return
    from mockserver.wire.chat_completions.foreign_keys import FOREIGN  # most requests have no such key

    known = KNOWN | FOREIGN if family.foreign_keys else KNOWN
    for key in data:
        if key not in known:
            raise _unknown_key(key, family)


def check_fields(data: dict[str, Any], family: Family) -> None:
    """The rules for each key beside messages and tools, in the API's order: the first mistake is the one told.

    Raises:
        Refused: a value breaks the rules of its key.
    """
    for key in sorted(data.keys() & _ORDER.keys(), key=_ORDER.__getitem__):
        if data[key] is not None:
            PARAMETERS[key](key, data[key])
            if key in _BY_FAMILY:
                _check_for_family(key, data[key], family)
            elif key in SAMPLING:
                check_sampling(key, data, family)


def check_pairs(data: dict[str, Any], family: Family) -> None:
    """The rules for parameters that only make sense beside another one; they come after those of each key.

    Raises:
        Refused: they do not go together.
    """
    if not data.keys() & _PAIRED:
        return
    check_effort(data, family)
    if data.get("stream_options") is not None and data.get("stream") is not True:
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    if data.get("top_logprobs") is not None and data.get("logprobs") is not True:
        raise invalid("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs")
    if data.get("parallel_tool_calls") is not None and data.get("tools") is None and family.older:
        text = "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are "
        raise invalid(text + "specified.", "parallel_tool_calls")
    if data.get("functions") is not None and data.get("tools") is not None:
        # The real text is not known; a request with both forms has no answer in either.
        raise Refused(ApiError(400, "Invalid value for 'functions': 'functions' and 'tools' are two forms of the same, "
                               "and only one of them may be given.", param="functions"))  # fmt: skip


def _check_model(parsed: ParsedRequest, family: Family) -> None:
    """What the model can take: a prompt of this length, and tools."""
    if family.context is not None and parsed.prompt_tokens > family.context:
        text = (
            f"This model's maximum context length is {family.context} tokens. However, your messages resulted in "
            f"{parsed.prompt_tokens} tokens. Please reduce the length of the messages."
        )
        raise invalid(text, "messages", "context_length_exceeded")
    if parsed.request.tools and not family.functions:
        raise no_functions("functions" if parsed.request.legacy else "tools")


def _unknown_key(key: str, family: Family) -> Refused:
    if not family.older:
        return unknown(key)
    return invalid(f"Unrecognized request argument supplied: {key}")


def _check_for_family(key: str, value: Any, family: Family) -> None:
    """What one family of models takes and another does not."""
    if key == "n":
        if value > family.choices:
            raise out_of_range("n", value, 1, family.choices, "integer")
    elif key == "modalities":
        if "audio" in value:
            text = "Unsupported value: 'modalities' does not support 'audio' with this model."
            raise invalid(text, "modalities", "unsupported_value")
    elif key == "max_tokens" and not family.max_tokens:
        text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
        raise invalid(text + "instead.", "max_tokens", "unsupported_parameter")
    elif family.output is not None and value > family.output:
        text = f"{key} is too large: {value}. This model supports at most {family.output} completion tokens, "
        raise invalid(text + f"whereas you provided {value}.", key)
