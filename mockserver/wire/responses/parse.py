"""A request's bytes → ChatRequest, checked as the API checks them and in the same order."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mockserver.chat import ChatRequest
from mockserver.wire.codec import DEEPEST, NotJson, decode, is_too_deep
from mockserver.wire.dialect import Held, ParsedRequest
from mockserver.wire.identity import fingerprint
from mockserver.wire.models import Family, family
from mockserver.wire.provider import Occasion, Provider
from mockserver.wire.refusal import Refused, invalid, missing, no_functions, not_json, too_deep, wrong_type
from mockserver.wire.responses.item_checks import check_conversation, check_input, check_stored
from mockserver.wire.responses.items import items_of, kind_of, messages_of
from mockserver.wire.responses.options import check_options, neutral_options
from mockserver.wire.responses.tools import check_tool_choice, read_tool_choice, read_tools
from mockserver.wire.tokens import prompt_tokens

JsonObject = dict[str, Any]

MODEL = "gpt-4o"
"""The model of a request that names none, where checks are lenient."""
_OFTEN_SEEN = 16 * 1024


def parse(
    body: bytes, *, strict: bool = True, provider: Provider | None = None, occasion: Occasion | None = None
) -> ParsedRequest:
    """Understand the body of a request to create a response.

    `strict` refuses what the API refuses; otherwise only what cannot be answered at all is refused: text that is not a
    JSON object. What continues a conversation that the server holds says so in `held`.

    Raises:
        Refused: with the API's status, text, param and code.
    """
    del provider, occasion
    return _parse_again(body, strict) if len(body) <= _OFTEN_SEEN else _parse(body, strict)


def _parse(body: bytes, strict: bool) -> ParsedRequest:
    data = _object(body)
    checked = _checked(data) if strict else None
    tools = read_tools(data.get("tools"), checked)
    if checked is not None:
        check_options(data, data["model"])
        if data.get("tool_choice") is not None:
            check_tool_choice(data["tool_choice"], tools, data.get("tools"))
    request = ChatRequest(
        _model(data),
        messages_of(data.get("instructions"), items_of(data.get("input"))),
        tools,
        read_tool_choice(data.get("tool_choice"), tools),
        data.get("parallel_tool_calls") is not False,
        data.get("stream") is True,
        neutral_options(data, checked=strict),
        api="responses",
    )
    held = _held(data)
    if strict and held is None:
        check_conversation(items_of(data.get("input")))
    parsed = ParsedRequest(request, fingerprint(data), prompt_tokens(request), body=data, held=held)
    if checked is not None and held is None:
        check_model(parsed, checked)
    return parsed


_parse_again = lru_cache(maxsize=256)(_parse)
"""Retries and load tests send the same bytes over and over."""


def continued(
    parsed: ParsedRequest, before: Sequence[JsonObject], known: frozenset[str], *, strict: bool
) -> ParsedRequest:
    """The request with the items of the conversation that it continues; `known` are the ids of all stored items.

    Raises:
        Refused: the items do not go together, or one that is named by its id alone is not stored.
    """
    data = parsed.body or {}
    own = items_of(data.get("input"))
    items = [*before, *own]
    if strict:
        check_stored(own, known)
        check_conversation([item for item in items if kind_of(item) != "item_reference"])
    request = parsed.request
    joined = ChatRequest(
        request.model,
        messages_of(data.get("instructions"), items),
        request.tools,
        request.tool_choice,
        request.parallel_tool_calls,
        request.stream,
        request.options,
        api="responses",
    )
    found = ParsedRequest(joined, parsed.fingerprint, prompt_tokens(joined), body=data, held=parsed.held)
    if strict:
        check_model(found, family(joined.model))
    return found


def check_model(parsed: ParsedRequest, family: Family) -> None:
    """Whether the model calls functions, where tools are offered, and the input fits into what it can read.

    Raises:
        Refused: it does not, and `truncation` is not `auto`.
    """
    if parsed.request.tools and not family.functions:
        raise no_functions("tools")
    if family.context is None or parsed.prompt_tokens <= family.context:
        return
    if (parsed.body or {}).get("truncation") != "auto":
        text = "Your input exceeds the context window of this model. Please adjust your input and try again."
        raise invalid(text, "input", "context_length_exceeded")


def _object(body: bytes) -> JsonObject:
    try:
        data = decode(body)
    except NotJson:
        raise not_json() from None
    if not isinstance(data, dict):
        raise not_json()
    if body.count(b"{") + body.count(b"[") > DEEPEST and is_too_deep(data):
        raise too_deep()
    return data


def _checked(data: JsonObject) -> Family:
    """The model's family, once the model and the input have been checked."""
    model = data.get("model")
    if model is None and data.get("prompt") is None:
        raise missing("model")
    if not isinstance(model, str | None):
        raise wrong_type("model", "a string", model)
    if model == "":
        raise missing("model")
    if data.get("input") is not None:
        check_input(data["input"])
    elif all(data.get(key) is None for key in ("previous_response_id", "prompt", "conversation", "messages")):
        raise _no_input()
    data["model"] = _model(data)
    return family(data["model"])


def _no_input() -> Refused:
    text = "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided."
    return invalid(text, "input", "missing_required_parameter")


def _model(data: JsonObject) -> str:
    model = data.get("model")
    return model if isinstance(model, str) and model else MODEL


def _held(data: JsonObject) -> Held | None:
    """What the request leaves to the server; None where it holds its whole conversation itself."""
    previous, conversation = data.get("previous_response_id"), data.get("conversation")
    named = conversation.get("id") if isinstance(conversation, dict) else conversation
    named = named if isinstance(named, str) else None
    previous = previous if isinstance(previous, str) else None
    refers = any(
        kind_of(item) in ("item_reference", "reasoning") and "encrypted_content" not in item
        for item in items_of(data.get("input"))
    )
    return Held(previous, named) if previous is not None or named is not None or refers else None
