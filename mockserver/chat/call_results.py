"""Which results answer which calls, told from the messages alone."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.chat import Message, ToolCall


def blocks(messages: "Sequence[Message]") -> "list[Sequence[Message]]":
    """The conversation in blocks, each of which begins with a message of the model: its calls are answered there."""
    starts = [index for index, message in enumerate(messages) if message.role == "assistant"]
    return [messages[start:end] for start, end in pairwise([*dict.fromkeys((0, *starts)), len(messages)])]


def answers(calls: "Sequence[ToolCall]", results: "Sequence[Message]") -> "tuple[list[list[Message]], list[Message]]":
    """For each call the results that answer it (one, when all is well), and the results that answer none of them.

    The id decides. Where the call or the result has none, as in Gemini and Ollama, name and order do.
    """
    found: list[list[Message]] = [[] for _ in calls]
    without: list[Message] = []
    for result in results:
        place = _place(result, calls, found)
        (without if place is None else found[place]).append(result)
    return found, without


def _place(result: "Message", calls: "Sequence[ToolCall]", found: "Sequence[Sequence[Message]]") -> int | None:
    by_id = [at for at, call in enumerate(calls) if call.id and call.id == result.tool_call_id]
    if by_id:
        return by_id[0]
    open_to = [at for at, call in enumerate(calls) if not (call.id and result.tool_call_id)]
    named = [at for at in open_to if result.name is None or calls[at].name == result.name]
    # More results than calls of that name answer the last of them again.
    return next((at for at in named if not found[at]), named[-1] if named else None)
