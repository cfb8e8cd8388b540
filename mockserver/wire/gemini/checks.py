"""The service's checks of a request: fields and their types, then what ties the contents together."""

import re
from typing import Any

from mockserver.chat import Tool
from mockserver.wire.gemini.contents import MODEL, Turn, listed, turns_of
from mockserver.wire.gemini.functions import check_choice, check_functions
from mockserver.wire.gemini.refusal import (
    CALL_PLACE,
    CORRUPTED,
    JSON_WITH_CALLS,
    RESPONSE_COUNT,
    RESPONSE_PLACE,
    ROLES,
    broken_rule,
    invalid_value,
    refused,
    snake,
    unknown_name,
    unsigned,
)
from mockserver.wire.gemini.signatures import is_signed, is_sound

JsonObject = dict[str, Any]

_REQUEST = frozenset(
    {"model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings",
     "cachedContent", "labels", "serviceTier", "store", "modelArmorConfig"}
)  # fmt: skip
_NUMBER, _INTEGER, _TEXT, _FLAG = "TYPE_FLOAT", "TYPE_INT32", "TYPE_STRING", "TYPE_BOOL"
_KINDS = {_NUMBER: (int, float), _INTEGER: (int,), _TEXT: (str,), _FLAG: (bool,)}
_CONFIG: dict[str, str | None] = {
    **dict.fromkeys(("temperature", "topP", "topK", "presencePenalty", "frequencyPenalty"), _NUMBER),
    **dict.fromkeys(("maxOutputTokens", "candidateCount", "seed", "logprobs"), _INTEGER),
    "responseMimeType": _TEXT,
    "responseLogprobs": _FLAG,
    **dict.fromkeys(
        ("stopSequences", "responseSchema", "responseJsonSchema", "responseModalities", "thinkingConfig",
         "speechConfig", "imageConfig", "mediaResolution", "routingConfig", "modelSelectionConfig", "audioTimestamp",
         "enableEnhancedCivicAnswers", "modelConfig", "responseFormat", "translationConfig")
    ),
}  # fmt: skip
_WITHOUT_JSON_CALLS = re.compile(r"gemini-[12]")


def check_request(data: JsonObject, model: str, tools: tuple[Tool, ...]) -> None:
    """The rules in the service's order.

    Raises:
        Refused: one is broken.
    """
    for key in data:
        if key not in _REQUEST:
            raise unknown_name(key, "")
    _check_config(data.get("generationConfig"))
    check_functions(data.get("tools"))
    check_choice(data.get("toolConfig"), tools)
    contents = data.get("contents")
    if not listed(contents):
        raise broken_rule("contents", "contents is not specified")
    _check_contents(listed(contents))
    turns = turns_of(contents)
    _check_calls(turns)
    _check_signatures(turns, model)
    config = data.get("generationConfig") or {}
    if tools and config.get("responseMimeType") == "application/json" and _WITHOUT_JSON_CALLS.match(model):
        raise refused(JSON_WITH_CALLS)


def _check_config(config: Any) -> None:
    if config is None:
        return
    if not isinstance(config, dict):
        raise invalid_value("generation_config", "GenerationConfig", config)
    for key, value in config.items():
        if key not in _CONFIG:
            raise unknown_name(key, "generation_config")
        kind = _CONFIG[key]
        if value is None or kind is None:
            continue
        is_flag = isinstance(value, bool)
        if not isinstance(value, _KINDS[kind]) or is_flag is not (kind == _FLAG):
            raise invalid_value(f"generation_config.{snake(key)}", kind, value)
    low, high = 0, 2
    if config.get("temperature") is not None and not low <= config["temperature"] <= high:
        raise broken_rule("generation_config.temperature", f"must be in the range [{low:.1f}, {high:.1f}]")


def _check_contents(contents: list[Any]) -> None:
    for place, content in enumerate(contents):
        if isinstance(content, str):
            continue
        if not isinstance(content, dict):
            raise invalid_value(f"contents[{place}]", "Content", content)
        if content.get("role") not in (None, "", "user", MODEL, "function"):
            raise refused(ROLES)
        for index, part in enumerate(listed(content.get("parts"))):
            if not isinstance(part, dict):
                raise invalid_value(f"contents[{place}].parts[{index}]", "Part", part)
            if not isinstance(part.get("text"), str | None):
                raise invalid_value(f"contents[{place}].parts[{index}].text", _TEXT, part["text"])
        if content.get("role") != MODEL and not listed(content.get("parts")):
            raise broken_rule(f"contents[{place}].parts", "contents.parts must not be empty.")


def _check_calls(turns: list[Turn]) -> None:
    """Calls come after the user or a result, and each is answered in the next turn."""
    open_calls = 0
    for place, turn in enumerate(turns):
        calls = sum(isinstance(part.get("functionCall"), dict) for part in turn.parts)
        results = sum(isinstance(part.get("functionResponse"), dict) for part in turn.parts)
        if turn.role == MODEL:
            if calls and not place:
                raise refused(CALL_PLACE)
            open_calls = calls
            continue
        if results and not open_calls:
            raise refused(RESPONSE_PLACE)
        if results != open_calls:
            raise refused(RESPONSE_COUNT)
        open_calls = 0


def _check_signatures(turns: list[Turn], model: str) -> None:
    """Since the user spoke last, the first call of each turn has its signature, and none was changed."""
    if not is_signed(model):
        return
    last = max((place for place, turn in enumerate(turns) if _speaks(turn)), default=-1)
    for place, turn in enumerate(turns[last + 1 :], last + 2):
        if turn.role != MODEL:
            continue
        first = next((part for part in turn.parts if isinstance(part.get("functionCall"), dict)), None)
        if first is not None and not first.get("thoughtSignature"):
            raise unsigned(str(first["functionCall"].get("name")), place)
        signatures = [part["thoughtSignature"] for part in turn.parts if isinstance(part.get("thoughtSignature"), str)]
        if not all(is_sound(signature) for signature in signatures):
            raise refused(CORRUPTED)


def _speaks(turn: Turn) -> bool:
    """Whether a turn is the user's own words, and not only results."""
    return turn.role != MODEL and any("functionResponse" not in part for part in turn.parts)
