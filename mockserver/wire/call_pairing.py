"""Ids for calls and results of APIs that have none: a result belongs to its call by id, else by name and order."""

from collections.abc import Sequence
from dataclasses import replace

from mockserver.chat import Message, tool_results
from mockserver.chat.call_results import answers, blocks


def paired(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The conversation with an id in every call, and in every result that answers one.

    Ids that came stay as they are. Others are the number of the assistant message and the place of the call, so that
    equal conversations are equal.
    """
    found: list[Message] = []
    for number, block in enumerate(blocks(messages)):
        first, *rest = block or (None,)
        if first is None or not first.tool_calls:
            found += block
            continue
        calls = tuple(
            call if call.id else replace(call, id=f"call_{number}_{place}")
            for place, call in enumerate(first.tool_calls)
        )
        answered, _ = answers(first.tool_calls, tool_results(rest))
        ids = {id(result): calls[place].id for place, results in enumerate(answered) for result in results}
        found.append(replace(first, tool_calls=calls))
        # The id says all that the name does, as in APIs that have ids alone.
        found += [replace(each, tool_call_id=ids[id(each)], name=None) if id(each) in ids else each for each in rest]
    return tuple(found)
