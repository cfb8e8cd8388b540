"""The text of a question about a call: every argument, cut to the size of the terminal, with what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from clientkit.confirm import Question
from clientkit.display import as_json, columns, fit_columns, mark_lookalikes, printable

_RESET = "\x1b[0m\r"  # whatever colour or concealment earlier output left behind
_OWN_LINES = 12
"""Lines of a question that are not arguments: heading, notes, the call in short, the prompt."""
_LINES_OF_A_VALUE = 3
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What a question shows: `arguments` as they will be bound, `defaults` the names of those left out by the model."""

    name: str
    arguments: Mapping[str, Any]
    defaults: frozenset[str] = frozenset()
    place: str = ""
    repaired: bool = False
    ran_before: int = 0
    may_have_been_done: bool = False

    @classmethod
    def of(cls, question: Question) -> QuestionText:
        """The text of a question that a conversation asks."""
        tool, several = question.tool, len(question.batch) > 1
        number = [each.id for each in question.batch].index(question.id) + 1 if several else 1
        bound = question.bound
        return cls(
            name=tool.original_name or question.name,
            arguments=bound,
            defaults=frozenset(bound.keys() - question.arguments.keys()),
            place=f" ({number} of {len(question.batch)})" if several else "",
            repaired=question.repaired,
            ran_before=sum(record.outcome != "unknown" for record in question.earlier),
            may_have_been_done=question.may_have_been_done,
        )

    def short(self, word: str, width: int = 80, height: int = 24) -> str:
        """The question with values cut so that all of it stays on the screen; `word` is what to type for a yes."""
        lines = [
            f"The model wants to run {mark_lookalikes(self.name)}{self.place}"
            + ("" if self.arguments else ", no arguments")
        ]
        lines += self._cut_arguments(width, max(height - _OWN_LINES, 1))
        lines += self._notes()
        lines.append(self._call(width * 2 - 1))
        choices = f'Type {word} to run it ("{word} always": the same call too from now on). Anything else is a no; '
        choices += '"none": also to the calls after it; "no REASON"; "show": see all.'
        return _RESET + "\n" + "\n".join([*_wrapped(lines, width), *wrap(choices, width)]) + "\n> "

    def full(self, width: int = 80) -> str:
        """Every argument without a cut."""
        lines = [f"{_INDENT}{_key(name)}: {mark_lookalikes(as_json(value))}" for name, value in self.arguments.items()]
        return "\n".join(_wrapped(lines or ["no arguments"], width))

    def _cut_arguments(self, width: int, rows: int) -> Iterator[str]:
        each = 1 if len(self.arguments) * _LINES_OF_A_VALUE > rows else _LINES_OF_A_VALUE
        shown = list(self.arguments.items())
        if len(shown) > rows:
            shown = shown[: rows - 1]
        for name, value in shown:
            default = " (default)" if name in self.defaults else ""
            yield _cut(f"{_INDENT}{_key(name)}: ", mark_lookalikes(as_json(value)) + default, width * each)
        if len(shown) < len(self.arguments):
            yield f'{_INDENT}… and {len(self.arguments) - len(shown)} more arguments: type "show"'

    def _notes(self) -> Iterator[str]:
        if self.repaired:
            yield "! The model wrote broken JSON; this is what it is taken to mean."
        if self.may_have_been_done:
            yield "! It may have been done already: such a call began before and its end was not seen."
        if self.ran_before:
            yield f"! The same call ran before in this conversation ({self.ran_before} times)."
        texts = [self.name, *(as_json(value) for value in self.arguments.values())]
        if any(mark_lookalikes(text) != text for text in texts):
            yield r"! It holds invisible or look-alike letters, written here as \u…."

    def _call(self, width: int) -> str:
        short = [
            f"{_key(name)}={text}"
            for name, value in self.arguments.items()
            if name not in self.defaults and columns(text := mark_lookalikes(as_json(value))) <= _SHORT
        ]
        more = ", …" if len(short) < len(self.arguments) - len(self.defaults) else ""
        return fit_columns(f"Run {mark_lookalikes(self.name)}({', '.join(short)}{more})?", width)


_SHORT = 40


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else mark_lookalikes(as_json(name))


def _cut(label: str, text: str, room: int) -> str:
    """The text if there is room for it, else its beginning and its end."""
    room -= columns(label)
    if columns(text) <= room:
        return label + text
    note = f' … [{len(text)} characters, "show" prints all] … '
    left = max(room - columns(note), 20)
    end = left // 4
    return label + fit_columns(text, left - end + 1)[:-1] + note + text[-end:]


def _wrapped(lines: list[str], width: int) -> Iterator[str]:
    for line in lines:
        rest = printable(line)
        while columns(rest) > width:
            piece = fit_columns(rest, width + 1)[:-1]
            yield piece
            rest = rest[len(piece) :]
        yield rest
