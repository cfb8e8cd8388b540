"""Families of Claude models: what each takes, by the number in its name."""

import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = re.compile(
    r"claude-(?:(?P<old>\d)(?:[.-](?P<old_minor>\d))?-)?[a-z]+(?:-(?P<new>\d+)(?:[.-](?P<minor>\d{1,2})(?!\d))?)?"
)


@dataclass(frozen=True, slots=True)
class ClaudeFamily:
    """A family of models.

    The defaults are the rules for a name that is not known: it is refused nothing that any family takes. `output` is
    the most `max_tokens`, `context` the tokens of a prompt. `prefill`: the last message may be the assistant's.
    `budgets`: thinking with `budget_tokens` is taken, `adaptive`: adaptive thinking is. `system_messages`: the list of
    messages may hold some of the role `system`.
    """

    context: int | None = None
    output: int | None = None
    prefill: bool = True
    budgets: bool = True
    adaptive: bool = True
    system_messages: bool = True


_UNKNOWN = ClaudeFamily()
_CONTEXT, _LONG_CONTEXT = 200_000, 1_000_000


@lru_cache(maxsize=256)
def claude_family(model: str) -> ClaudeFamily:
    """The family of a model, with or without a maker before its name."""
    name = model.rpartition("/")[2]
    found = _NAME.match(name)
    if found is None:
        return _UNKNOWN
    if found["old"] is not None:
        return _older(int(found["old"]), int(found["old_minor"] or 0))
    if found["new"] is None:
        return _UNKNOWN
    return _newer(name, (int(found["new"]), int(found["minor"] or 0)))


def _older(major: int, minor: int) -> ClaudeFamily:
    output = 128_000 if (major, minor) >= (3, 7) else 8_192 if (major, minor) >= (3, 5) else 4_096
    return ClaudeFamily(_CONTEXT, output, adaptive=False, system_messages=False)


def _newer(name: str, number: tuple[int, int]) -> ClaudeFamily:
    if number < (4, 6):
        output = 32_000 if "opus" in name and number < (4, 5) else 64_000
        return ClaudeFamily(_CONTEXT, output, adaptive=False, system_messages=False)
    return ClaudeFamily(
        _LONG_CONTEXT,
        128_000,
        prefill=False,
        budgets=number < (4, 7),
        system_messages=number >= (4, 8),
    )
