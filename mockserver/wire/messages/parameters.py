"""The keys of a request beside its messages and tools: checked as the API checks them."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.wire.messages.families import ClaudeFamily
from mockserver.wire.messages.refusal import (
    at,
    extra,
    list_at,
    missing_tag,
    not_one_of,
    number_at,
    object_at,
    refused,
    required,
    text_at,
    unknown_tag,
)
from mockserver.wire.messages.versions import Version

JsonObject = dict[str, Any]

_KEYS = frozenset(
    "model messages max_tokens system tools tool_choice stream stop_sequences thinking output_config metadata "
    "service_tier cache_control container diagnostics speed inference_geo temperature top_p top_k thread "
    "billing_policy context_management mcp_servers compaction fallbacks fallback_credit_token output_format".split()
)
COUNTED_KEYS = frozenset(
    "model messages system tools tool_choice thinking output_config cache_control context_management mcp_servers "
    "speed output_format compaction diagnostics container metadata".split()
)
"""The keys of a request to count tokens."""

_THINKING = ("adaptive", "between_tools", "disabled", "enabled")
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_LEAST_BUDGET = 1024
_MOST_METADATA = 256
_LONGER_CONTEXT = 1_000_000


def check_keys(data: JsonObject, version: Version, known: frozenset[str] = _KEYS) -> None:
    """Every key must be one that the API has in this version and with these betas.

    Raises:
        Refused: one is not.
    """
    for key in data:
        if key not in known or not version.takes(key):
            raise extra(key)


def check_fields(data: JsonObject, family: ClaudeFamily) -> None:
    """The rules for each key.

    Raises:
        Refused: a value breaks the rules of its key.
    """
    for key, check in _CHECKS.items():
        if data.get(key) is not None:
            check(key, data[key])
    if data.get("thinking") is not None:
        _check_thinking(data["thinking"], data, family)
    most = family.output
    if isinstance(data.get("max_tokens"), int) and most is not None and data["max_tokens"] > most:
        raise refused(
            f"max_tokens: {data['max_tokens']} > {most}, which is the maximum allowed number of output tokens for "
            f"{data['model']}"
        )


def check_length(prompt_tokens: int, family: ClaudeFamily, version: Version) -> None:
    """The prompt must fit into the model's context.

    Raises:
        Refused: it is longer.
    """
    longer = any(beta.startswith("context-1m") for beta in version.betas)
    most = _LONGER_CONTEXT if longer else family.context
    if most is not None and prompt_tokens > most:
        raise refused(f"prompt is too long: {prompt_tokens} tokens > {most} maximum")


def _stop_sequences(key: str, value: Any) -> None:
    for place, text in enumerate(list_at(key, value)):
        if not text_at(f"{key}.{place}", text).strip():
            raise at(f"{key}.{place}", "each stop sequence must contain non-whitespace")


def _text(key: str, value: Any) -> None:
    text_at(key, value)


def _flag(key: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise at(key, "Input should be a valid boolean")


def _metadata(key: str, value: Any) -> None:
    user = object_at(key, value).get("user_id")
    for name in value:
        if name != "user_id":
            raise extra(f"{key}.{name}")
    if user is not None and len(text_at(f"{key}.user_id", user)) > _MOST_METADATA:
        raise at(f"{key}.user_id", f"String should have at most {_MOST_METADATA} characters")


def _output_config(key: str, value: Any) -> None:
    effort = object_at(key, value).get("effort")
    if effort is not None and effort not in _EFFORTS:
        raise not_one_of(f"{key}.effort", _EFFORTS)
    if value.get("format") is not None:
        _format(f"{key}.format", value["format"])


def _format(path: str, value: Any) -> None:
    kind = object_at(path, value).get("type")
    if kind != "json_schema":
        raise required(f"{path}.type") if kind is None else not_one_of(f"{path}.type", ("json_schema",))
    if value.get("schema") is None:
        raise required(f"{path}.schema")
    object_at(f"{path}.schema", value["schema"])


def _one_of(*words: str) -> Callable[[str, Any], None]:
    def check(key: str, value: Any) -> None:
        if value not in words:
            raise not_one_of(key, words)

    return check


_CHECKS: Mapping[str, Callable[[str, Any], None]] = {
    "max_tokens": lambda key, value: number_at(key, value, 0),
    "stream": _flag,
    "stop_sequences": _stop_sequences,
    "temperature": lambda key, value: number_at(key, value, 0, 1, whole=False),
    "top_p": lambda key, value: number_at(key, value, 0, 1, whole=False),
    "top_k": lambda key, value: number_at(key, value, 0),
    "metadata": _metadata,
    "service_tier": _one_of("auto", "standard_only"),
    "speed": _one_of("standard", "fast"),
    "output_config": _output_config,
    "output_format": _format,
    "inference_geo": _text,
}


def _check_thinking(value: Any, data: JsonObject, family: ClaudeFamily) -> None:
    kind = object_at("thinking", value).get("type")
    if kind is None:
        raise missing_tag("thinking")
    if kind not in _THINKING:
        raise unknown_tag("thinking", kind, _THINKING)
    if kind == "adaptive" and not family.adaptive:
        raise refused("adaptive thinking is not supported on this model")
    if value.get("display") not in (None, "summarized", "omitted"):
        raise not_one_of(f"thinking.{kind}.display", ("summarized", "omitted"))
    if kind != "enabled":
        return
    if not family.budgets:
        raise refused(
            '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
            '"output_config.effort" to control thinking behavior.'
        )
    budget = value.get("budget_tokens")
    if budget is None:
        raise required("thinking.enabled.budget_tokens")
    number_at("thinking.enabled.budget_tokens", budget, _LEAST_BUDGET)
    if isinstance(data.get("max_tokens"), int) and budget >= data["max_tokens"]:
        raise refused(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
            "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size"
        )
    choice = data.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") in ("any", "tool"):
        raise refused("Thinking may not be enabled when tool_choice forces tool use.")
    if data.get("temperature") not in (None, 1):
        raise refused(
            "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at "
            "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-"
            "extended-thinking"
        )
