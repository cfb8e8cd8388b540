"""Which tool result answers which call, told from one request alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver.chat import Message, ToolCall, tool_results


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back; `tool` is "" when the conversation does not tell which tool it was."""

    tool: str
    content: str


def results_of(messages: Sequence[Message]) -> tuple[Result, ...]:
    """The tool results among the messages, in the order of the calls that they answer.

    A result belongs to the call with its id, of those made by the assistant message before it: ids are the client's
    own and may come again later. Without an id the tool's name decides.
    """
    starts = [index for index, message in enumerate(messages) if message.role == "assistant"]
    blocks = zip([0, *starts], [*starts, len(messages)], strict=True)
    return tuple(result for start, end in blocks for result in _paired(messages[start:end]))


def readable(content: str) -> str:
    r"""The content as a person would write it: JSON with `\u00fc` spelled out as ü; anything else as it is."""
    if "\\u" not in content:
        return content
    try:
        return json.dumps(json.loads(content), ensure_ascii=False)
    except ValueError:
        return content


def _paired(block: Sequence[Message]) -> Iterator[Result]:
    left = list(tool_results(block))
    for call in block[0].tool_calls if block else ():
        answer = _answer(call, left)
        if answer is not None:
            left.remove(answer)
            yield Result(call.name, answer.content or "")
    yield from (Result(message.name or "", message.content or "") for message in left)


def _answer(call: ToolCall, results: Sequence[Message]) -> Message | None:
    by_id = (result for result in results if call.id and result.tool_call_id == call.id)
    by_name = (result for result in results if not result.tool_call_id and result.name == call.name)
    return next(by_id, None) or next(by_name, None)
