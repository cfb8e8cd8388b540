"""The API's checks of a request as a whole: known keys, each parameter, and what only makes sense together."""

from typing import Any

from mockserver.chat import ApiError
from mockserver.wire.chat_completions.conversation import check_conversation
from mockserver.wire.chat_completions.parameters import PARAMETERS
from mockserver.wire.families import Family
from mockserver.wire.refusal import Refused, invalid, out_of_range, unknown

KNOWN = frozenset({"model", "messages", "tools", "tool_choice", "functions", "function_call"}) | PARAMETERS.keys()
"""Every key that a request may have."""

_ORDER = {key: place for place, key in enumerate(PARAMETERS)}
_BY_FAMILY = frozenset({"n", "max_tokens", "max_completion_tokens", "modalities"})
_PAIRED = frozenset({"stream_options", "top_logprobs", "parallel_tool_calls", "functions"})


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
            raise _unknown(key, family)


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


def check_together(data: dict[str, Any], prompt_tokens: int, family: Family) -> None:
    """The rules that tie keys, messages, and the model's limits together; they come after those of each key.

    Raises:
        Refused: they do not go together.
    """
    if data.keys() & _PAIRED:
        _check_pairs(data, family)
    check_conversation(data["messages"], family)
    if family.context is not None and prompt_tokens > family.context:
        text = (
            f"This model's maximum context length is {family.context} tokens. However, your messages resulted in "
            f"{prompt_tokens} tokens. Please reduce the length of the messages."
        )
        raise invalid(text, "messages", "context_length_exceeded")


def _unknown(key: str, family: Family) -> Refused:
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


def _check_pairs(data: dict[str, Any], family: Family) -> None:
    """Parameters that only make sense beside another one."""
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
