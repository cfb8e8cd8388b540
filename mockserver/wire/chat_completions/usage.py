"""How many tokens a request and its reply count.

Texts count as `tokens` says. Beside its text a message costs three tokens more, a call four, as does each tool that is
offered, beside the JSON of its schema, and the answer's opening three. The three are those of OpenAI's published recipe
for counting chat messages; what a call and a tool cost beside their text is not published, so these are an estimate.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mockserver.chat import ChatRequest, Tool, ToolCall
from mockserver.wire.codec import encode
from mockserver.wire.tokens import Counter, counter

_PER_MESSAGE = 3
PER_CALL = 4
_PER_TOOL = 4

_PROMPT_DETAILS = {"cached_tokens": 0, "audio_tokens": 0}
_COMPLETION_DETAILS = {
    "reasoning_tokens": 0,
    "audio_tokens": 0,
    "accepted_prediction_tokens": 0,
    "rejected_prediction_tokens": 0,
}


def prompt_tokens(request: ChatRequest) -> int:
    """The tokens that the request itself costs."""
    by = counter(request.model)
    spent = _PER_MESSAGE
    for message in request.messages:
        spent += _PER_MESSAGE + (by.count(message.content) if message.content else 0)
        if message.tool_calls:
            spent += _call_tokens(message.tool_calls, by)
    for tool in request.tools:
        spent += _tool_tokens(tool, by)
    return spent


def completion_tokens(text: str | None, refusal: str | None, calls: Iterable[ToolCall], by: Counter) -> int:
    """The tokens that the model spends on what it says."""
    return by.count(text or "") + by.count(refusal or "") + _call_tokens(calls, by)


def _call_tokens(calls: Iterable[ToolCall], by: Counter) -> int:
    return sum([PER_CALL + by.count(call.name) + by.count(call.arguments) for call in calls])


def usage(prompt: int, completion: int, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The usage object of a reply; what a script gave replaces the estimate, the total follows."""
    if given:
        prompt, completion = given.get("prompt_tokens", prompt), given.get("completion_tokens", completion)
    counted = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": _PROMPT_DETAILS,
        "completion_tokens_details": _COMPLETION_DETAILS,
    }
    return {**counted, **given} if given else counted


@lru_cache(maxsize=1024)
def _tool_tokens(tool: Tool, by: Counter) -> int:
    schema = encode(tool.parameters or tool.format).decode() if tool.parameters or tool.format else ""
    return _PER_TOOL + by.count(tool.name) + by.count(tool.description) + by.count(schema)
