"""How many tokens a request and its reply count: an estimate that is the same everywhere and needs no download.

A token is taken as four bytes of UTF-8, rounded up; a message costs three more, a call four, as does each tool that
is offered, beside the JSON of its schema.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mockserver.chat import ChatRequest, Tool, ToolCall
from mockserver.wire.codec import encode

_BYTES_PER_TOKEN = 4
_PER_MESSAGE = 3
_PER_CALL = 4
_PER_TOOL = 4

_PROMPT_DETAILS = {"cached_tokens": 0, "audio_tokens": 0}
_COMPLETION_DETAILS = {
    "reasoning_tokens": 0,
    "audio_tokens": 0,
    "accepted_prediction_tokens": 0,
    "rejected_prediction_tokens": 0,
}


def tokens(text: str | None) -> int:
    """The estimate for one text."""
    if not text:
        return 0
    length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return (length + _BYTES_PER_TOKEN - 1) // _BYTES_PER_TOKEN


def prompt_tokens(request: ChatRequest) -> int:
    """The tokens that the request itself costs."""
    spent = _PER_MESSAGE
    for message in request.messages:
        spent += _PER_MESSAGE + tokens(message.content)
        if message.tool_calls:
            spent += _call_tokens(message.tool_calls)
    for tool in request.tools:
        spent += _tool_tokens(tool)
    return spent


def completion_tokens(text: str | None, refusal: str | None, calls: Iterable[ToolCall]) -> int:
    """The tokens that the model spends on what it says."""
    return tokens(text) + tokens(refusal) + _call_tokens(calls)


def _call_tokens(calls: Iterable[ToolCall]) -> int:
    return sum([_PER_CALL + tokens(call.name) + tokens(call.arguments) for call in calls])


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
def _tool_tokens(tool: Tool) -> int:
    schema = encode(tool.parameters).decode() if tool.parameters is not None else ""
    return _PER_TOOL + tokens(tool.name) + tokens(tool.description) + tokens(schema)
