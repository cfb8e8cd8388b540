"""Where a model stops in the middle of what it says."""

import re
from dataclasses import replace
from random import Random

from mockserver.chat import Reply, ToolCall
from mockserver.faults.fault import DoesNotApply

_INSIDE_A_STRING = re.compile(r'(?<=[:\[,])\s*"(?:[^"\\]|\\.)(?=[^"])')


def cut_arguments(text: str, chance: Random) -> str:
    """A proper start of the text that ends inside a string value where there is one, else before the last bracket.

    Raises:
        DoesNotApply: the text is too short to be cut.
    """
    ends = [match.end() for match in _INSIDE_A_STRING.finditer(text)]
    if ends:
        return text[: chance.choice(ends)]
    if len(text.strip()) < 2:
        raise DoesNotApply("the arguments are too short to be cut")
    return text.rstrip()[:-1].rstrip()


def cut_mid_way(reply: Reply, chance: Random) -> Reply:
    """The reply up to somewhere in its last call's arguments, or in its text when it calls nothing.

    Raises:
        DoesNotApply: there is nothing to cut.
    """
    if reply.calls:
        *whole, last = reply.calls
        return replace(reply, calls=(*whole, _cut_call(last, chance)))
    if not reply.text or len(reply.text) < 2:
        raise DoesNotApply("the text is too short to be cut")
    return replace(reply, text=reply.text[: chance.randrange(1, len(reply.text))])


def _cut_call(call: ToolCall, chance: Random) -> ToolCall:
    return replace(call, arguments=cut_arguments(call.arguments, chance))
