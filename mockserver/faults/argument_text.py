"""Edits of the JSON text of arguments: single values, and truncation inside a value."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from mockserver.chat import Reply, ToolCall
from mockserver.faults.argument_values import on_any_call, values_of
from mockserver.faults.call_history import leaves
from mockserver.faults.fault import Apply, Context, DoesNotApply
from mockserver.faults.locations import Path, put_at

TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
"""A text of JSON, its quotes included."""


def is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def bare(text: str, pattern: str, change: Callable[[re.Match[str]], str]) -> str:
    """Change what matches outside of texts."""
    return re.sub(
        rf'"(?:[^"\\]|\\.)*"|{pattern}', lambda match: match[0] if match[0][0] == '"' else change(match), text
    )


def with_member(text: str, name: str, written: str) -> str:
    """The object with one more member at its end."""
    body = text.rstrip()[:-1].rstrip()
    return f'{body}{"" if body.endswith("{") else ", "}"{name}": {written}}}'


def one_value(text: str, chance: Random, written: str, paths: Sequence[Path] = ()) -> str:
    """One plain value written in another way, at one of these paths if there are any; a new member if there is none."""
    values = json.loads(text)
    known = list(paths) or [path for path, _ in leaves(values)]
    if not known:
        return with_member(text, "value", written)
    path = chance.choice(known)
    place = "\u0000value\u0000"
    marked = json.dumps(put_at(values, path, place), ensure_ascii=False)
    return marked.replace(json.dumps(place), written)


def within_a_text(text: str, chance: Random, inserted: str) -> str:
    """Something put into the middle of a text that is a value; one more member where there is none."""
    values = [match for match in TEXT.finditer(text) if not text[match.end() :].lstrip().startswith(":")]
    if not values:
        return with_member(text, "note", f'"a{inserted}b"')
    match = chance.choice(values)
    middle = match.start() + 1 + (len(match[0]) - 2) // 2
    while text[middle - 1] == "\\":
        middle -= 1
    return text[:middle] + inserted + text[middle:]


def plainly(value: Any) -> str:
    """A value as it is read: texts without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def varied(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, str):
        return next(other for other in ("Rome", "Oslo", "another") if other != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return None if value is not None else "other"


def on_text(change: Callable[[str, Context], str]) -> Apply:
    """For a fault of the text of one call's arguments; one that leaves the text as it is does not apply."""

    def changed(call: ToolCall, context: Context) -> ToolCall:
        if values_of(call) is None:
            raise DoesNotApply(f"the arguments of {call.name} are not a JSON object already")
        text = change(call.arguments, context)
        if text == call.arguments:
            raise DoesNotApply(
                f"the arguments of {call.name} hold nothing that could be written so: {call.arguments:.60}"
            )
        return replace(call, arguments=text)

    return on_any_call(changed)


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
