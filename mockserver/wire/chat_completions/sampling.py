"""The parameters that a reasoning model refuses: sampling, stop sequences, and tools beside an effort.

Sources: reports of the API's own answers. `temperature`: tmc/langchaingo#1355; `stop`: huggingface/smolagents#1671,
griptape-ai/griptape#1915; `parallel_tool_calls`: evalstate/fast-agent#279; `top_p`: HIllya51/LunaTranslator#1842;
penalties: nextai-translator/nextai-translator#1781; tools beside an effort: pipecat-ai/pipecat#4043.
"""

from typing import Any

from mockserver.wire.models import Family
from mockserver.wire.refusal import Refused, invalid

_DEFAULTS = {"top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "logprobs": False}
_UNSUPPORTED = _DEFAULTS.keys() | {"stop", "logit_bias", "top_logprobs"}
SAMPLING = frozenset(_UNSUPPORTED | {"temperature", "parallel_tool_calls"})
"""The parameters that this module judges."""


def check_sampling(key: str, data: dict[str, Any], family: Family) -> None:
    """The rule of a reasoning model for one of the parameters of sampling; its default value is always taken.

    A model whose effort is `none`, by request or by default, takes what others take.

    Raises:
        Refused: the model does not support the parameter, or not this value.
    """
    value = data[key]
    if key == "parallel_tool_calls":
        if not family.parallel_tool_calls:
            raise _unsupported(key)
    elif (data.get("reasoning_effort") or family.effort) == "none" or family.effort is None:
        return
    elif key == "temperature":
        if value != 1:
            text = f"Unsupported value: 'temperature' does not support {value} with this model. Only the default (1) "
            raise invalid(text + "value is supported.", key, "unsupported_value")
    elif key == "stop":
        if not family.stop:
            raise _unsupported(key)
    elif key not in _DEFAULTS or value != _DEFAULTS[key]:
        raise _unsupported(key)


def check_effort(data: dict[str, Any], family: Family) -> None:
    """Function tools beside an effort, which the newest models take in the Responses API only.

    Raises:
        Refused: the request has both.
    """
    if family.tools_with_effort or data.get("reasoning_effort") in (None, "none"):
        return
    tools = data.get("tools") or ()
    if data.get("functions") or any(tool.get("type") == "function" for tool in tools):
        text = f"Function tools with reasoning_effort are not supported for {data['model']} in /v1/chat/completions. "
        raise invalid(text + "Please use /v1/responses instead.", "reasoning_effort")


def _unsupported(key: str) -> Refused:
    return invalid(f"Unsupported parameter: '{key}' is not supported with this model.", key, "unsupported_parameter")
