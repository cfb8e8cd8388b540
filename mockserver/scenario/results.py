"""Which tool result answers which call, told from one request alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver.chat import Message, tool_results
from mockserver.chat.results import answers, blocks


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back; `tool` is "" when the conversation does not tell which tool it was."""

    tool: str
    content: str


def results_of(messages: Sequence[Message]) -> tuple[Result, ...]:
    """The tool results among the messages, in the order of the calls that they answer.

    A result belongs to the call with its id, of those made by the assistant message before it: ids are the client's
    own and may come again later. Where either side has no id, name and order decide.
    """
    return tuple(result for block in blocks(messages) for result in _paired(block))


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
    calls = block[0].tool_calls if block else ()
    found, _ = answers(calls, left)
    for call, (answer, *_) in ((call, given) for call, given in zip(calls, found, strict=True) if given):
        left.remove(answer)
        yield Result(call.name, answer.content or "")
    yield from (Result(message.name or "", message.content or "") for message in left)
