"""A request's bytes → ChatRequest, checked as the API checks them and in the same order."""

from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.chat import ChatRequest
from mockserver.wire.codec import NotJson, decode
from mockserver.wire.conversation import check_conversation
from mockserver.wire.identity import fingerprint
from mockserver.wire.messages import check_messages, read_message
from mockserver.wire.parameters import PARAMETERS
from mockserver.wire.refusal import Refused, invalid, missing, not_json
from mockserver.wire.tools import check_tool_choice, read_tool_choice, read_tools
from mockserver.wire.usage import prompt_tokens

_OFTEN_SEEN = 16 * 1024
_ELSEWHERE = frozenset({"model", "messages", "tools", "tool_choice", "functions", "function_call"})
_KNOWN = _ELSEWHERE | PARAMETERS.keys()
_ORDER = {key: place for place, key in enumerate(PARAMETERS)}
_NOT_OPTIONS = frozenset({"model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream"})
_PAIRED = frozenset({"stream_options", "top_logprobs", "parallel_tool_calls", "functions", "function_call"})


class Heard(NamedTuple):
    """A request as it was understood, the fingerprint that tells it from every other one, and what it costs."""

    request: ChatRequest
    fingerprint: bytes
    prompt_tokens: int


def read(body: bytes, *, strict: bool = True) -> Heard:
    """Understand the body of a chat completion request.

    `strict` refuses what the API refuses; otherwise only what cannot be answered at all is refused: text that is
    not a JSON object, a missing model, missing messages.

    Raises:
        Refused: with the API's status, text, param and code.
    """
    return _read_again(body, strict) if len(body) <= _OFTEN_SEEN else _read(body, strict)


def _read(body: bytes, strict: bool) -> Heard:
    data = _object(body)
    if strict:
        _check(data)
    messages = data["messages"] if isinstance(data["messages"], list) else [data["messages"]]
    tools = read_tools(data.get("tools"), strict)
    if strict and data.get("tool_choice") is not None:
        check_tool_choice(data["tool_choice"], tools)
    request = ChatRequest(
        str(data["model"]),
        tuple([read_message(entry) for entry in messages]),
        tools,
        read_tool_choice(data.get("tool_choice"), tools),
        data.get("parallel_tool_calls") is not False,
        data.get("stream") is True,
        {key: value for key, value in data.items() if key not in _NOT_OPTIONS and _counts(key, value, strict)},
    )
    return Heard(request, fingerprint(data), prompt_tokens(request))


_read_again = lru_cache(maxsize=256)(_read)
"""Retries, agents that share a prompt, and load tests send the same bytes over and over."""


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
    if data.get("model") is None:
        raise invalid("you must provide a model parameter")
    if data.get("messages") is None:
        raise missing("messages")
    return data


def _check(data: dict[str, Any]) -> None:
    if not isinstance(data["model"], str):
        raise invalid("model parameter must be a string")
    if not data.keys() <= _KNOWN:
        unknown = next(key for key in data if key not in _KNOWN)
        raise invalid(f"Unrecognized request argument supplied: {unknown}")
    for key in sorted(data.keys() & _ORDER.keys(), key=_ORDER.__getitem__):
        if data[key] is not None:
            PARAMETERS[key](key, data[key])
    if data.keys() & _PAIRED:
        _check_pairs(data)
    check_messages(data["messages"])
    check_conversation(data["messages"])


def _check_pairs(data: dict[str, Any]) -> None:
    """Parameters that only make sense beside another one."""
    if data.get("stream_options") is not None and data.get("stream") is not True:
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    if data.get("top_logprobs") is not None and data.get("logprobs") is not True:
        raise invalid("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs")
    if data.get("parallel_tool_calls") is not None and data.get("tools") is None:
        text = "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are "
        raise invalid(text + "specified.", "parallel_tool_calls")
    for key in ("functions", "function_call"):
        if data.get(key) is not None:
            text = f"Unsupported parameter: '{key}' is not supported by this mock yet. Use 'tools' and 'tool_choice'."
            raise invalid(text, key, "unsupported_parameter")
